"""DETR and its relatives that end in a softmax with a "no object" class.

Source of the decoding: Carion et al., DETR (arXiv:2005.12872), and its published post-processing
(github.com/facebookresearch/detr, models/detr.py, PostProcess): softmax over C + 1 logits, the last
of them "no object"; boxes are centre and size, normalised to the input.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.config.output_entries import DetrOutput
from vbench.engines.protocol import Tensor, TensorInfo
from vbench.pipeline.adapters.adapter import (
    NONE_CHECKED,
    Candidates,
    ModelFacts,
    fits,
    in_pixels,
    misfit,
    xyxy_from_cxcywh,
)
from vbench.pipeline.adapters.roles import Role, find_outputs
from vbench.pipeline.adapters.scores import best_class, softmax

LOGITS = ("logits", "pred_logits")
BOXES = ("pred_boxes", "boxes")


class DetrAdapter:
    """logits [1, N, C + 1] and boxes [1, N, 4] -> a candidate per query, of its best class."""

    finite_checked = NONE_CHECKED

    def __init__(self, entry: DetrOutput, facts: ModelFacts) -> None:
        """Remember what to look for."""
        self._facts = facts
        n_columns = facts.n_classes + 1
        self._roles = (
            Role(
                "logits",
                entry.logits,
                LOGITS,
                f"[1, N, {n_columns}]",
                lambda shape: fits(shape, 1, None, n_columns),
            ),
            Role("boxes", entry.boxes, BOXES, "[1, N, 4]", lambda s: fits(s, 1, None, 4)),
        )
        self._positions: tuple[int, ...] = (0, 1)

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        """Find the tensors; raises ModelError or ConfigError."""
        self._positions = find_outputs(outputs, self._roles, "detr", self._facts.place)

    def decode(self, outputs: Sequence[Tensor], floor: float) -> Candidates:
        """Candidates with a score of at least `floor`, in the model's order."""
        logits, boxes = (outputs[position] for position in self._positions)
        n_columns = self._facts.n_classes + 1
        if not fits(logits.shape, 1, None, n_columns):
            needs = f"the logits of detr are [1, N, {n_columns}]: the classes and no object"
            raise misfit(logits.shape, needs, self._facts.place)
        if boxes.shape != (1, logits.shape[1], 4):
            needs = f"the boxes of detr are [1, {logits.shape[1]}, 4]"
            raise misfit(boxes.shape, needs, self._facts.place)
        class_scores = softmax(np.asarray(logits[0], np.float32))[:, :-1]
        boxes_xyxy = xyxy_from_cxcywh(*np.asarray(boxes[0], np.float32).T)
        boxes_xyxy = in_pixels(boxes_xyxy, self._facts.input_size)
        return best_class(boxes_xyxy, class_scores, floor)
