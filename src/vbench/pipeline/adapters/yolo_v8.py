"""YOLOv8, v9, v11, v12 and models with the same head: centre boxes and one score per class.

Source of the layout: the ONNX export of Ultralytics YOLOv8 (docs.ultralytics.com): four box rows
(centre x, centre y, width, height in input pixels), then one row per class, through sigmoid.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.config.output_entries import YoloV8Output
from vbench.engines.protocol import Tensor, TensorInfo
from vbench.kernels.filter_classes import strong_columns
from vbench.pipeline.adapters.adapter import (
    Candidates,
    ModelFacts,
    Shape,
    differs,
    fits,
    misfit,
    not_finite,
    only_output,
)

_N_BOX_ROWS = 4


class YoloV8Adapter:
    """[1, 4 + C, N] -> candidates; an anchor gives one candidate, of its best class."""

    finite_checked = frozenset({0})

    def __init__(self, _entry: YoloV8Output, facts: ModelFacts) -> None:
        """Remember what the output must look like."""
        self._facts = facts
        self._output_name = ""
        self._fitting: Shape = ()

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        """Raise ModelError unless the one output can be [1, 4 + C, N]."""
        output = only_output(outputs, "yolo_v8", self._facts.place)
        self._output_name = output.name
        self._check_shape(output.shape)

    def decode(self, outputs: Sequence[Tensor], floor: float) -> Candidates:
        """Candidates with a score of at least `floor`, in anchor order."""
        output = outputs[0]
        if output.shape != self._fitting:
            self._check_shape(output.shape)
            self._fitting = output.shape
        table = np.ascontiguousarray(output[0], np.float32)
        boxes_xyxy, scores, class_index, finite = strong_columns(table, np.float32(floor))
        if not finite:
            raise not_finite(self._output_name)
        return Candidates(boxes_xyxy, scores, class_index)

    def _check_shape(self, shape: Shape) -> None:
        n_rows = _N_BOX_ROWS + self._facts.n_classes
        place = self._facts.place
        if not fits(shape, 1, None, None):
            raise misfit(shape, f"yolo_v8 needs [1, {n_rows}, N]", place)
        if differs(shape[1], n_rows):
            hint = "do `classes` list the model's own classes, all of them?"
            if shape[2] == n_rows:
                hint = "rows and columns are swapped: this is not a yolo_v8 export"
            needs = f"yolo_v8 with {self._facts.n_classes} classes needs [1, {n_rows}, N]"
            raise misfit(shape, needs, place, hint)
