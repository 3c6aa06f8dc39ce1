"""Which cells of maps are peaks."""

from __future__ import annotations

import numpy as np
from numba import njit

from vbench.types.arrays import F32, I64, Bool


@njit(cache=True, nogil=True)
def are_peaks(maps: F32, positions: I64) -> Bool:
    """Which cells no other of the 3 x 3 around them exceeds; past the edge there is nothing.

    Args:
        maps: (C, h, w) float32, finite; each is looked at on its own.
        positions: (N,) int64 cells, counted through all maps row by row.

    Returns:
        (N,) bool.
    """
    _, n_rows, n_columns = maps.shape
    peaks = np.empty(positions.shape[0], np.bool_)
    for k in range(positions.shape[0]):
        one, cell = divmod(positions[k], n_rows * n_columns)
        row, column = divmod(cell, n_columns)
        value = maps[one, row, column]
        peak = True
        for i in range(max(row - 1, 0), min(row + 2, n_rows)):
            for j in range(max(column - 1, 0), min(column + 2, n_columns)):
                peak &= value >= maps[one, i, j]
        peaks[k] = peak
    return peaks
