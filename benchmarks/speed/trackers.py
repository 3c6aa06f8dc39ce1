"""Trackers on crowds of 30, 100 and 300 boxes, against a library where it is installed.

python benchmarks/speed/trackers.py [--frames 200] [--rounds 3] [--json FILE]

The trackers take turns, round by round, on the same boxes. The peer is trackforge (extra `bench`),
which was the nearest to fit: docs/adr/0022-trackers.md.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from harness import Load, Table, arguments_of, measure, wall_s

from vbench.config.tracker_entries import ByteTrackStage, SortStage
from vbench.pipeline.trackers.registry import make_tracker
from vbench.types import F64, Clip, FrameDetections, MediaFacts, Truth
from vbench.types.frame_detections import NO_TRACK

CROWDS = (30, 100, 300)
WIDTH_PX, HEIGHT_PX = 1920, 1080


def crowd(n_objects: int, n_frames: int) -> list[FrameDetections]:
    """People who walk straight on and now and then are missed; every score is high."""
    random = np.random.default_rng(n_objects)
    place = random.uniform((0, 0), (WIDTH_PX - 80, HEIGHT_PX - 160), (n_objects, 2))
    speed = random.normal(0, 3, (n_objects, 2))
    size = random.uniform((20, 50), (60, 140), (n_objects, 2))
    frames = []
    for _ in range(n_frames):
        place += speed
        seen = random.random(n_objects) < 0.95
        corner = place[seen] + random.normal(0, 1, (int(seen.sum()), 2))
        scores = random.uniform(0.7, 1.0, len(corner))
        best = np.argsort(-scores, kind="stable")
        boxes_xyxy: F64 = np.concatenate([corner, corner + size[seen]], axis=1)[best]
        class_id = np.zeros(len(best), np.int64)
        frames.append(FrameDetections.untracked(boxes_xyxy, scores[best], class_id))
    return frames


def clip(n_frames: int) -> Clip:
    """An empty clip for the trackers to begin."""
    facts = MediaFacts("", n_frames, 25.0, n_frames / 25.0, WIDTH_PX, HEIGHT_PX, "")
    return Clip(
        id="crowd",
        media=Path("crowd"),
        stream=None,
        facts=facts,
        tags=(),
        truth=Truth.empty(),
        annotated=np.ones(n_frames, np.bool_),
        exhaustive=np.ones(1, np.bool_),
        ignore_regions=(),
        events=(),
    )


def ours(stage: ByteTrackStage | SortStage) -> Callable[[Sequence[FrameDetections]], int]:
    """Tracks a clip; returns how many identities it gave."""

    def run(frames: Sequence[FrameDetections]) -> int:
        tracker = make_tracker(stage)
        tracker.begin_clip(clip(len(frames)))
        found = [tracker.update(index, frame).track_id for index, frame in enumerate(frames)]
        return len(set(np.concatenate(found).tolist()) - {NO_TRACK})

    return run


def peers() -> dict[str, Callable[[Sequence[FrameDetections]], int]]:
    """Trackers of the library, where it is installed."""
    try:
        library = importlib.import_module("trackforge")
    except ImportError:
        return {}

    def of(name: str) -> Callable[[Sequence[FrameDetections]], int]:
        def run(frames: Sequence[FrameDetections]) -> int:
            tracker = getattr(library, name)()
            found: set[int] = set()
            for frame in frames:
                tlwh = np.concatenate(
                    [frame.boxes_xyxy[:, :2], frame.boxes_xyxy[:, 2:] - frame.boxes_xyxy[:, :2]],
                    axis=1,
                )
                rows = zip(tlwh.tolist(), frame.scores.tolist(), strict=True)
                tracks = tracker.update([(box, score, 0) for box, score in rows])
                found.update(track[0] for track in tracks)
            return len(found)

        return run

    known = {"trackforge ByteTrack": "BYTETRACK", "trackforge SORT": "SORT"}
    return {title: of(name) for title, name in known.items() if hasattr(library, name)}


def main() -> None:
    """Measure and print the table."""
    parser = arguments_of(__doc__, rounds=3)
    parser.add_argument("--frames", type=int, default=200)
    arguments = parser.parse_args()
    byte = ByteTrackStage(id="track", kind="tracker", type="bytetrack")
    sort = SortStage(id="track", kind="tracker", type="sort")
    trackers = {"ByteTrack": ours(byte), "SORT": ours(sort), **peers()}
    table = Table("Trackers on a crowd, ms a frame", arguments)
    for n_objects in CROWDS:
        frames = crowd(n_objects, arguments.frames)
        rounds = measure(
            {name: wall_s(partial(run, frames)) for name, run in trackers.items()},
            arguments.rounds,
        )
        load: Load | None = rounds.load
        for name, run in trackers.items():
            what = f"{n_objects} objects, {name}, {run(frames):,} identities"
            values = [1000 * seconds / len(frames) for seconds in rounds.values[name]]
            table.add(what, values, "ms", load=load)
            load = None
    table.finish()


if __name__ == "__main__":
    main()
