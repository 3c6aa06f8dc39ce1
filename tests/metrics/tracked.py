"""Small golden sets of tracked objects, events and times, drawn from a seed, and cut into blocks.

Everything that can be repeated is: `Drawn.repeated` is the golden set that a row of weights over
clips stands for, so that values under weights can be compared with plain values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tests.metrics.scenes import Box, clip, detections, golden_set, point, table, truth
from vbench.metrics.resampled import Blocks, Replicate
from vbench.metrics.values import Subject, Value
from vbench.types import (
    F64,
    I32,
    I64,
    Alerts,
    Clip,
    Detections,
    GoldenSet,
    Matches,
    OperatingPoint,
    Timings,
    TruthEvent,
)

CLASSES = ("person", "forklift")
AT = point(0.3, 0.3, classes=CLASSES)
ALL = Subject(None, "", "")
Rng = np.random.Generator


@dataclass(frozen=True)
class Drawn:
    """What there is to evaluate, clip by clip."""

    clips: tuple[Clip, ...]
    detections: tuple[Detections, ...]
    alerts: tuple[Alerts, ...]
    timings: tuple[Timings | None, ...]

    @property
    def golden(self) -> GoldenSet:
        return golden_set(*self.clips, classes=CLASSES)

    @property
    def matched(self) -> tuple[GoldenSet, tuple[Detections, ...], list[Matches], OperatingPoint]:
        tables = [table(one, of) for one, of in zip(self.clips, self.detections, strict=True)]
        return self.golden, self.detections, tables, AT

    def repeated(self, times: Sequence[int]) -> Drawn:
        """Each clip as often as said."""
        order = np.repeat(np.arange(len(self.clips)), times).tolist()
        return Drawn(
            tuple(replace(self.clips[g], id=f"{k}") for k, g in enumerate(order)),
            tuple(self.detections[g] for g in order),
            tuple(self.alerts[g] for g in order),
            tuple(self.timings[g] for g in order),
        )


def drawn(seed: int, n_clips: int = 3) -> Drawn:
    rng = np.random.default_rng(seed)
    clips, found, alerts, timings = [], [], [], []
    for g in range(n_clips):
        one, of_clip = _tracked(rng, f"c{g}")
        clips.append(replace(one, events=_events(rng, one)))
        found.append(of_clip)
        alerts.append(_alerts(rng, one))
        timings.append(_timings(rng, one))
    return Drawn(tuple(clips), tuple(found), tuple(alerts), tuple(timings))


def cut(rng: Rng, clips: Sequence[Clip]) -> Blocks:
    """Each clip in one to three blocks."""
    of_frame: list[I32] = []
    clip_of_block: list[int] = []
    for g, one in enumerate(clips):
        n_frames = one.facts.n_frames
        edges = rng.choice(np.arange(1, n_frames), min(int(rng.integers(0, 3)), n_frames - 1))
        block = np.searchsorted(np.unique(edges), np.arange(n_frames), side="right")
        of_frame.append((block + len(clip_of_block)).astype(np.int32))
        clip_of_block += [g] * (int(block[-1]) + 1)
    frames = [np.flatnonzero(np.concatenate(of_frame) == b) for b in range(len(clip_of_block))]
    start = np.cumsum([0, *(len(block) for block in of_frame)])
    return Blocks(
        of_frame=tuple(of_frame),
        clip=np.array(clip_of_block, np.int64),
        first_frame=np.array([f[0] - start[g] for f, g in zip(frames, clip_of_block, strict=True)]),
        last_frame=np.array([f[-1] - start[g] for f, g in zip(frames, clip_of_block, strict=True)]),
        length=2,
    )


def whole_clips(clips: Sequence[Clip]) -> tuple[I32, ...]:
    """Per clip (F,) its number: each clip is one unit."""
    return tuple(np.full(one.facts.n_frames, g, np.int32) for g, one in enumerate(clips))


def rows_over(blocks: Blocks, members: Sequence[int]) -> F64:
    """(1, K) one for each block of the marked clips."""
    return np.array(members, np.float64)[blocks.clip][None]


def check_values(replicates: Sequence[Replicate], values: Sequence[Value], row: int = 0) -> None:
    """Replicates of one row are the values; NaN where there is none."""
    plain = {value.name: value.value for value in values}
    for one in replicates:
        expected = plain[one.name]
        if expected is None:
            assert np.isnan(one.values[row]), one.name
        else:
            np.testing.assert_allclose(one.values[row], expected, rtol=1e-12, atol=1e-12)


def _tracked(rng: Rng, name: str) -> tuple[Clip, Detections]:
    n_frames = int(rng.integers(2, 9))
    boxes: list[tuple[int, Box]] = []
    found: list[tuple[int, Box, float]] = []
    of_truth: list[tuple[int, int]] = []
    of_found: list[tuple[int, int]] = []
    for track in range(int(rng.integers(0, 4))):
        x, class_id = 30.0 * track, int(rng.integers(0, 2))
        answer = 10 * track
        for frame in np.flatnonzero(rng.random(n_frames) < 0.8).tolist():
            boxes.append((frame, (x, 0.0, x + 40.0, 40.0)))
            of_truth.append((class_id, track))
            answer += int(rng.random() < 0.2)
            if rng.random() < 0.75:
                left, top = x + rng.normal(0, 4), rng.normal(0, 4)
                size = 40.0 + rng.normal(0, 4)
                found.append(
                    (frame, (left, top, left + size, top + size), 0.1 + 0.8 * rng.random())
                )
                of_found.append((class_id if rng.random() < 0.9 else 1 - class_id, answer))
    order = sorted(range(len(boxes)), key=lambda row: boxes[row][0])
    boxes, of_truth = [boxes[row] for row in order], [of_truth[row] for row in order]
    one = clip(
        truth(boxes, class_id=[c for c, _ in of_truth], track_id=[t for _, t in of_truth]),
        id=name,
        n_frames=n_frames,
        fps=2.0,
        exhaustive=(rng.random() < 0.8, rng.random() < 0.8),
    )
    return one, detections(
        found, class_id=[c for c, _ in of_found], track_id=[t for _, t in of_found]
    )


def _class_of(rng: Rng) -> str | None:
    return (None, *CLASSES)[int(rng.integers(0, 3))]


def _events(rng: Rng, one: Clip) -> tuple[TruthEvent, ...]:
    starts = one.facts.duration_s * rng.random(int(rng.integers(0, 3)))
    return tuple(
        TruthEvent("enter", start, start + 1.0, _class_of(rng), None) for start in starts.tolist()
    )


def _alerts(rng: Rng, one: Clip) -> Alerts:
    n = int(rng.integers(0, 5))
    none: I64 = np.full(n, -1, np.int64)
    return Alerts(
        # Some come after the last frame.
        time_s=np.sort(1.2 * one.facts.duration_s * rng.random(n)),
        kind=np.zeros(n, np.int64),
        class_id=rng.integers(-1, 2, n),
        zone=none,
        kinds=("enter",),
        zones=(),
    )


def _timings(rng: Rng, one: Clip) -> Timings | None:
    if rng.random() < 0.2:
        return None
    # Damaged clips have fewer rows than frames, or more.
    n_rows = max(1, one.facts.n_frames + int(rng.integers(-1, 2)))
    stages = ("decode", "detect", "track")[: int(rng.integers(2, 4))]
    duration_ns = rng.integers(1, 40, (n_rows, len(stages))) * 1_000_000
    return Timings.of_every_frame(stages, duration_ns, int(rng.integers(0, 2)), "latency")
