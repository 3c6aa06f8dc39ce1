"""RT-DETR, D-FINE, DEIM, Deformable DETR and others whose classes go through a sigmoid.

Source of the decoding: Zhao et al., RT-DETR (arXiv:2304.08069), its published post-processing
(github.com/lyuwenyu/RT-DETR, rtdetr_postprocessor.py) and that of D-FINE
(github.com/Peterande/D-FINE): sigmoid of the logits, every pair of query and class is a candidate,
boxes are centre and size normalised to the input. The official ONNX exports do this inside the
model: labels, boxes and scores, boxes as corners in pixels of the model's second input
`orig_target_sizes`. vbench expects that input to be the size of the first, so that these are
pixels of the input: `input.extra: {orig_target_sizes: [[640, 640]]}`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.config.output_entries import RtDetrOutput
from vbench.engines.protocol import Tensor, TensorInfo
from vbench.pipeline.adapters.adapter import (
    Adapter,
    Candidates,
    ModelFacts,
    fits,
    in_pixels,
    misfit,
    xyxy_from_cxcywh,
)
from vbench.pipeline.adapters.detr import BOXES, LOGITS
from vbench.pipeline.adapters.finished import FinishedBoxes, FinishedForm, FinishedNames
from vbench.pipeline.adapters.roles import Role, find_outputs
from vbench.pipeline.adapters.scores import pairs_above

_N_FINISHED = 3


class RtDetrAdapter:
    """Two outputs are logits and boxes; three are labels, boxes and scores."""

    def __init__(self, entry: RtDetrOutput, facts: ModelFacts) -> None:
        """Prepare for both forms; `check` tells which it is."""
        names = FinishedNames(entry.boxes, entry.scores, entry.labels)
        form = FinishedForm(classes_key="labels")
        self._finished = FinishedBoxes("rtdetr", names, form, facts)
        self._raw = _RawRtDetr(entry, facts)
        self._entry = entry
        self._chosen: Adapter = self._raw

    @property
    def finite_checked(self) -> frozenset[int]:
        """The logits, where there are any."""
        return self._chosen.finite_checked

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        """Find the tensors; raises ModelError or ConfigError."""
        entry = self._entry
        named = entry.labels is not None or entry.scores is not None
        several = len(outputs) >= _N_FINISHED and entry.logits is None
        flat = [item for item in outputs if len(item.shape) <= 2]
        self._chosen = self._finished if named or (several and flat) else self._raw
        self._chosen.check(outputs)

    def decode(self, outputs: Sequence[Tensor], floor: float) -> Candidates:
        """Candidates with a score of at least `floor`."""
        return self._chosen.decode(outputs, floor)


class _RawRtDetr:
    """logits [1, N, C] and boxes [1, N, 4] -> a candidate per query and class."""

    def __init__(self, entry: RtDetrOutput, facts: ModelFacts) -> None:
        self._facts = facts
        n = facts.n_classes
        self._roles = (
            Role("logits", entry.logits, LOGITS, f"[1, N, {n}]", lambda s: fits(s, 1, None, n)),
            Role("boxes", entry.boxes, BOXES, "[1, N, 4]", lambda s: fits(s, 1, None, 4)),
        )
        self._positions: tuple[int, ...] = (0, 1)
        self._logits_name = ""

    @property
    def finite_checked(self) -> frozenset[int]:
        return frozenset(self._positions[:1])

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        self._positions = find_outputs(outputs, self._roles, "rtdetr", self._facts.place)
        self._logits_name = outputs[self._positions[0]].name

    def decode(self, outputs: Sequence[Tensor], floor: float) -> Candidates:
        logits, boxes = (outputs[position] for position in self._positions)
        n_classes = self._facts.n_classes
        if not fits(logits.shape, 1, None, n_classes):
            needs = f"the logits of rtdetr are [1, N, {n_classes}]"
            raise misfit(logits.shape, needs, self._facts.place)
        if boxes.shape != (1, logits.shape[1], 4):
            needs = f"the boxes of rtdetr are [1, {logits.shape[1]}, 4]"
            raise misfit(boxes.shape, needs, self._facts.place)
        query, class_index, scores = pairs_above(
            np.asarray(logits[0], np.float32), floor, "sigmoid", self._logits_name
        )
        boxes_xyxy = xyxy_from_cxcywh(*np.asarray(boxes[0], np.float32)[query].T)
        boxes_xyxy = in_pixels(boxes_xyxy, self._facts.input_size)
        return Candidates(boxes_xyxy, scores, class_index)
