"""Trackers on crowds of 30, 100 and 300 boxes, against a library where it is installed.

python benchmarks/speed/trackers.py [--frames 200] [--rounds 3] [--json FILE]

The trackers take turns, round by round, on the same boxes. The peer is trackforge (extra `bench`),
which was the nearest to fit: docs/adr/0022-trackers.md.
"""

from __future__ import annotations

import argparse
import importlib
import json
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from machine import ForeignLoad, describe_machine

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
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    print(describe_machine())
    byte = ByteTrackStage(id="track", kind="tracker", type="bytetrack")
    sort = SortStage(id="track", kind="tracker", type="sort")
    trackers = {"ByteTrack": ours(byte), "SORT": ours(sort), **peers()}
    load = ForeignLoad()
    table: dict[str, dict[str, list[float]]] = {}
    for n_objects in CROWDS:
        frames = crowd(n_objects, arguments.frames)
        times: dict[str, list[float]] = {name: [] for name in trackers}
        ids: dict[str, int] = {}
        for run in trackers.values():
            run(frames[:10])  # compiles, or loads what was compiled
        for _ in range(arguments.rounds):
            for name, run in trackers.items():
                began_s = time.perf_counter()
                ids[name] = run(frames)
                times[name].append(1000 * (time.perf_counter() - began_s) / len(frames))
        print(f"  {n_objects} objects, ms a frame: median (min .. max), identities")
        for name, values in times.items():
            spread = f"({min(values):.2f} .. {max(values):.2f})"
            print(f"    {name:22} {statistics.median(values):6.2f} {spread:18} {ids[name]:,}")
        table[str(n_objects)] = times
    print(f"  {load.text()}")
    if arguments.json:
        arguments.json.write_text(json.dumps({"table": table, "load": load.text()}, indent=1))


if __name__ == "__main__":
    main()
