"""YOLOv10, YOLO26 and other YOLO models that end in finished boxes.

Source of the layout: the ONNX exports of YOLOv10 (Wang et al., arXiv:2405.14458;
github.com/THU-MIG/yolov10) and of Ultralytics' end-to-end models and `nms=True` exports
(docs.ultralytics.com): one row per detection; corners in input pixels, score, class number.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.config.output_entries import YoloEnd2EndOutput
from vbench.engines.protocol import Tensor, TensorInfo
from vbench.pipeline.adapters.adapter import (
    NONE_CHECKED,
    Candidates,
    ModelFacts,
    Shape,
    class_indices,
    fits,
    misfit,
    only_output,
)


class YoloEnd2EndAdapter:
    """[1, N, 6] -> candidates: x1, y1, x2, y2, score, class."""

    finite_checked = NONE_CHECKED

    def __init__(self, _entry: YoloEnd2EndOutput, facts: ModelFacts) -> None:
        """Remember the class list."""
        self._facts = facts

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        """Raise ModelError unless the one output can be [1, N, 6]."""
        self._check_shape(only_output(outputs, "yolo_end2end", self._facts.place).shape)

    def decode(self, outputs: Sequence[Tensor], floor: float) -> Candidates:
        """Candidates with a score of at least `floor`, in the model's order."""
        self._check_shape(outputs[0].shape)
        rows = np.asarray(outputs[0][0], np.float32)
        rows = rows[rows[:, 4] >= floor]
        return Candidates(rows[:, :4], rows[:, 4], class_indices(rows[:, 5], self._facts.n_classes))

    def _check_shape(self, shape: Shape) -> None:
        if not fits(shape, 1, None, 6):
            raise misfit(shape, "yolo_end2end needs [1, N, 6]", self._facts.place)
