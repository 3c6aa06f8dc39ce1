"""ByteTrack (Zhang et al., ECCV 2022, arXiv:2110.06864), without appearance.

The order of matching and the filter's noise are those of the paper's published code. In each frame:

1. tracks and lost tracks are matched with high-scored detections,
2. tracks still unmatched with low-scored ones; what remains of them is lost,
3. tracks of one detection with the remaining high-scored ones, or they end,
4. remaining detections with a high enough score start tracks, which show their identity from the
   second detection on (on the clip's first frame at once),
5. of a track and a lost track in nearly the same place the younger one ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vbench.config.tracker_entries import ByteTrackStage
from vbench.pipeline.trackers.association import best_pairs, iou_matrix
from vbench.pipeline.trackers.motion import Motion
from vbench.types.arrays import F64, I64, Bool
from vbench.types.frame_detections import NO_TRACK

_NEW, _TRACKED, _LOST = 0, 1, 2
"""A track after its first detection, one that was just seen, and one that was not."""

_DUPLICATE_IOU = 0.85
"""Above it, a track and a lost track are the same object."""

_POSITION_STD = 1 / 20
_VELOCITY_STD = 1 / 160
"""Of a coordinate, as a share of the box's height (Wojke et al. 2017, arXiv:1703.07402)."""
_ASPECT_STD, _ASPECT_VELOCITY_STD, _ASPECT_MEASURED_STD = 1e-2, 1e-5, 1e-1

_ASPECT, _HEIGHT = 2, 3


class ByteTrack:
    """The tracks of one clip, of one class or of all."""

    def __init__(self, stage: ByteTrackStage, first_frame: int, identities: Iterator[int]) -> None:
        """Start at a clip's first frame; `identities` is shared by all trackers of the clip."""
        self._stage = stage
        self._first_frame = first_frame
        self._identities = identities
        none = np.zeros(0, np.int64)
        boxes = np.zeros((0, 4))
        self._tracks = _Tracks(Motion.at_rest(boxes, boxes, boxes), none, none, none, none)

    def update(self, frame_index: int, boxes_xyxy: F64, scores: F64) -> I64:
        """Identities of a frame's detections, -1 for none; called for every frame of the clip.

        Args:
            frame_index: one more than in the call before.
            boxes_xyxy: (N, 4) px, with an area.
            scores: (N,).
        """
        stage, tracks = self._stage, self._tracks.predicted()
        frame = _Association(boxes_xyxy, scores, tracks.boxes_xyxy())
        high = np.flatnonzero(scores >= stage.high_score)
        low = np.flatnonzero((scores >= stage.low_score) & (scores < stage.high_score))
        frame.match(
            np.flatnonzero(tracks.state != _NEW), high, stage.match_iou, fuse=stage.fuse_score
        )
        frame.match(np.flatnonzero(tracks.state == _TRACKED), low, stage.low_match_iou, fuse=False)
        frame.match(
            np.flatnonzero(tracks.state == _NEW), high, stage.new_match_iou, fuse=stage.fuse_score
        )
        starting = high[~frame.taken[high] & (scores[high] >= stage.starts_from)]
        tracks, detection = self._seen(tracks, frame, frame_index)
        tracks = tracks.joined(self._started(boxes_xyxy[starting], frame_index))
        detection = np.concatenate([detection, starting])
        kept = _without_duplicates(tracks)
        self._tracks, detection = tracks.take(kept), detection[kept]
        return self._identify(detection, len(boxes_xyxy))

    def _seen(self, tracks: _Tracks, frame: _Association, frame_index: int) -> tuple[_Tracks, I64]:
        """Tracks that go on, and the detection of each (-1 for lost ones)."""
        rows = np.flatnonzero(frame.detection >= 0)
        measured = _coordinates(frame.boxes_xyxy[frame.detection[rows]])
        motion = tracks.motion.take(rows)
        noise = _variance(motion.position, _POSITION_STD, _ASPECT_MEASURED_STD)
        state = np.where(tracks.state == _NEW, _NEW, _LOST)
        state[rows] = _TRACKED
        last_frame = tracks.last_frame.copy()
        last_frame[rows] = frame_index
        seen = _Tracks(
            tracks.motion.put(rows, motion.corrected(measured, noise)),
            state,
            tracks.first_frame,
            last_frame,
            tracks.identity,
        )
        missed = frame_index - last_frame
        kept = (state == _TRACKED) | ((state == _LOST) & (missed <= self._stage.buffer_frames))
        return seen.take(kept), frame.detection[kept]

    def _started(self, boxes_xyxy: F64, frame_index: int) -> _Tracks:
        measured = _coordinates(boxes_xyxy)
        n = len(measured)
        motion = Motion.at_rest(
            measured,
            _variance(measured, 2 * _POSITION_STD, _ASPECT_STD),
            _variance(measured, 10 * _VELOCITY_STD, _ASPECT_VELOCITY_STD),
        )
        state = np.full(n, _TRACKED if frame_index == self._first_frame else _NEW, np.int64)
        frame = np.full(n, frame_index, np.int64)
        return _Tracks(motion, state, frame, frame, np.full(n, NO_TRACK, np.int64))

    def _identify(self, detection: I64, n_detections: int) -> I64:
        """Number the tracks that are seen for sure now, and give their detections the numbers."""
        track_id = np.full(n_detections, NO_TRACK, np.int64)
        identity = self._tracks.identity
        for row in np.flatnonzero((self._tracks.state == _TRACKED) & (detection >= 0)):
            if identity[row] == NO_TRACK:
                identity[row] = next(self._identities)
            track_id[detection[row]] = identity[row]
        return track_id


@dataclass(frozen=True, slots=True)
class _Tracks:
    """T tracks in the order in which they started."""

    motion: Motion
    """Of (centre x, centre y, width / height, height) in px."""
    state: I64
    first_frame: I64
    last_frame: I64
    """(T,) frame of the last detection."""
    identity: I64
    """(T,) -1 before a track has one."""

    def predicted(self) -> _Tracks:
        """One frame later.

        As in the published code a lost track keeps its height, and a track of one detection gets no
        less sure of its place.
        """
        moving = np.flatnonzero(self.state != _NEW)
        motion = self.motion.take(moving)
        velocity = motion.velocity.copy()
        velocity[self.state[moving] == _LOST, _HEIGHT] = 0.0
        moved = motion.with_velocity(velocity).predicted(
            _variance(motion.position, _POSITION_STD, _ASPECT_STD),
            _variance(motion.position, _VELOCITY_STD, _ASPECT_VELOCITY_STD),
        )
        put = self.motion.put(moving, moved)
        return _Tracks(put, self.state, self.first_frame, self.last_frame, self.identity)

    def boxes_xyxy(self) -> F64:
        """(T, 4) px."""
        position = self.motion.position
        height = position[:, _HEIGHT]
        half = np.stack([position[:, _ASPECT] * height, height], axis=1) / 2
        return np.concatenate([position[:, :2] - half, position[:, :2] + half], axis=1)

    def take(self, rows: Bool) -> _Tracks:
        """The tracks of a mask."""
        return _Tracks(
            self.motion.take(rows),
            self.state[rows],
            self.first_frame[rows],
            self.last_frame[rows],
            self.identity[rows],
        )

    def joined(self, other: _Tracks) -> _Tracks:
        """These tracks, then the others."""
        return _Tracks(
            self.motion.joined(other.motion),
            np.concatenate([self.state, other.state]),
            np.concatenate([self.first_frame, other.first_frame]),
            np.concatenate([self.last_frame, other.last_frame]),
            np.concatenate([self.identity, other.identity]),
        )


class _Association:
    """Tracks and detections of a frame, matched step by step."""

    def __init__(self, boxes_xyxy: F64, scores: F64, tracks_xyxy: F64) -> None:
        self.boxes_xyxy = boxes_xyxy
        self._scores = scores
        self._tracks_xyxy = tracks_xyxy
        self.detection: I64 = np.full(len(tracks_xyxy), -1, np.int64)
        self.taken: Bool = np.zeros(len(boxes_xyxy), np.bool_)

    def match(self, tracks: I64, detections: I64, at_least: float, *, fuse: bool) -> None:
        """Match those of some tracks and detections that are still free."""
        tracks = tracks[self.detection[tracks] < 0]
        detections = detections[~self.taken[detections]]
        similarity = iou_matrix(self._tracks_xyxy[tracks], self.boxes_xyxy[detections])
        if fuse:
            similarity = similarity * self._scores[detections]
        rows, columns = best_pairs(similarity, at_least)
        self.detection[tracks[rows]] = detections[columns]
        self.taken[detections[columns]] = True


def _without_duplicates(tracks: _Tracks) -> Bool:
    """Of a track and a lost track in the same place, the one that was seen for longer stays."""
    kept = np.ones(len(tracks.state), np.bool_)
    lost = np.flatnonzero(tracks.state == _LOST)
    others = np.flatnonzero(tracks.state != _LOST)
    if not (len(lost) and len(others)):
        return kept
    boxes_xyxy = tracks.boxes_xyxy()
    age = tracks.last_frame - tracks.first_frame
    same = iou_matrix(boxes_xyxy[others], boxes_xyxy[lost]) > _DUPLICATE_IOU
    for row, column in np.argwhere(same):
        other, gone = others[row], lost[column]
        kept[gone if age[other] > age[gone] else other] = False
    return kept


def _coordinates(boxes_xyxy: F64) -> F64:
    """(N, 4) centre x, centre y, width / height, height."""
    size = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    centre = boxes_xyxy[:, :2] + size / 2
    return np.concatenate([centre, size[:, :1] / size[:, 1:], size[:, 1:]], axis=1)


def _variance(coordinates: F64, share_of_height: float, aspect_std: float) -> F64:
    """(N, 4) variance of each coordinate."""
    std = np.repeat(coordinates[:, _HEIGHT:], 4, axis=1) * share_of_height
    std[:, _ASPECT] = aspect_std
    return std**2
