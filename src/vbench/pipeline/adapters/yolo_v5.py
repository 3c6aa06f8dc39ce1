"""YOLOv5, YOLOv7, and other models of decoded centre boxes with an objectness.

Source of the layout: the ONNX exports of Ultralytics YOLOv5 (github.com/ultralytics/yolov5,
export.py) and of YOLOv7 without its NMS (github.com/WongKinYiu/yolov7): one row per anchor;
centre x, centre y, width and height in input pixels, objectness, class scores, all through sigmoid.
YOLOX exported with `--decode_in_inference` has the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.config.output_entries import YoloV5Output
from vbench.engines.protocol import Tensor, TensorInfo
from vbench.kernels.filter_rows import strong_rows
from vbench.pipeline.adapters.adapter import (
    Candidates,
    ModelFacts,
    Shape,
    differs,
    fits,
    misfit,
    not_finite,
    only_output,
    xyxy_from_cxcywh,
)

N_BOX_COLUMNS = 5
"""Box and objectness."""


class YoloV5Adapter:
    """[1, N, 5 + C] -> candidates; an anchor gives one candidate, of its best class.

    Score = objectness times the best class score.
    """

    finite_checked = frozenset({0})

    def __init__(self, _entry: YoloV5Output, facts: ModelFacts) -> None:
        """Remember what the output must look like."""
        self._facts = facts
        self._output_name = ""

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        """Raise ModelError unless the one output can be [1, N, 5 + C]."""
        output = only_output(outputs, "yolo_v5", self._facts.place)
        self._output_name = output.name
        check_row_shape(output.shape, "yolo_v5", self._facts)

    def decode(self, outputs: Sequence[Tensor], floor: float) -> Candidates:
        """Candidates with a score of at least `floor`, in anchor order."""
        check_row_shape(outputs[0].shape, "yolo_v5", self._facts)
        table = np.ascontiguousarray(outputs[0][0], np.float32)
        rows, scores, class_index, finite = strong_rows(table, np.float32(floor))
        if not finite:
            raise not_finite(self._output_name)
        boxes_xyxy = xyxy_from_cxcywh(*table[rows, :4].T)
        return Candidates(boxes_xyxy, scores, class_index)


def check_row_shape(shape: Shape, adapter: str, facts: ModelFacts) -> None:
    """Raise ModelError unless a shape can be [1, N, 5 + C]."""
    n_columns = N_BOX_COLUMNS + facts.n_classes
    if not fits(shape, 1, None, None):
        raise misfit(shape, f"{adapter} needs [1, N, {n_columns}]", facts.place)
    if differs(shape[2], n_columns):
        hint = "do `classes` list the model's own classes, all of them?"
        if shape[1] in (n_columns, n_columns - 1):
            hint = "rows and columns are swapped: is it a yolo_v8 export?"
        raise misfit(
            shape,
            f"{adapter} with {facts.n_classes} classes needs {n_columns} columns",
            facts.place,
            hint,
        )
