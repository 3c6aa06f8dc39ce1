"""SORT (Bewley et al., ICIP 2016, arXiv:1602.00763).

The paper's method with the filter's noise and the life of a track as in its published code: a track
that is matched shows its identity after `min_hits` matches in a row, or within the clip's first
`min_hits` frames, and starts this count anew after a miss.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vbench.config.tracker_entries import SortStage
from vbench.pipeline.trackers.association import best_pairs_overall, iou_matrix
from vbench.pipeline.trackers.motion import Motion
from vbench.types.arrays import F64, I64, Bool
from vbench.types.frame_detections import NO_TRACK

# Coordinates are centre x, centre y (px), area (px^2) and width / height, which has no velocity.
_AREA, _ASPECT = 2, 3
_FIRST_VAR = np.full(4, 10.0)
_FIRST_VELOCITY_VAR = np.array([1e4, 1e4, 1e4, 0.0])
_POSITION_NOISE = np.ones(4)
_VELOCITY_NOISE = np.array([1e-2, 1e-2, 1e-4, 0.0])
_MEASUREMENT_NOISE = np.array([1.0, 1.0, 10.0, 10.0])


class Sort:
    """The tracks of one clip, of one class or of all."""

    def __init__(self, stage: SortStage, first_frame: int, identities: Iterator[int]) -> None:
        """Start at a clip's first frame; `identities` is shared by all trackers of the clip."""
        self._stage = stage
        self._first_frame = first_frame
        self._identities = identities
        self._tracks = _Tracks.started(np.zeros((0, 4)))

    def update(self, frame_index: int, boxes_xyxy: F64, scores: F64) -> I64:
        """Identities of a frame's detections, -1 for none; called for every frame of the clip.

        Args:
            frame_index: one more than in the call before.
            boxes_xyxy: (N, 4) px, with an area.
            scores: (N,).
        """
        tracks = self._tracks.predicted()
        counted = np.flatnonzero(scores >= self._stage.score)
        measured = boxes_xyxy[counted]
        rows, columns = best_pairs_overall(
            iou_matrix(tracks.boxes_xyxy(), measured), self._stage.match_iou
        )
        free = np.ones(len(measured), np.bool_)
        free[columns] = False
        detection = np.full(len(tracks.missed), -1, np.int64)
        detection[rows] = counted[columns]
        tracks = tracks.seen(rows, measured[columns]).joined(_Tracks.started(measured[free]))
        detection = np.concatenate([detection, counted[free]])
        kept = tracks.missed <= self._stage.buffer_frames
        self._tracks, detection = tracks.take(kept), detection[kept]
        young_clip = frame_index - self._first_frame < self._stage.min_hits
        return self._identify(detection, len(boxes_xyxy), at_once=young_clip)

    def _identify(self, detection: I64, n_detections: int, *, at_once: bool) -> I64:
        track_id = np.full(n_detections, NO_TRACK, np.int64)
        identity = self._tracks.identity
        shown = (detection >= 0) & (at_once | (self._tracks.n_hits >= self._stage.min_hits))
        for row in np.flatnonzero(shown):
            if identity[row] == NO_TRACK:
                identity[row] = next(self._identities)
            track_id[detection[row]] = identity[row]
        return track_id


@dataclass(frozen=True, slots=True)
class _Tracks:
    """T tracks in the order in which they started."""

    motion: Motion
    n_hits: I64
    """(T,) matches in a row, the first detection not counted."""
    missed: I64
    """(T,) frames since the last detection."""
    identity: I64
    """(T,) -1 before a track has one."""

    @classmethod
    def started(cls, boxes_xyxy: F64) -> _Tracks:
        """Tracks of one detection each."""
        measured = _coordinates(boxes_xyxy)
        n = len(measured)
        zeros = np.zeros(n, np.int64)
        motion = Motion.at_rest(
            measured, np.tile(_FIRST_VAR, (n, 1)), np.tile(_FIRST_VELOCITY_VAR, (n, 1))
        )
        return cls(motion, zeros, zeros, np.full(n, NO_TRACK, np.int64))

    def predicted(self) -> _Tracks:
        """One frame later; an area that would shrink to nothing stays as it is."""
        velocity = self.motion.velocity.copy()
        velocity[self.motion.position[:, _AREA] + velocity[:, _AREA] <= 0, _AREA] = 0.0
        motion = self.motion.with_velocity(velocity).predicted(_POSITION_NOISE, _VELOCITY_NOISE)
        n_hits = np.where(self.missed > 0, 0, self.n_hits)
        return _Tracks(motion, n_hits, self.missed + 1, self.identity)

    def seen(self, rows: I64, boxes_xyxy: F64) -> _Tracks:
        """After the detections of some tracks."""
        corrected = self.motion.take(rows).corrected(_coordinates(boxes_xyxy), _MEASUREMENT_NOISE)
        n_hits, missed = self.n_hits.copy(), self.missed.copy()
        n_hits[rows] += 1
        missed[rows] = 0
        return _Tracks(self.motion.put(rows, corrected), n_hits, missed, self.identity)

    def boxes_xyxy(self) -> F64:
        """(T, 4) px."""
        position = self.motion.position
        width = np.sqrt(position[:, _AREA] * position[:, _ASPECT])
        half = np.stack([width, position[:, _AREA] / width], axis=1) / 2
        return np.concatenate([position[:, :2] - half, position[:, :2] + half], axis=1)

    def take(self, rows: Bool) -> _Tracks:
        """The tracks of a mask."""
        return _Tracks(
            self.motion.take(rows), self.n_hits[rows], self.missed[rows], self.identity[rows]
        )

    def joined(self, other: _Tracks) -> _Tracks:
        """These tracks, then the others."""
        return _Tracks(
            self.motion.joined(other.motion),
            np.concatenate([self.n_hits, other.n_hits]),
            np.concatenate([self.missed, other.missed]),
            np.concatenate([self.identity, other.identity]),
        )


def _coordinates(boxes_xyxy: F64) -> F64:
    """(N, 4) centre x, centre y, area, width / height."""
    size = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    centre = boxes_xyxy[:, :2] + size / 2
    return np.concatenate([centre, size.prod(axis=1)[:, None], size[:, :1] / size[:, 1:]], axis=1)
