"""From a dense table of centre boxes and class scores to the few candidates above a score floor.

Nearly all columns are far below the floor, and every score must be read to know it. So the highest
score is taken first, which goes at the speed of memory; which class has it, and where the box is,
is looked up for the columns that are left.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from vbench.types.arrays import F32, I64

_CHUNK = 256
"""Columns scanned at once: their running best stays in the processor's first cache."""


@njit(cache=True, nogil=True)
def strong_columns(table: F32, floor: np.float32) -> tuple[F32, F32, I64]:
    """Boxes, scores and classes of the columns whose best class score is at least `floor`.

    Args:
        table: (4 + C, N) float32, C-contiguous, finite, C at least 1: centre x, centre y, width
            and height, then one score per class.
        floor: float32 like the scores, so that a score equal to it counts.

    Returns:
        (K, 4) float32 corner boxes in the table's unit, (K,) float32 scores and (K,) int64
        classes, in the order of the columns; of equal best classes the first.
    """
    n_rows, n_columns = table.shape
    boxes_xyxy = np.empty((n_columns, 4), np.float32)
    scores = np.empty(n_columns, np.float32)
    class_index = np.empty(n_columns, np.int64)
    best = np.empty(_CHUNK, np.float32)
    n_found = 0
    for start in range(0, n_columns, _CHUNK):
        width = min(_CHUNK, n_columns - start)
        best[:width] = table[4, start : start + width]
        for k in range(5, n_rows):
            row = table[k, start : start + width]
            for j in range(width):
                # A choice and not a branch, so that it becomes vector instructions.
                best[j] = row[j] if row[j] > best[j] else best[j]
        for j in range(width):
            if not best[j] >= floor:  # as NaN is neither, and would be searched for in vain
                continue
            column = start + j
            k = 4
            while table[k, column] != best[j]:
                k += 1
            half_w = table[2, column] / np.float32(2)
            half_h = table[3, column] / np.float32(2)
            boxes_xyxy[n_found, 0] = table[0, column] - half_w
            boxes_xyxy[n_found, 1] = table[1, column] - half_h
            boxes_xyxy[n_found, 2] = table[0, column] + half_w
            boxes_xyxy[n_found, 3] = table[1, column] + half_h
            scores[n_found] = best[j]
            class_index[n_found] = k - 4
            n_found += 1
    return boxes_xyxy[:n_found].copy(), scores[:n_found].copy(), class_index[:n_found].copy()
