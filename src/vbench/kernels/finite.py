"""Whether all numbers of an array are finite, without an array of answers.

A float is NaN or infinite when all bits of its exponent are set, which are the bits of infinity.
Source: IEEE 754, binary interchange formats.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from numba import njit

from vbench.types.arrays import Bool

Bits: TypeAlias = npt.NDArray[np.uint16] | npt.NDArray[np.uint32] | npt.NDArray[np.uint64]

_INFINITY: dict[np.dtype[np.generic], np.uint16 | np.uint32 | np.uint64] = {
    np.dtype(np.float16): np.uint16(0x7C00),
    np.dtype(np.float32): np.uint32(0x7F80_0000),
    np.dtype(np.float64): np.uint64(0x7FF0_0000_0000_0000),
}


def all_finite(values: npt.NDArray[np.generic]) -> bool:
    """Whether an array of any shape holds neither NaN nor infinity; whole numbers are finite.

    Args:
        values: read in place where it is C-contiguous and of a dtype above.
    """
    infinity = _INFINITY.get(values.dtype)
    if infinity is None or not values.flags.c_contiguous:
        finite: Bool = np.isfinite(values)
        return bool(finite.all())
    return bool(bits_finite(values.reshape(-1).view(infinity.dtype), infinity))


@njit(cache=True, nogil=True)
def bits_finite(bits: Bits, infinity: np.uint16 | np.uint32 | np.uint64) -> bool:
    """Kernel of `all_finite`: whether none of (N,) bits of floats has all those of infinity."""
    found = False
    for k in range(bits.shape[0]):
        # No way out in the middle, so that it becomes vector instructions.
        found |= (bits[k] & infinity) == infinity
    return not found
