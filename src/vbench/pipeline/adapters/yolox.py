"""YOLOX with raw grid output.

Source of the decoding: Ge et al., YOLOX (arXiv:2107.08430), and its published ONNX export: one row
per grid cell, strides in ascending order, cells row by row; columns are the centre relative to the
cell in strides, log size in strides, objectness and class scores (both already through sigmoid).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.config.pipeline_file import YoloxOutput
from vbench.engines.protocol import Tensor, TensorInfo
from vbench.errors import ConfigError
from vbench.pipeline.adapters.adapter import (
    Candidates,
    ModelFacts,
    Shape,
    differs,
    only_output,
    shape_text,
    xyxy_from_cxcywh,
)
from vbench.types.arrays import F32

_N_BOX_COLUMNS = 5


class YoloxAdapter:
    """[1, N, 5 + C] -> candidates; a cell gives one candidate, of its best class.

    Score = objectness times the best class score.
    """

    def __init__(self, entry: YoloxOutput, facts: ModelFacts) -> None:
        """Lay out the grid cells of the input size."""
        self._facts = facts
        self._strides = entry.strides
        # (N, 3): column and row of each cell, in strides, and its stride in px.
        self._cells = _grid_cells(entry.strides, facts.input_size)

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        """Raise ConfigError unless the one output can be [1, N, 5 + C]."""
        self._check_shape(only_output(outputs, "yolox", self._facts.place).shape)

    def decode(self, outputs: Sequence[Tensor], floor: float) -> Candidates:
        """Candidates with a score of at least `floor`, in grid order."""
        self._check_shape(outputs[0].shape)
        rows = np.asarray(outputs[0][0], np.float32)
        # A class score is at most 1, so no cell below the floor in objectness can reach it.
        alive = np.flatnonzero(rows[:, 4] >= floor)
        picked = rows[alive]
        class_index = picked[:, _N_BOX_COLUMNS:].argmax(axis=1)
        scores = picked[:, 4] * picked[np.arange(len(alive)), _N_BOX_COLUMNS + class_index]
        strong = scores >= floor
        picked, cells = picked[strong], self._cells[alive[strong]]
        stride = cells[:, 2]
        boxes_xyxy = xyxy_from_cxcywh(
            (picked[:, 0] + cells[:, 0]) * stride,
            (picked[:, 1] + cells[:, 1]) * stride,
            np.exp(picked[:, 2]) * stride,
            np.exp(picked[:, 3]) * stride,
        )
        return Candidates(boxes_xyxy, scores[strong], class_index[strong])

    def _check_shape(self, shape: Shape) -> None:
        n_columns = _N_BOX_COLUMNS + self._facts.n_classes
        found = f"the model's output is {shape_text(shape)}"
        if len(shape) != 3 or differs(shape[0], 1):
            raise ConfigError(
                f"{found}; yolox needs [1, N, {n_columns}]",
                where=self._facts.place,
                hint="name the adapter that fits the model, and as many classes as it has",
            )
        if differs(shape[2], n_columns):
            raise ConfigError(
                f"{found}; yolox with {self._facts.n_classes} classes needs {n_columns} columns",
                where=self._facts.place,
                hint="do `classes` list the model's own classes, all of them?",
            )
        if differs(shape[1], len(self._cells)):
            width, height = self._facts.input_size
            raise ConfigError(
                f"{found}; yolox at {width}x{height} with strides {self._strides} has "
                f"{len(self._cells)} rows",
                where=self._facts.place,
                hint="check `input.size` and `output.strides`",
            )


def _grid_cells(strides: Sequence[int], input_size: tuple[int, int]) -> F32:
    levels = []
    for stride in strides:
        n_columns, n_rows = input_size[0] // stride, input_size[1] // stride
        row, column = np.divmod(np.arange(n_rows * n_columns), max(n_columns, 1))
        levels.append(np.stack([column, row, np.full(len(row), stride)], axis=1))
    return np.concatenate(levels).astype(np.float32)
