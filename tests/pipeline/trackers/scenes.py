"""Stages, detections and crowds for tests of trackers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from vbench.config.tracker_entries import ByteTrackStage, SortStage
from vbench.types import F64
from vbench.types.frame_detections import FrameDetections


def byte_track(**keys: object) -> ByteTrackStage:
    return ByteTrackStage.model_validate(
        {"id": "track", "kind": "tracker", "type": "bytetrack", **keys}
    )


def sort(**keys: object) -> SortStage:
    return SortStage.model_validate({"id": "track", "kind": "tracker", "type": "sort", **keys})


def detections(
    boxes_xyxy: Sequence[Sequence[float]] | F64,
    scores: Sequence[float] | F64 | float = 0.9,
    class_id: Sequence[int] | int = 0,
) -> FrameDetections:
    """Detections of a frame; a single score or class is that of every box."""
    boxes = np.array(boxes_xyxy, np.float64).reshape(-1, 4)
    n = len(boxes)
    return FrameDetections.untracked(
        boxes,
        np.broadcast_to(np.asarray(scores, np.float64), (n,)).copy(),
        np.broadcast_to(np.asarray(class_id, np.int64), (n,)).copy(),
    )


def nothing() -> FrameDetections:
    return detections(np.zeros((0, 4)))


def crowd(seed: int, n_objects: int, n_frames: int) -> Iterator[FrameDetections]:
    """Objects that walk in a small place, with noise, misses, doubles and scores of all heights."""
    random = np.random.default_rng(seed)
    start = random.uniform(0, 200, (n_objects, 2))
    velocity = random.normal(0, 2.5, (n_objects, 2))
    size = random.uniform(15, 60, (n_objects, 2))
    for frame in range(n_frames):
        corner = start + velocity * frame + random.normal(0, 1.5, (n_objects, 2))
        boxes = np.concatenate([corner, corner + size * random.uniform(0.9, 1.1, size.shape)], 1)
        seen = random.random(n_objects) < 0.85
        double = seen & (random.random(n_objects) < 0.05)
        found = np.concatenate([boxes[seen], boxes[double] + random.uniform(-4, 4, 4)])
        scores = random.uniform(0.02, 1.0, len(found)) ** 0.5
        order = np.argsort(-scores, kind="stable")
        yield detections(found[order], scores[order])
