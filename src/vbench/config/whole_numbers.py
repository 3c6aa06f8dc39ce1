"""Whole numbers from files whose numbers are read as floats."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vbench.errors import TruthError
from vbench.types import F64, I64

LARGEST_WHOLE = 2.0**53
"""Above it a float no longer tells neighbouring whole numbers apart."""


def is_whole(value: float) -> bool:
    """Whether a finite float stands for exactly one integer."""
    return value == int(value) and abs(value) <= LARGEST_WHOLE


def whole_numbers(values: F64, name: str, place: Callable[[int], str]) -> I64:
    """Finite floats as integers.

    Args:
        values: (N,) finite.
        name: what the numbers are, for the message.
        place: ``file:line`` of a row.

    Raises:
        TruthError: at the first that is not whole.
    """
    wrong = np.flatnonzero((values != np.floor(values)) | (np.abs(values) > LARGEST_WHOLE))
    if len(wrong):
        row = int(wrong[0])
        raise TruthError(
            f"{name} {values[row]:.17g} is not a whole number",
            where=place(row),
            hint="write a whole number; are the columns in the right order?",
        )
    return values.astype(np.int64)
