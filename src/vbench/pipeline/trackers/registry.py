"""Which tracker gives identities for a pipeline file's tracker stage."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Protocol, TypeAlias, assert_never

import numpy as np

from vbench.config.tracker_entries import ByteTrackStage, SortStage
from vbench.pipeline.stage import Tracker
from vbench.pipeline.trackers.byte_track import ByteTrack
from vbench.pipeline.trackers.sort import Sort
from vbench.types.arrays import F64, I64
from vbench.types.frame_detections import NO_TRACK, FrameDetections
from vbench.types.golden import Clip

Stage: TypeAlias = ByteTrackStage | SortStage


class Tracks(Protocol):
    """The tracks of one clip, of one class or of all."""

    def update(self, frame_index: int, boxes_xyxy: F64, scores: F64) -> I64:
        """Identities of a frame's detections, -1 for none; called for every frame of the clip."""


def make_tracker(stage: Stage) -> Tracker:
    """The tracker of a stage."""
    return StageTracker(stage)


class StageTracker:
    """One set of tracks per class, or one for all; identities count from 1 in every clip.

    A frame that never comes counts as a frame without detections.
    """

    def __init__(self, stage: Stage) -> None:
        """Prepare for the first clip."""
        self._stage = stage
        self._tracks: dict[int, Tracks] = {}
        self._identities: Iterator[int] = count(1)
        self._first_frame: int | None = None
        self._last_frame = -1

    def begin_clip(self, clip: Clip) -> None:  # noqa: ARG002 tracks are alike in every clip
        """Forget every track."""
        self._tracks = {}
        self._identities = count(1)
        self._first_frame = None
        self._last_frame = -1

    def update(self, frame_index: int, found: FrameDetections) -> FrameDetections:
        """The same detections in the same order, with identities; -1 where none is given.

        Raises ValueError where frames do not come in order.
        """
        if frame_index <= self._last_frame:
            raise ValueError(f"frame {frame_index} after frame {self._last_frame}")
        if self._first_frame is None:
            self._first_frame = frame_index
            self._last_frame = frame_index - 1
        # Classes take identities in their order, so the same frames always give the same ones.
        group = found.class_id if self._stage.per_class else np.zeros(len(found), np.int64)
        for key in np.unique(group).tolist():
            if key not in self._tracks:
                self._tracks[key] = _make_tracks(self._stage, self._first_frame, self._identities)
        size = found.boxes_xyxy[:, 2:] - found.boxes_xyxy[:, :2]
        has_area = (size > 0).all(axis=1)
        track_id = np.full(len(found), NO_TRACK, np.int64)
        for key, tracks in sorted(self._tracks.items()):
            self._skip(tracks, frame_index)
            rows = np.flatnonzero(has_area & (group == key))
            track_id[rows] = tracks.update(frame_index, found.boxes_xyxy[rows], found.scores[rows])
        self._last_frame = frame_index
        return FrameDetections(found.boxes_xyxy, found.scores, found.class_id, track_id)

    def _skip(self, tracks: Tracks, frame_index: int) -> None:
        """Age tracks over frames that never came; after `buffer_frames` + 1 none is left."""
        first = max(self._last_frame + 1, frame_index - self._stage.buffer_frames - 1)
        for missed in range(first, frame_index):
            tracks.update(missed, np.zeros((0, 4)), np.zeros(0))


def _make_tracks(stage: Stage, first_frame: int, identities: Iterator[int]) -> Tracks:
    match stage:
        case ByteTrackStage():
            return ByteTrack(stage, first_frame, identities)
        case SortStage():
            return Sort(stage, first_frame, identities)
        case _:
            assert_never(stage)
