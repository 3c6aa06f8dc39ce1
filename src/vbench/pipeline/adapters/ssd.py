"""SSD models, in the three forms in which they are exported.

Sources: Liu et al., SSD (arXiv:1512.02325); the TensorFlow Object Detection API's exported
signature (detection_boxes as ymin, xmin, ymax, xmax in 0..1, detection_classes from 1,
num_detections); the DetectionOutput layer of Caffe and OpenVINO ([1, 1, N, 7]: image, class, score,
corners in 0..1); and dense exports with a box and C + 1 scores, background first, per prior.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.config.output_entries import SsdOutput
from vbench.engines.protocol import Tensor, TensorInfo
from vbench.pipeline.adapters.adapter import (
    NONE_CHECKED,
    Adapter,
    Candidates,
    ModelFacts,
    class_indices,
    fits,
    in_pixels,
    misfit,
    xyxy_from_cxcywh,
)
from vbench.pipeline.adapters.finished import FinishedBoxes, FinishedForm, FinishedNames
from vbench.pipeline.adapters.roles import ABSENT, Role, find_outputs
from vbench.pipeline.adapters.scores import activated, pairs_above
from vbench.types.arrays import F32

_YXYX = [1, 0, 3, 2]


class SsdAdapter:
    """Chooses the form by the model's outputs."""

    finite_checked = NONE_CHECKED

    def __init__(self, entry: SsdOutput, facts: ModelFacts) -> None:
        """Prepare for each form; `check` tells which it is."""
        names = FinishedNames(entry.boxes, entry.scores, entry.classes, entry.count)
        form = FinishedForm(entry.normalized, entry.corners == "yxyx", entry.class_base)
        self._finished = FinishedBoxes("ssd", names, form, facts)
        self._dense = _DenseSsd(entry, facts)
        self._rows = _DetectionOutput(entry, facts)
        self._entry = entry
        self._chosen: Adapter = self._finished

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        """Find the tensors; raises ModelError or ConfigError."""
        self._chosen = self._form(outputs)
        self._chosen.check(outputs)

    def decode(self, outputs: Sequence[Tensor], floor: float) -> Candidates:
        """Candidates with a score of at least `floor`."""
        return self._chosen.decode(outputs, floor)

    def _form(self, outputs: Sequence[TensorInfo]) -> Adapter:
        if len(outputs) == 1:
            return self._rows
        named = [item for item in outputs if item.name == self._entry.scores]
        if named:
            return self._dense if len(named[0].shape) == 3 else self._finished
        # Finished boxes have scores and classes of two axes, or of one.
        flat = [item for item in outputs if len(item.shape) <= 2]
        return self._finished if len(flat) >= 2 else self._dense


class _DetectionOutput:
    """[1, 1, N, 7] -> candidates: image, class, score, corners in 0..1."""

    finite_checked = NONE_CHECKED

    def __init__(self, entry: SsdOutput, facts: ModelFacts) -> None:
        self._facts = facts
        self._class_base = entry.class_base
        self._normalized = entry.normalized

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        if not fits(outputs[0].shape, 1, 1, None, 7):
            needs = "one output of ssd is [1, 1, N, 7]"
            raise misfit(outputs[0].shape, needs, self._facts.place)

    def decode(self, outputs: Sequence[Tensor], floor: float) -> Candidates:
        if not fits(outputs[0].shape, 1, 1, None, 7):
            needs = "one output of ssd is [1, 1, N, 7]"
            raise misfit(outputs[0].shape, needs, self._facts.place)
        rows = np.asarray(outputs[0], np.float32).reshape(-1, 7)
        # A row of image -1 ends the list; what follows is left over from frames before.
        ends = np.flatnonzero(rows[:, 0] < 0)
        rows = rows[: ends[0]] if len(ends) else rows
        rows = rows[(rows[:, 2] >= floor) & (rows[:, 1] >= min(self._class_base, 1))]
        boxes_xyxy = rows[:, 3:]
        if self._normalized:
            boxes_xyxy = in_pixels(boxes_xyxy, self._facts.input_size)
        class_index = class_indices(rows[:, 1], self._facts.n_classes, self._class_base)
        return Candidates(boxes_xyxy, rows[:, 2], class_index)


class _DenseSsd:
    """boxes [1, N, 4] and scores [1, N, base + C] -> a candidate per prior and class."""

    finite_checked = NONE_CHECKED

    def __init__(self, entry: SsdOutput, facts: ModelFacts) -> None:
        self._entry = entry
        self._facts = facts
        n_columns = self._n_columns = entry.class_base + facts.n_classes
        self._roles = (
            Role(
                "scores",
                entry.scores,
                ("scores", "confidences", "conf"),
                f"[1, N, {n_columns}]",
                lambda s: fits(s, 1, None, n_columns),
            ),
            Role(
                "boxes",
                entry.boxes,
                ("boxes", "locations", "loc"),
                "[1, N, 4]",
                lambda s: fits(s, 1, None, 4),
            ),
            Role(
                "priors",
                entry.priors,
                (),
                "[1, N, 4] or [N, 4]",
                lambda s: fits(s, 1, None, 4) or fits(s, None, 4),
                optional=True,
            ),
        )
        self._positions: tuple[int, ...] = (0, 1, ABSENT)
        self._scores_name = ""

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        self._positions = find_outputs(outputs, self._roles, "ssd", self._facts.place)
        self._scores_name = outputs[self._positions[0]].name

    def decode(self, outputs: Sequence[Tensor], floor: float) -> Candidates:
        at_scores, at_boxes, at_priors = self._positions
        values, boxes = outputs[at_scores], outputs[at_boxes]
        if not fits(values.shape, 1, None, self._n_columns):
            needs = f"the scores of ssd are [1, N, {self._n_columns}]: background and classes"
            raise misfit(values.shape, needs, self._facts.place)
        if boxes.shape != (1, values.shape[1], 4):
            needs = f"the boxes of ssd are [1, {values.shape[1]}, 4]"
            raise misfit(boxes.shape, needs, self._facts.place)
        scores = activated(np.asarray(values[0], np.float32), self._entry.activation)
        prior, class_index, score = pairs_above(
            scores, floor, "none", self._scores_name, first_column=self._entry.class_base
        )
        picked = np.asarray(boxes[0], np.float32)[prior]
        if at_priors == ABSENT:
            boxes_xyxy = picked[:, _YXYX] if self._entry.corners == "yxyx" else picked
        else:
            boxes_xyxy = self._around(self._priors(outputs[at_priors], boxes)[prior], picked)
        if self._entry.normalized:
            boxes_xyxy = in_pixels(boxes_xyxy, self._facts.input_size)
        return Candidates(boxes_xyxy, score, class_index)

    def _priors(self, tensor: Tensor, boxes: Tensor) -> F32:
        if tensor.size != boxes.size or tensor.shape[-1] != 4:
            needs = f"the priors of ssd are [1, {boxes.shape[1]}, 4]"
            raise misfit(tensor.shape, needs, self._facts.place)
        return np.asarray(tensor, np.float32).reshape(-1, 4)

    def _around(self, priors: F32, offsets: F32) -> F32:
        """Boxes from offsets to priors, both as centre and size."""
        of_center, of_size = (np.float32(value) for value in self._entry.variances)
        return xyxy_from_cxcywh(
            priors[:, 0] + offsets[:, 0] * of_center * priors[:, 2],
            priors[:, 1] + offsets[:, 1] * of_center * priors[:, 3],
            priors[:, 2] * np.exp(offsets[:, 2] * of_size),
            priors[:, 3] * np.exp(offsets[:, 3] * of_size),
        )
