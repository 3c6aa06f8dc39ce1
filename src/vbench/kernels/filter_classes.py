"""From a dense table of centre boxes and class scores to the few candidates above a score floor.

Nearly all columns are far below the floor, and every value must be read to know it. So the table is
read once, at the speed of memory, for the highest score of each column and for whether everything
is finite; which class has the score, and where the box is, is looked up for the columns left.

Both come from one instruction, as bits of floats that are not negative are ordered like the floats,
with infinity and NaN above all of them, and negative floats above these. So the highest bits are
those of the highest score, or tell that there is something else. Source: IEEE 754, binary formats.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from numba import njit

from vbench.types.arrays import F32, I64

U32: TypeAlias = npt.NDArray[np.uint32]

_N_BOX_ROWS = 4
_GROUP = 4
"""Rows read side by side: fewer trips to the running best, and few places to look at later."""

_INFINITY_BITS = np.uint32(0x7F80_0000)


@njit(cache=True, nogil=True)
def strong_columns(table: F32, floor: np.float32) -> tuple[F32, F32, I64, bool]:
    """Boxes, scores and classes of the columns whose best class score is at least `floor`.

    Args:
        table: (4 + C, N) float32, C-contiguous, C at least 1: centre x, centre y, width and height,
            then one score per class.
        floor: float32 like the scores, so that a score equal to it counts.

    Returns:
        (K, 4) float32 corner boxes in the table's unit, (K,) float32 scores and (K,) int64
        classes, in the order of the columns; of equal best classes the first. Then whether the
        whole table is finite; K is 0 where it is not.
    """
    best, group = _highest(table.view(np.uint32))
    finite = _all_finite(table[:_N_BOX_ROWS])
    if best.size and best.max() >= _INFINITY_BITS:
        finite &= _all_finite(table[_N_BOX_ROWS:])
        best, group = _highest_with_signs(table)
    highest = best.view(np.float32)
    columns = np.empty(best.shape[0], np.int32)
    n_found = 0
    if finite:
        for j in range(best.shape[0]):
            columns[n_found] = j
            n_found += highest[j] >= floor
    boxes_xyxy = np.empty((n_found, 4), np.float32)
    scores = np.empty(n_found, np.float32)
    class_index = np.empty(n_found, np.int64)
    for k in range(n_found):
        column = columns[k]
        half_w = table[2, column] / np.float32(2)
        half_h = table[3, column] / np.float32(2)
        boxes_xyxy[k, 0] = table[0, column] - half_w
        boxes_xyxy[k, 1] = table[1, column] - half_h
        boxes_xyxy[k, 2] = table[0, column] + half_w
        boxes_xyxy[k, 3] = table[1, column] + half_h
        scores[k] = highest[column]
        row = group[column]
        while table[row, column] != highest[column]:
            row += np.uint32(1)
        class_index[k] = row - _N_BOX_ROWS
    return boxes_xyxy, scores, class_index, finite


@njit(cache=True, nogil=True)
def _highest(bits: U32) -> tuple[U32, U32]:
    """(N,) highest of each column's class rows, and at or after which row it first is."""
    n_rows, n_columns = bits.shape
    best = np.zeros(n_columns, np.uint32)
    group = np.full(n_columns, _N_BOX_ROWS, np.uint32)
    for first in range(_N_BOX_ROWS, n_rows, _GROUP):
        row_a, row_b = bits[first], bits[min(first + 1, n_rows - 1)]
        row_c, row_d = bits[min(first + 2, n_rows - 1)], bits[min(first + 3, n_rows - 1)]
        here = np.uint32(first)
        for j in range(n_columns):
            # Choices and not branches, so that they become vector instructions.
            ab = row_a[j] if row_a[j] > row_b[j] else row_b[j]
            cd = row_c[j] if row_c[j] > row_d[j] else row_d[j]
            abcd = ab if ab > cd else cd
            group[j] = here if abcd > best[j] else group[j]
            best[j] = abcd if abcd > best[j] else best[j]
    return best, group


@njit(cache=True, nogil=True)
def _highest_with_signs(table: F32) -> tuple[U32, U32]:
    """As `_highest`, but by the numbers themselves: some are negative."""
    best = table[_N_BOX_ROWS].copy()
    for k in range(_N_BOX_ROWS + 1, table.shape[0]):
        row = table[k]
        for j in range(best.shape[0]):
            best[j] = row[j] if row[j] > best[j] else best[j]
    return best.view(np.uint32), np.full(best.shape[0], _N_BOX_ROWS, np.uint32)


@njit(cache=True, nogil=True)
def _all_finite(rows: F32) -> bool:
    """Whether no number is NaN or infinite."""
    found = False
    bits = rows.view(np.uint32)
    for k in range(rows.shape[0]):
        row = bits[k]
        for j in range(row.shape[0]):
            found |= (row[j] & _INFINITY_BITS) == _INFINITY_BITS
    return not found
