"""What a pipeline found in one clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.types.arrays import F64, I64, Bool, check_column
from vbench.types.frame_detections import FrameDetections


@dataclass(frozen=True, slots=True)
class Detections:
    """N detections of one clip, sorted by frame, then score descending, stable."""

    frame_index: I64
    """(N,) 0-based frame in presentation order."""
    boxes_xyxy: F64
    """(N, 4) continuous pixels of the source frame."""
    scores: F64
    """(N,) confidence, finite."""
    class_id: I64
    """(N,) index into the golden set's taxonomy classes."""
    track_id: I64
    """(N,) identity given by a tracker, -1 where there is none."""

    def __post_init__(self) -> None:
        n = len(self.frame_index)
        check_column("Detections", "frame_index", self.frame_index, np.int64, (n,))
        check_column("Detections", "boxes_xyxy", self.boxes_xyxy, np.float64, (n, 4))
        check_column("Detections", "scores", self.scores, np.float64, (n,))
        check_column("Detections", "class_id", self.class_id, np.int64, (n,))
        check_column("Detections", "track_id", self.track_id, np.int64, (n,))
        if n > 1:
            frame_step = np.diff(self.frame_index)
            if np.any(frame_step < 0) or np.any((frame_step == 0) & (np.diff(self.scores) > 0)):
                raise ValueError("Detections: rows are not sorted by frame, then score descending")

    def __len__(self) -> int:
        return len(self.frame_index)

    def take(self, rows: I64 | Bool) -> Detections:
        """The rows selected by an index or mask array; the order must stay sorted."""
        return Detections(
            frame_index=self.frame_index[rows],
            boxes_xyxy=self.boxes_xyxy[rows],
            scores=self.scores[rows],
            class_id=self.class_id[rows],
            track_id=self.track_id[rows],
        )

    @classmethod
    def sorted_from(
        cls, frame_index: I64, boxes_xyxy: F64, scores: F64, class_id: I64, track_id: I64
    ) -> Detections:
        """Detections from columns in any order (stable sort: frame, then score descending)."""
        order = np.lexsort((-scores, frame_index))
        return cls(
            frame_index=frame_index[order],
            boxes_xyxy=boxes_xyxy[order],
            scores=scores[order],
            class_id=class_id[order],
            track_id=track_id[order],
        )

    @classmethod
    def concatenate(cls, parts: Sequence[Detections]) -> Detections:
        """One table from parts whose frames do not overlap and come in order."""
        if not parts:
            return cls.empty()
        return cls(
            frame_index=np.concatenate([part.frame_index for part in parts]),
            boxes_xyxy=np.concatenate([part.boxes_xyxy for part in parts]),
            scores=np.concatenate([part.scores for part in parts]),
            class_id=np.concatenate([part.class_id for part in parts]),
            track_id=np.concatenate([part.track_id for part in parts]),
        )

    @classmethod
    def of_frames(cls, frame_index: Sequence[int], found: Sequence[FrameDetections]) -> Detections:
        """One table from the detections of some frames, whose numbers grow."""
        if not found:
            return cls.empty()
        return cls(
            frame_index=np.repeat(np.array(frame_index, np.int64), [len(one) for one in found]),
            boxes_xyxy=np.concatenate([one.boxes_xyxy for one in found]),
            scores=np.concatenate([one.scores for one in found]),
            class_id=np.concatenate([one.class_id for one in found]),
            track_id=np.concatenate([one.track_id for one in found]),
        )

    @classmethod
    def empty(cls) -> Detections:
        """No detections at all."""
        return cls(
            frame_index=np.zeros(0, np.int64),
            boxes_xyxy=np.zeros((0, 4), np.float64),
            scores=np.zeros(0, np.float64),
            class_id=np.zeros(0, np.int64),
            track_id=np.zeros(0, np.int64),
        )
