"""From dense tables with one row per anchor to the few above a floor, and whether all is finite.

Every value must be read to know whether it is finite. So a table is read once, in blocks that stay
in the processor's cache: first whether the block is finite, then which of its rows count.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from numba import njit

from vbench.types.arrays import F32, I64

U32: TypeAlias = npt.NDArray[np.uint32]

_BLOCK = 1024
"""Values read at once."""

_INFINITY_BITS = np.uint32(0x7F80_0000)


@njit(cache=True, nogil=True)
def strong_rows(table: F32, floor: np.float32) -> tuple[I64, F32, I64, bool]:
    """Rows whose objectness times their best class score is at least `floor`.

    Args:
        table: (N, 5 + C) float32, C-contiguous, C at least 1: four box values, objectness, then one
            score per class; scores and objectness in 0..1.
        floor: float32 like the scores, so that a score equal to it counts.

    Returns:
        (K,) int64 rows, ascending, (K,) float32 scores and (K,) int64 classes; of equal best
        classes the first. Then whether the whole table is finite; K is 0 where it is not.
    """
    n_rows, n_columns = table.shape
    bits = table.view(np.uint32)
    rows = np.empty(n_rows, np.int64)
    scores = np.empty(n_rows, np.float32)
    class_index = np.empty(n_rows, np.int64)
    n_found = 0
    finite = True
    step = max(_BLOCK // n_columns, 1)
    for start in range(0, n_rows, step):
        stop = min(start + step, n_rows)
        finite &= _all_finite(table[start:stop].reshape(-1))
        if not finite:
            n_found = 0
            break
        for row in range(start, stop):
            # A class score is at most 1, so no row below the floor in objectness can reach it.
            if not table[row, 4] >= floor:
                continue
            best = _highest(bits[row, 5:], table[row, 5:])
            score = table[row, 4] * best
            if not score >= floor:
                continue
            k = 5
            while table[row, k] != best:
                k += 1
            rows[n_found] = row
            scores[n_found] = score
            class_index[n_found] = k - 5
            n_found += 1
    return rows[:n_found].copy(), scores[:n_found].copy(), class_index[:n_found].copy(), finite


@njit(cache=True, nogil=True)
def _highest(bits: U32, values: F32) -> np.float32:
    """Highest of (N,) finite values.

    Bits of floats that are not negative are ordered like the floats, and those of negative ones lie
    above. They are compared as no NaN is among whole numbers: by vector instructions.
    """
    highest = np.uint32(0)
    for k in range(bits.shape[0]):
        highest = bits[k] if bits[k] > highest else highest
    if highest > _INFINITY_BITS:
        best: np.float32 = values.max()
        return best
    of_no_sign = np.uint32(highest)
    return of_no_sign.view(np.float32)


@njit(cache=True, nogil=True)
def strong_classes(table: F32, n_classes: int, floor: np.float32) -> tuple[I64, F32, I64, bool]:
    """Rows whose best class score is at least `floor`.

    Args:
        table: (N, M) float32, C-contiguous: the class scores first, M at least `n_classes`.
        n_classes: how many these are, at least 1.
        floor: float32 like the scores, so that a score equal to it counts.

    Returns:
        As `strong_rows`.
    """
    n_rows, n_columns = table.shape
    bits = table.view(np.uint32)
    rows = np.empty(n_rows, np.int64)
    scores = np.empty(n_rows, np.float32)
    class_index = np.empty(n_rows, np.int64)
    n_found = 0
    finite = True
    step = max(_BLOCK // n_columns, 1)
    for start in range(0, n_rows, step):
        stop = min(start + step, n_rows)
        finite &= _all_finite(table[start:stop].reshape(-1))
        if not finite:
            n_found = 0
            break
        for row in range(start, stop):
            best = _highest(bits[row, :n_classes], table[row, :n_classes])
            if not best >= floor:
                continue
            k = 0
            while table[row, k] != best:
                k += 1
            rows[n_found] = row
            scores[n_found] = best
            class_index[n_found] = k
            n_found += 1
    return rows[:n_found].copy(), scores[:n_found].copy(), class_index[:n_found].copy(), finite


@njit(cache=True, nogil=True)
def strong_values(values: F32, floor: np.float32) -> tuple[I64, bool]:
    """Where the values of at least `floor` are.

    Args:
        values: (N,) float32, C-contiguous.
        floor: float32 like the values; may be infinite.

    Returns:
        (K,) int64 positions, ascending, and whether all values are finite; K is 0 where not.
    """
    found = np.empty(_BLOCK, np.int64)
    n_found = 0
    finite = True
    for start in range(0, values.shape[0], _BLOCK):
        block = values[start : start + _BLOCK]
        finite &= _all_finite(block)
        any_strong = False
        for k in range(block.shape[0]):
            any_strong |= block[k] >= floor
        if not (any_strong and finite):
            continue
        if n_found + block.shape[0] > found.shape[0]:
            more = np.empty(2 * found.shape[0] + _BLOCK, np.int64)
            more[:n_found] = found[:n_found]
            found = more
        for k in range(block.shape[0]):
            if block[k] >= floor:
                found[n_found] = start + k
                n_found += 1
    return found[: n_found if finite else 0].copy(), finite


@njit(cache=True, nogil=True)
def _all_finite(values: F32) -> bool:
    """Whether none of (N,) values is NaN or infinite."""
    found = False
    bits = values.view(np.uint32)
    for k in range(bits.shape[0]):
        found |= (bits[k] & _INFINITY_BITS) == _INFINITY_BITS
    return not found
