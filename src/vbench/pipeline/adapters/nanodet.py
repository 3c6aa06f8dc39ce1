"""NanoDet and NanoDet-Plus: class scores and a distribution of distances for each side of a box.

Sources: Li et al., Generalized Focal Loss (arXiv:2006.04388): a distance is the expectation of a
softmax over 0..reg_max, in strides; NanoDet-Plus's ONNX export (github.com/RangiLyu/nanodet,
tools/export_onnx.py): [1, N, C + 4 (reg_max + 1)], class scores through sigmoid, sides left, top,
right, bottom, cells of strides 8, 16, 32 and 64 row by row with their centre in the corner. The
first NanoDet gives two tensors per stride and centres in the middle of the cell.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.config.output_entries import NanodetOutput
from vbench.engines.protocol import Tensor, TensorInfo
from vbench.errors import ModelError
from vbench.kernels.filter_rows import strong_classes
from vbench.pipeline.adapters.adapter import (
    NONE_CHECKED,
    Candidates,
    ModelFacts,
    Shape,
    Size,
    differs,
    fits,
    misfit,
    not_finite,
)
from vbench.pipeline.adapters.grid import grid_cells
from vbench.pipeline.adapters.scores import softmax
from vbench.types.arrays import F32


class NanodetAdapter:
    """One table of all strides, or a pair of tables per stride; a cell gives its best class."""

    def __init__(self, entry: NanodetOutput, facts: ModelFacts) -> None:
        """Remember the strides and the columns."""
        self._facts = facts
        self._strides = tuple(entry.strides)
        self._n_bins = entry.reg_max + 1
        self._middle = entry.centers == "middle"
        self._output_names: tuple[str, ...] = ()

    @property
    def finite_checked(self) -> frozenset[int]:
        """The table, where there is one; of several, each has its own name to be told."""
        return frozenset({0}) if len(self._output_names) == 1 else NONE_CHECKED

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        """Raise ModelError unless the outputs can be one table, or a pair per stride."""
        self._output_names = tuple(item.name for item in outputs)
        if len(outputs) == 1:
            self._check_table(outputs[0].shape, self._facts.input_size)
        elif len(outputs) != 2 * len(self._strides):
            found = "; ".join(item.text() for item in outputs)
            raise ModelError(
                f"the model has {len(outputs)} outputs ({found}); nanodet with strides "
                f"{list(self._strides)} has one, or {2 * len(self._strides)}",
                where=self._facts.place,
                hint="check `output.strides`",
            )
        elif all(None not in item.shape for item in outputs):
            self._pairs([item.shape for item in outputs], self._facts.input_size)

    def decode(self, outputs: Sequence[Tensor], floor: float) -> Candidates:
        """Candidates with a score of at least `floor`, in grid order."""
        size = self._facts.input_size
        table = self._table(outputs, size)
        n_classes = self._facts.n_classes
        rows, scores, class_index, finite = strong_classes(table, n_classes, np.float32(floor))
        if not finite:
            raise not_finite(", ".join(self._output_names))
        cells = grid_cells(self._strides, size, partial=True)[rows]
        sides = table[rows, n_classes:].reshape(len(rows), 4, self._n_bins)
        stride = cells[:, 2:]
        distances = (softmax(sides) @ np.arange(self._n_bins, dtype=np.float32)) * stride
        centers = cells[:, :2] * stride
        if self._middle:
            centers = centers + (stride - np.float32(1)) / np.float32(2)
        boxes_xyxy = np.concatenate([centers - distances[:, :2], centers + distances[:, 2:]], 1)
        return Candidates(boxes_xyxy, scores, class_index)

    def _table(self, outputs: Sequence[Tensor], size: Size) -> F32:
        """(N, C + 4 bins) of all strides."""
        if len(outputs) == 1:
            self._check_table(outputs[0].shape, size)
            return np.ascontiguousarray(outputs[0][0], np.float32)
        levels = [
            np.concatenate([outputs[scores][0], outputs[sides][0]], axis=1)
            for scores, sides in self._pairs([item.shape for item in outputs], size)
        ]
        return np.concatenate(levels).astype(np.float32)

    def _check_table(self, shape: Shape, size: Size) -> None:
        n_columns = self._facts.n_classes + 4 * self._n_bins
        n_cells = len(grid_cells(self._strides, size, partial=True))
        if not fits(shape, 1, None, n_columns):
            raise misfit(
                shape,
                f"nanodet with {self._facts.n_classes} classes and reg_max {self._n_bins - 1} "
                f"needs [1, {n_cells}, {n_columns}]",
                self._facts.place,
                "do `classes` list the model's own classes, all of them? check `reg_max`",
            )
        if differs(shape[1], n_cells):
            raise misfit(
                shape,
                f"nanodet at {size[0]}x{size[1]} with strides {list(self._strides)} has "
                f"{n_cells} rows",
                self._facts.place,
                "check `input.size` and `output.strides`",
            )

    def _pairs(self, shapes: Sequence[Shape], size: Size) -> list[tuple[int, int]]:
        """Positions of scores and sides of each stride, told by their shapes."""
        pairs = []
        for stride in self._strides:
            n_cells = len(grid_cells((stride,), size, partial=True))
            wanted = [(1, n_cells, self._facts.n_classes), (1, n_cells, 4 * self._n_bins)]
            places = [[k for k, shape in enumerate(shapes) if shape == form] for form in wanted]
            if any(len(place) != 1 for place in places) or places[0] == places[1]:
                raise ModelError(
                    f"nanodet at {size[0]}x{size[1]} needs one output {list(wanted[0])} and one "
                    f"{list(wanted[1])} for stride {stride}; the model gives "
                    f"{', '.join(str(list(shape)) for shape in shapes)}",
                    where=self._facts.place,
                    hint="check `input.size`, `classes`, `output.strides` and `output.reg_max`",
                )
            pairs.append((places[0][0], places[1][0]))
        return pairs
