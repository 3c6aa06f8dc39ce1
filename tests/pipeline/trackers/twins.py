"""ByteTrack and SORT, slowly: one object per track, full matrices, another library's assignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from vbench.config.tracker_entries import ByteTrackStage, SortStage
from vbench.types import F64


def iou(a: F64, b: F64) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    inter = width * height
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter
    return float(inter / union)


class Kalman:
    """The textbook's filter on a state of n numbers, of which the first four are measured."""

    def __init__(self, mean: F64, covariance: F64, moves: F64) -> None:
        self.mean, self.covariance, self.moves = mean, covariance, moves
        self.measures = np.eye(4, len(mean))

    def predict(self, noise: F64) -> None:
        self.mean = self.moves @ self.mean
        self.covariance = self.moves @ self.covariance @ self.moves.T + noise

    def update(self, measured: F64, noise: F64) -> None:
        h = self.measures
        gain = self.covariance @ h.T @ np.linalg.inv(h @ self.covariance @ h.T + noise)
        self.mean = self.mean + gain @ (measured - h @ self.mean)
        self.covariance = (np.eye(len(self.mean)) - gain @ h) @ self.covariance


@dataclass
class Track:
    kalman: Kalman
    start: int
    last: int
    state: str
    identity: int = -1
    n_hits: int = 0
    detection: int = field(default=-1)


class ByteTrackTwin:
    def __init__(self, stage: ByteTrackStage) -> None:
        self.stage = stage
        self.tracks: list[Track] = []
        self.frame = -1
        self.n_identities = 0

    def update(self, boxes: F64, scores: F64) -> list[int]:
        self.frame += 1
        stage = self.stage
        self._predict()
        high = [k for k, score in enumerate(scores) if score >= stage.high_score]
        low = [k for k, score in enumerate(scores) if stage.low_score <= score < stage.high_score]
        taken = self._match(boxes, scores, ("tracked", "lost"), high, stage.match_iou, True)
        self._match(boxes, scores, ("tracked",), low, stage.low_match_iou, False)
        high = [k for k in high if k not in taken]
        taken = self._match(boxes, scores, ("new",), high, stage.new_match_iou, True)
        high = [k for k in high if k not in taken]
        self._see(boxes)
        for k in high:
            if scores[k] >= stage.starts_from:
                self._start(boxes[k], k)
        self._end_duplicates()
        self.tracks = [track for track in self.tracks if track.state != "ended"]
        answer = [-1] * len(boxes)
        for track in self.tracks:
            if track.state == "tracked" and track.detection >= 0:
                if track.identity < 0:
                    self.n_identities += 1
                    track.identity = self.n_identities
                answer[track.detection] = track.identity
        return answer

    def _predict(self) -> None:
        for track in self.tracks:
            track.detection = -1
            if track.state != "new":
                if track.state == "lost":
                    track.kalman.mean[7] = 0.0
                h = track.kalman.mean[3]
                track.kalman.predict(
                    _diagonal(h / 20, h / 20, 1e-2, h / 20, h / 160, h / 160, 1e-5, h / 160)
                )

    def _see(self, boxes: F64) -> None:
        for track in self.tracks:
            if track.detection >= 0:
                h = track.kalman.mean[3]
                track.kalman.update(
                    _xyah(boxes[track.detection]), _diagonal(h / 20, h / 20, 1e-1, h / 20)
                )
                track.state, track.last = "tracked", self.frame
            elif track.state == "tracked":
                track.state = "lost"
            elif track.state == "new":
                track.state = "ended"
            if track.state == "lost" and self.frame - track.last > self.stage.buffer_frames:
                track.state = "ended"

    def _match(
        self,
        boxes: F64,
        scores: F64,
        states: Sequence[str],
        rows: Sequence[int],
        at_least: float,
        fuse: bool,
    ) -> set[int]:
        tracks = [t for t in self.tracks if t.state in states and t.detection < 0]
        # Anyone may stay alone, at half the highest cost allowed.
        n, m = len(tracks), len(rows)
        cost = np.full((n + m, n + m), (1 - at_least) / 2)
        cost[n:, m:] = 0.0
        for i, track in enumerate(tracks):
            for j, row in enumerate(rows):
                factor = scores[row] if fuse and self.stage.fuse_score else 1.0
                cost[i, j] = 1 - iou(_xyxy_of_xyah(track.kalman.mean), boxes[row]) * factor
        taken = set()
        for i, j in zip(*linear_sum_assignment(cost), strict=True):
            if i < n and j < m:
                tracks[i].detection = rows[j]
                taken.add(rows[j])
        return taken

    def _start(self, box: F64, row: int) -> None:
        measured = _xyah(box)
        h = measured[3]
        covariance = _diagonal(h / 10, h / 10, 1e-2, h / 10, h / 16, h / 16, 1e-5, h / 16)
        kalman = Kalman(np.concatenate([measured, np.zeros(4)]), covariance, _moves(8))
        state = "tracked" if self.frame == 0 else "new"
        self.tracks.append(Track(kalman, self.frame, self.frame, state, detection=row))

    def _end_duplicates(self) -> None:
        ended = []
        for a in [t for t in self.tracks if t.state in ("tracked", "new")]:
            for b in [t for t in self.tracks if t.state == "lost"]:
                overlap = iou(_xyxy_of_xyah(a.kalman.mean), _xyxy_of_xyah(b.kalman.mean))
                if overlap > 0.85:
                    ended.append(b if a.last - a.start > b.last - b.start else a)
        for track in ended:
            track.state = "ended"


class SortTwin:
    def __init__(self, stage: SortStage) -> None:
        self.stage = stage
        self.tracks: list[Track] = []
        self.n_frames = 0
        self.n_identities = 0

    def update(self, boxes: F64, scores: F64) -> list[int]:
        stage = self.stage
        self.n_frames += 1
        rows = [k for k, score in enumerate(scores) if score >= stage.score]
        noise = np.diag([1, 1, 1, 1, 1e-2, 1e-2, 1e-4])
        for track in self.tracks:
            mean = track.kalman.mean
            if mean[2] + mean[6] <= 0:
                mean[6] = 0
            track.kalman.predict(noise)
            if track.last > 0:
                track.n_hits = 0
            track.last += 1
            track.detection = -1
        overlap = np.array(
            [[iou(_xyxy_of_xysr(t.kalman.mean), boxes[k]) for k in rows] for t in self.tracks]
        ).reshape(len(self.tracks), len(rows))
        free = set(rows)
        for i, j in zip(*linear_sum_assignment(-overlap), strict=True):
            if overlap[i, j] >= stage.match_iou:
                track = self.tracks[i]
                track.kalman.update(_xysr(boxes[rows[j]]), np.diag([1.0, 1, 10, 10]))
                track.n_hits += 1
                track.last, track.detection = 0, rows[j]
                free.discard(rows[j])
        for k in sorted(free):
            kalman = Kalman(
                np.concatenate([_xysr(boxes[k]), np.zeros(3)]),
                np.diag([10.0, 10, 10, 10, 1e4, 1e4, 1e4]),
                _moves(7),
            )
            self.tracks.append(Track(kalman, 0, 0, "", detection=k))
        self.tracks = [track for track in self.tracks if track.last <= stage.buffer_frames]
        answer = [-1] * len(boxes)
        for track in self.tracks:
            sure = track.n_hits >= stage.min_hits or self.n_frames <= stage.min_hits
            if track.detection >= 0 and sure:
                if track.identity < 0:
                    self.n_identities += 1
                    track.identity = self.n_identities
                answer[track.detection] = track.identity
        return answer


def _diagonal(*std: float) -> F64:
    return np.diag(np.square(std))


def _moves(n: int) -> F64:
    moves = np.eye(n)
    for k in range(n - 4):
        moves[k, k + 4] = 1.0
    return moves


def _xyah(box: F64) -> F64:
    width, height = box[2] - box[0], box[3] - box[1]
    return np.array([box[0] + width / 2, box[1] + height / 2, width / height, height])


def _xyxy_of_xyah(mean: F64) -> F64:
    x, y, aspect, height = mean[:4]
    width = aspect * height
    return np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])


def _xysr(box: F64) -> F64:
    width, height = box[2] - box[0], box[3] - box[1]
    return np.array([box[0] + width / 2, box[1] + height / 2, width * height, width / height])


def _xyxy_of_xysr(mean: F64) -> F64:
    x, y, area, aspect = mean[:4]
    width = np.sqrt(area * aspect)
    height = area / width
    return np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])
