"""Arrays as text, for `contract.Packed`."""

from __future__ import annotations

import base64
import zlib
from typing import Literal

import numpy as np

from vbench.report.page_data.contract import Packed
from vbench.types import I64, U8

_LEVEL = 4
_WINDOW_BITS, _MEMORY_LEVEL = 15, 9
_WHOLE: tuple[tuple[Literal["u1", "u2", "i2", "i4"], int, int], ...] = (
    ("u1", 0, 2**8 - 1),
    ("u2", 0, 2**16 - 1),
    ("i2", -(2**15), 2**15 - 1),
    ("i4", -(2**31), 2**31 - 1),
)


def packed(values: I64 | U8) -> Packed:
    """Whole numbers of any shape, row by row, in as few bytes each as hold the largest.

    Raises:
        ValueError: a number is beyond 32 bits.
    """
    low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
    for name, smallest, largest in _WHOLE:
        if smallest <= low and high <= largest:
            return _packed(values, name)
    raise ValueError(f"{high if high > 0 else low} does not fit into 32 bits")


def _packed(values: I64 | U8, name: Literal["u1", "u2", "i2", "i4"]) -> Packed:
    flat = np.ascontiguousarray(values, dtype=f"<{name}").ravel()
    planes = flat.view(np.uint8).reshape(-1, flat.itemsize).T
    # Meant for small numbers with little order: against the default a tenth smaller, and sooner.
    deflater = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_BITS, _MEMORY_LEVEL, zlib.Z_FILTERED)
    deflated = deflater.compress(planes.tobytes()) + deflater.flush()
    return {"t": name, "n": len(flat), "z": base64.b64encode(deflated).decode("ascii")}
