"""Synthetic tracks for the speed harness: moving objects, misses, noise, swapped identities.

Rows have the columns of a MOTChallenge file: frame (from 1), id, x, y, width, height, conf.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float64]

_FIELD_PX = np.array([1100.0, 600.0])
_SEEN_IN_TRUTH, _FOUND = 0.97, 0.90
_NEW_IDENTITY = 0.002
_BOX_NOISE = 0.06
_FALSE_PER_FRAME, _FALSE_FRAMES = 0.06, 25


@dataclass(frozen=True)
class TrackData:
    """Truth and tracker results of one clip."""

    truth: Rows
    results: Rows
    n_frames: int


def make_tracks(n_frames: int, n_objects: int, seed: int = 3) -> TrackData:
    """Objects that bounce around a field and a tracker that follows them imperfectly."""
    rng = np.random.default_rng(seed)
    position = rng.random((n_objects, 2)) * [1000, 500]
    velocity = rng.normal(0, 2, (n_objects, 2))
    size = rng.uniform(30, 120, (n_objects, 2))
    identity = np.arange(1, n_objects + 1)
    next_identity = n_objects + 1
    truth: list[Rows] = []
    results: list[Rows] = []
    for frame in range(1, n_frames + 1):
        position += velocity
        velocity = np.where((position < 0) | (position > _FIELD_PX), -velocity, velocity)
        lost = np.flatnonzero(rng.random(n_objects) < _NEW_IDENTITY)
        identity[lost] = next_identity + np.arange(len(lost))
        next_identity += len(lost)
        there = rng.random(n_objects) < _SEEN_IN_TRUTH
        truth.append(_rows(frame, np.arange(1, n_objects + 1), position, size)[there])
        noise = rng.normal(0, _BOX_NOISE, (n_objects, 4)) * np.tile(size, 2)
        followed = _rows(
            frame, identity, position + noise[:, :2], np.maximum(size + noise[:, 2:], 4.0)
        )
        results.append(followed[rng.random(n_objects) < _FOUND])
        if rng.random() < _FALSE_PER_FRAME:
            last = min(frame + _FALSE_FRAMES, n_frames + 1)
            place, extent = rng.random((1, 2)) * [1000, 500], rng.uniform(30, 120, (1, 2))
            results += [
                _rows(k, np.array([next_identity]), place + rng.normal(0, 2, (1, 2)), extent)
                for k in range(frame, last)
            ]
            next_identity += 1
    return TrackData(_by_frame(truth), _by_frame(results), n_frames)


def _rows(frame: int, identity: npt.NDArray[np.int64], corner: Rows, size: Rows) -> Rows:
    n = len(identity)
    return np.column_stack([np.full(n, frame), identity, corner, size, np.ones(n)])


def _by_frame(parts: list[Rows]) -> Rows:
    rows = np.concatenate(parts)
    rows[:, 2:6] = np.round(rows[:, 2:6], 2)
    return rows[np.argsort(rows[:, 0], kind="stable")]
