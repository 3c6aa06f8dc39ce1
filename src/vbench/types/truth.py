"""The annotated boxes of one clip."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vbench.types.arrays import F64, I64, Bool, check_column


@dataclass(frozen=True, slots=True)
class BoxTag:
    """One per-box tag as a column: `values` (M,) of str, empty string where a box lacks the tag."""

    key: str
    values: npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Truth:
    """M truth boxes of one clip, sorted by frame (stable in file order)."""

    frame_index: I64
    """(M,) 0-based frame in presentation order."""
    boxes_xyxy: F64
    """(M, 4) continuous pixels of the source frame."""
    class_id: I64
    """(M,) index into the taxonomy's classes."""
    track_id: I64
    """(M,) identity over time, -1 where there is none."""
    ignore: Bool
    """(M,) boxes that neither reward nor punish (COCO ignore, MOT zero-marked)."""
    crowd: Bool
    """(M,) COCO crowd regions: match any number of detections, count none."""
    tags: tuple[BoxTag, ...] = field(default=())

    def __post_init__(self) -> None:
        m = len(self.frame_index)
        check_column("Truth", "frame_index", self.frame_index, np.int64, (m,))
        check_column("Truth", "boxes_xyxy", self.boxes_xyxy, np.float64, (m, 4))
        check_column("Truth", "class_id", self.class_id, np.int64, (m,))
        check_column("Truth", "track_id", self.track_id, np.int64, (m,))
        check_column("Truth", "ignore", self.ignore, np.bool_, (m,))
        check_column("Truth", "crowd", self.crowd, np.bool_, (m,))
        if m and np.any(np.diff(self.frame_index) < 0):
            raise ValueError("Truth.frame_index: rows are not sorted by frame")
        for tag in self.tags:
            if len(tag.values) != m:
                raise ValueError(f"Truth.tags[{tag.key}]: {len(tag.values)} values, expected {m}")

    def __len__(self) -> int:
        return len(self.frame_index)

    def take(self, rows: I64 | Bool) -> Truth:
        """The rows selected by an index or mask array, in their order."""
        return Truth(
            frame_index=self.frame_index[rows],
            boxes_xyxy=self.boxes_xyxy[rows],
            class_id=self.class_id[rows],
            track_id=self.track_id[rows],
            ignore=self.ignore[rows],
            crowd=self.crowd[rows],
            tags=tuple(BoxTag(tag.key, tag.values[rows]) for tag in self.tags),
        )

    @classmethod
    def empty(cls) -> Truth:
        """No boxes at all."""
        return cls(
            frame_index=np.zeros(0, np.int64),
            boxes_xyxy=np.zeros((0, 4), np.float64),
            class_id=np.zeros(0, np.int64),
            track_id=np.zeros(0, np.int64),
            ignore=np.zeros(0, np.bool_),
            crowd=np.zeros(0, np.bool_),
        )
