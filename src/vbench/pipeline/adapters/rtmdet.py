"""RTMDet and other MMDetection models as MMDeploy exports them, NMS included.

Source of the layout: MMDeploy's exported detectors (github.com/open-mmlab/mmdeploy,
docs/en/04-supported-codebases/mmdet.md): `dets` [1, N, 5], corners in input pixels and score;
`labels` [1, N]. Rows without a detection have the label -1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.config.output_entries import RtmdetOutput
from vbench.engines.protocol import Tensor, TensorInfo
from vbench.pipeline.adapters.adapter import (
    NONE_CHECKED,
    Candidates,
    ModelFacts,
    class_indices,
    fits,
    misfit,
)
from vbench.pipeline.adapters.roles import Role, find_outputs


class RtmdetAdapter:
    """dets [1, N, 5] and labels [1, N] -> candidates."""

    finite_checked = NONE_CHECKED

    def __init__(self, entry: RtmdetOutput, facts: ModelFacts) -> None:
        """Remember what to look for."""
        self._facts = facts
        self._roles = (
            Role("dets", entry.dets, ("dets",), "[1, N, 5]", lambda s: fits(s, 1, None, 5)),
            Role("labels", entry.labels, ("labels",), "[1, N]", lambda s: fits(s, 1, None)),
        )
        self._positions: tuple[int, ...] = (0, 1)

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        """Find the tensors; raises ModelError or ConfigError."""
        self._positions = find_outputs(outputs, self._roles, "rtmdet", self._facts.place)

    def decode(self, outputs: Sequence[Tensor], floor: float) -> Candidates:
        """Candidates with a score of at least `floor`, in the model's order."""
        dets, labels = (outputs[position] for position in self._positions)
        if not fits(dets.shape, 1, None, 5):
            raise misfit(dets.shape, "the dets of rtmdet are [1, N, 5]", self._facts.place)
        if labels.shape != dets.shape[:2]:
            needs = f"the labels of rtmdet are {list(dets.shape[:2])}"
            raise misfit(labels.shape, needs, self._facts.place)
        rows = np.asarray(dets[0], np.float32)
        picked = np.flatnonzero((rows[:, 4] >= floor) & (labels[0] >= 0))
        class_index = class_indices(labels[0][picked], self._facts.n_classes)
        return Candidates(rows[picked, :4], rows[picked, 4], class_index)
