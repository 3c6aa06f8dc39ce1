"""The cells that dense detectors answer for."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from vbench.pipeline.adapters.adapter import Size
from vbench.types.arrays import F32


@lru_cache(maxsize=32)
def grid_cells(strides: tuple[int, ...], input_size: Size, *, partial: bool = False) -> F32:
    """(N, 3) column and row of each cell, in strides, and its stride in px; read-only.

    Args:
        strides: in the order of the model's rows; the cells of each go row by row.
        input_size: (width, height) px of the input tensor.
        partial: whether a cell that the input's edge cuts counts.
    """
    levels = []
    for stride in strides:
        rest = stride - 1 if partial else 0
        n_columns, n_rows = (input_size[0] + rest) // stride, (input_size[1] + rest) // stride
        row, column = np.divmod(np.arange(n_rows * n_columns), max(n_columns, 1))
        levels.append(np.stack([column, row, np.full(len(row), stride)], axis=1))
    cells = np.concatenate(levels).astype(np.float32)
    cells.flags.writeable = False
    return cells
