"""Boxes with identities, as trackers and their truth are compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbench.types.arrays import F64, I64, Bool, check_column


@dataclass(frozen=True, slots=True)
class Tracks:
    """N boxes of one clip and side, sorted by frame (stable in the order of their source).

    The order within a frame decides between matchings that are equally good.
    """

    frame_index: I64
    """(N,) frame in presentation order."""
    track_id: I64
    """(N,) identity over time, 0 or more; at most once per frame."""
    boxes_xyxy: F64
    """(N, 4) continuous pixels."""

    def __post_init__(self) -> None:
        n = len(self.frame_index)
        check_column("Tracks", "frame_index", self.frame_index, np.int64, (n,))
        check_column("Tracks", "track_id", self.track_id, np.int64, (n,))
        check_column("Tracks", "boxes_xyxy", self.boxes_xyxy, np.float64, (n, 4))
        if n and np.any(self.frame_index[1:] < self.frame_index[:-1]):
            raise ValueError("Tracks.frame_index: rows are not sorted by frame")

    def __len__(self) -> int:
        return len(self.frame_index)

    def take(self, rows: I64 | Bool) -> Tracks:
        """The rows selected by an index or mask array; the order must stay sorted."""
        return Tracks(self.frame_index[rows], self.track_id[rows], self.boxes_xyxy[rows])


@dataclass(frozen=True, slots=True)
class MotBoxes:
    """The boxes of a MOTChallenge file with the columns that preprocessing looks at."""

    tracks: Tracks
    zero_marked: Bool
    """(N,) truth that its file marks as not to be considered (conf 0)."""
    class_number: I64
    """(N,) MOTChallenge's class number, -1 where the file names none."""

    def __post_init__(self) -> None:
        n = len(self.tracks)
        check_column("MotBoxes", "zero_marked", self.zero_marked, np.bool_, (n,))
        check_column("MotBoxes", "class_number", self.class_number, np.int64, (n,))
