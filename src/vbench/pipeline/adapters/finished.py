"""Finished boxes in separate tensors: boxes, scores, classes, and perhaps how many rows count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.engines.protocol import Tensor, TensorInfo
from vbench.errors import EngineError
from vbench.pipeline.adapters.adapter import (
    NONE_CHECKED,
    Candidates,
    ModelFacts,
    Shape,
    class_indices,
    fits,
    in_pixels,
    misfit,
)
from vbench.pipeline.adapters.roles import ABSENT, Role, find_outputs

_YXYX = [1, 0, 3, 2]


@dataclass(frozen=True, slots=True)
class FinishedNames:
    """Names that a pipeline file gives the tensors; None where it leaves a key out."""

    boxes: str | None = None
    scores: str | None = None
    classes: str | None = None
    count: str | None = None


@dataclass(frozen=True, slots=True)
class FinishedForm:
    """What the numbers mean."""

    normalized: bool = False
    """Coordinates in 0..1 instead of input pixels."""
    yxyx: bool = False
    """Corners with y before x."""
    class_base: int = 0
    """Number of the first listed class; rows of a class below it are background."""
    classes_key: str = "classes"
    """What the family's own key for the classes is."""


class FinishedBoxes:
    """boxes [1, N, 4], scores [1, N], classes [1, N], count [1, 1]; or without the batch axis."""

    finite_checked = NONE_CHECKED

    def __init__(
        self, adapter: str, names: FinishedNames, form: FinishedForm, facts: ModelFacts
    ) -> None:
        """Remember what to look for."""
        self._adapter = adapter
        self._form = form
        self._facts = facts
        self._roles = finished_roles(names, form.classes_key)
        self._positions: tuple[int, ...] = (0, 1, 2, ABSENT)

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        """Find the tensors; raises ModelError or ConfigError."""
        self._positions = find_outputs(outputs, self._roles, self._adapter, self._facts.place)

    def decode(self, outputs: Sequence[Tensor], floor: float) -> Candidates:
        """Candidates with a score of at least `floor`, in the model's order."""
        at_boxes, at_scores, at_classes, at_count = self._positions
        boxes = np.asarray(outputs[at_boxes], np.float32)
        if not _boxes_fit(boxes.shape):
            needs = f"the boxes of {self._adapter} are [1, N, 4]"
            raise misfit(boxes.shape, needs, self._facts.place)
        boxes = boxes.reshape(-1, 4)
        scores = self._column(outputs[at_scores], len(boxes)).astype(np.float32)
        classes = self._column(outputs[at_classes], len(boxes)).astype(np.float64)
        n_rows = len(boxes) if at_count == ABSENT else self._count(outputs[at_count], len(boxes))
        form = self._form
        counts = (scores[:n_rows] >= floor) & (classes[:n_rows] >= min(form.class_base, 1))
        rows = np.flatnonzero(counts)
        boxes_xyxy = boxes[rows][:, _YXYX] if form.yxyx else boxes[rows]
        if form.normalized:
            boxes_xyxy = in_pixels(boxes_xyxy, self._facts.input_size)
        class_index = class_indices(classes[rows], self._facts.n_classes, form.class_base)
        return Candidates(boxes_xyxy, scores[rows], class_index)

    def _column(self, tensor: Tensor, n_rows: int) -> Tensor:
        if tensor.size != n_rows or not _column_fits(tensor.shape):
            raise misfit(
                tensor.shape,
                f"scores and classes of {self._adapter} are [1, {n_rows}], one for each box",
                self._facts.place,
            )
        return tensor.reshape(-1)

    def _count(self, tensor: Tensor, n_boxes: int) -> int:
        if tensor.size != 1:
            needs = f"the count of {self._adapter} is one number"
            raise misfit(tensor.shape, needs, self._facts.place)
        n_rows = int(tensor.reshape(-1)[0])
        if not 0 <= n_rows <= n_boxes:
            raise EngineError(
                f"the model counts {n_rows} detections in {n_boxes} rows",
                hint="is `count` the right output?",
            )
        return n_rows


def finished_roles(names: FinishedNames, classes_key: str = "classes") -> tuple[Role, ...]:
    """What to look for in a model with finished boxes: boxes, scores, classes, count."""
    column = "[1, N]"
    return (
        Role("boxes", names.boxes, _BOXES, "[1, N, 4]", _boxes_fit, whole_numbers=False),
        Role("scores", names.scores, _SCORES, column, _column_fits, whole_numbers=False),
        Role(classes_key, names.classes, _CLASSES, column, _column_fits),
        Role("count", names.count, _COUNT, "[1, 1]", _count_fits, optional=True),
    )


# EfficientNMS, BatchedNMS, the TensorFlow Object Detection API, torchvision, RT-DETR.
_BOXES = ("det_boxes", "nmsed_boxes", "detection_boxes", "boxes")
_SCORES = ("det_scores", "nmsed_scores", "detection_scores", "scores")
_CLASSES = ("det_classes", "nmsed_classes", "detection_classes", "classes", "labels")
_COUNT = ("num_dets", "num_detections")


def _boxes_fit(shape: Shape) -> bool:
    return fits(shape, 1, None, 4) or fits(shape, None, 4)


def _column_fits(shape: Shape) -> bool:
    return fits(shape, 1, None) or fits(shape, None)


def _count_fits(shape: Shape) -> bool:
    return shape == () or fits(shape, 1) or fits(shape, 1, 1)
