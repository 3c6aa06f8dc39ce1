"""YOLOX with raw grid output.

Source of the decoding: Ge et al., YOLOX (arXiv:2107.08430), and its published ONNX export: one row
per grid cell, strides in ascending order, cells row by row; columns are the centre relative to the
cell in strides, log size in strides, objectness and class scores (both already through sigmoid).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.config.output_entries import YoloxOutput
from vbench.engines.protocol import Tensor, TensorInfo
from vbench.kernels.filter_rows import strong_rows
from vbench.pipeline.adapters.adapter import (
    Candidates,
    ModelFacts,
    Shape,
    Size,
    differs,
    misfit,
    not_finite,
    only_output,
    xyxy_from_cxcywh,
)
from vbench.pipeline.adapters.grid import grid_cells
from vbench.pipeline.adapters.yolo_v5 import check_row_shape


class YoloxAdapter:
    """[1, N, 5 + C] -> candidates; a cell gives one candidate, of its best class.

    Score = objectness times the best class score.
    """

    finite_checked = frozenset({0})

    def __init__(self, entry: YoloxOutput, facts: ModelFacts) -> None:
        """Remember the strides."""
        self._facts = facts
        self._output_name = ""
        self._strides = tuple(entry.strides)

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        """Raise ModelError unless the one output can be [1, N, 5 + C]."""
        output = only_output(outputs, "yolox", self._facts.place)
        self._output_name = output.name
        self._check_shape(output.shape, self._facts.input_size)

    def decode(self, outputs: Sequence[Tensor], floor: float) -> Candidates:
        """Candidates with a score of at least `floor`, in grid order."""
        size = self._facts.input_size
        self._check_shape(outputs[0].shape, size)
        table = np.ascontiguousarray(outputs[0][0], np.float32)
        rows, scores, class_index, finite = strong_rows(table, np.float32(floor))
        if not finite:
            raise not_finite(self._output_name)
        picked, cells = table[rows, :4], grid_cells(self._strides, size)[rows]
        stride = cells[:, 2]
        boxes_xyxy = xyxy_from_cxcywh(
            (picked[:, 0] + cells[:, 0]) * stride,
            (picked[:, 1] + cells[:, 1]) * stride,
            np.exp(picked[:, 2]) * stride,
            np.exp(picked[:, 3]) * stride,
        )
        return Candidates(boxes_xyxy, scores, class_index)

    def _check_shape(self, shape: Shape, size: Size) -> None:
        check_row_shape(shape, "yolox", self._facts)
        n_cells = len(grid_cells(self._strides, size))
        if differs(shape[1], n_cells):
            raise misfit(
                shape,
                f"yolox at {size[0]}x{size[1]} with strides {list(self._strides)} has "
                f"{n_cells} rows",
                self._facts.place,
                "check `input.size` and `output.strides`",
            )
