"""What a pipeline found in one frame, as its stages pass it on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.types.arrays import F64, I64, check_column

NO_TRACK = -1


@dataclass(frozen=True, slots=True)
class FrameDetections:
    """N detections of one frame, score descending."""

    boxes_xyxy: F64
    """(N, 4) px of the source frame, inside it, with an area."""
    scores: F64
    """(N,) 0..1."""
    class_id: I64
    """(N,) index into the taxonomy."""
    track_id: I64
    """(N,) identity, -1 where there is none."""

    def __post_init__(self) -> None:
        n = len(self.scores)
        check_column("FrameDetections", "boxes_xyxy", self.boxes_xyxy, np.float64, (n, 4))
        check_column("FrameDetections", "scores", self.scores, np.float64, (n,))
        check_column("FrameDetections", "class_id", self.class_id, np.int64, (n,))
        check_column("FrameDetections", "track_id", self.track_id, np.int64, (n,))
        if (self.scores[1:] > self.scores[:-1]).any():
            raise ValueError("FrameDetections.scores: not descending")

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, rows: I64) -> FrameDetections:
        """The rows of an index array, which must keep scores descending."""
        return FrameDetections(
            self.boxes_xyxy[rows], self.scores[rows], self.class_id[rows], self.track_id[rows]
        )

    @classmethod
    def untracked(cls, boxes_xyxy: F64, scores: F64, class_id: I64) -> FrameDetections:
        """Detections without identities."""
        return cls(boxes_xyxy, scores, class_id, np.full(len(scores), NO_TRACK, np.int64))

    @classmethod
    def united(cls, parts: Sequence[FrameDetections]) -> FrameDetections:
        """Detections of several detectors (stable: equal scores keep the detectors' order)."""
        if len(parts) == 1:
            return parts[0]
        scores = np.concatenate([part.scores for part in parts])
        order = np.argsort(-scores, kind="stable")
        return cls(
            np.concatenate([part.boxes_xyxy for part in parts])[order],
            scores[order],
            np.concatenate([part.class_id for part in parts])[order],
            np.concatenate([part.track_id for part in parts])[order],
        )
