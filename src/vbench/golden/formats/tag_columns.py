"""Per-box tags from records to columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from vbench.types import BoxTag


def tag_text(value: bool | int | float | str) -> str:
    """A tag value as text, as golden.yaml has it: ``true``, ``3``, ``rain``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def tag_columns(records: Sequence[Mapping[str, str]]) -> tuple[BoxTag, ...]:
    """One column per key, keys in order of first appearance, empty where a box lacks the tag."""
    keys = dict.fromkeys(key for record in records for key in record)
    return tuple(
        BoxTag(key, np.array([record.get(key, "") for record in records], np.str_)) for key in keys
    )
