"""Golden sets with something of everything, drawn from a seed: many clips, objects that stay."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tests.metrics.scenes import clip, golden_set, table
from vbench.types import (
    F64,
    Alerts,
    BoxTag,
    Clip,
    Detections,
    GoldenSet,
    OperatingPoint,
    Timings,
    Truth,
    TruthEvent,
    WholeAnswers,
    whole_answers,
)

CLASSES = ("person", "forklift", "pallet")
POINT = OperatingPoint(0.5, (("person", 0.4), ("forklift", 0.3), ("pallet", 0.5)))


@dataclass(frozen=True)
class Crowd:
    """A golden set and what one pipeline answered."""

    golden: GoldenSet
    answers: tuple[WholeAnswers, ...]
    timings: list[Timings | None]
    alerts: list[Alerts]


def crowd_set(n_clips: int, *, n_frames: int = 40, seed: int = 0, plain: bool = False) -> GoldenSet:
    """Clips of unequal length; `plain`: everything is annotated, and one class is everywhere."""
    rng = np.random.default_rng(seed)
    clips = [_clip(g, n_frames + 7 * (g % 4), rng, plain) for g in range(n_clips)]
    return golden_set(*clips, classes=CLASSES)


def answered(
    golden: GoldenSet, *, seed: int, like: Crowd | None = None, all_scores_differ: bool = False
) -> Crowd:
    """A pipeline's answers; `like`: the same ones but for a few boxes that are not found."""
    rng = np.random.default_rng(seed)
    if like is None:
        decimals = 15 if all_scores_differ else 2
        found = [_found(one, rng, decimals) for one in golden.clips]
    else:
        of_like = [one.detections for one in like.answers]
        found = [part.take(rng.random(len(part)) > 0.05) for part in of_like]
    tables = [table(one, part) for one, part in zip(golden.clips, found, strict=True)]
    return Crowd(
        golden,
        whole_answers(found, tables),
        [_timings(one, rng) for one in golden.clips],
        [_alerts(one, rng) for one in golden.clips],
    )


def _clip(g: int, n_frames: int, rng: np.random.Generator, plain: bool) -> Clip:
    rows: list[tuple[int, F64, int, int]] = []
    for track in range(6):
        class_id = track % (2 if g % 3 else 3)
        first, last = sorted(rng.integers(0, n_frames, 2).tolist())
        corner = rng.uniform(0, 400, 2)
        size = rng.uniform(10, 150, 2)
        step = rng.uniform(-3, 3, 2)
        for frame in range(first, last + 1):
            at = corner + step * (frame - first)
            rows.append((frame, np.concatenate([at, at + size]), class_id, track))
    rows.sort(key=lambda row: row[0])
    m = len(rows)
    annotated = np.ones(n_frames, np.bool_)
    if not plain and g % 4 == 1:
        annotated[1::3] = False
    boxes = Truth(
        frame_index=np.array([row[0] for row in rows], np.int64),
        boxes_xyxy=np.array([row[1] for row in rows]).reshape(-1, 4),
        class_id=np.array([row[2] for row in rows], np.int64),
        track_id=np.array([row[3] for row in rows], np.int64),
        ignore=(rng.random(m) < 0.05) & (not plain),
        crowd=(rng.random(m) < 0.02) & (not plain),
        tags=(BoxTag("carries", rng.choice(["", "box", "pallet"], m)),),
    )
    one = clip(
        boxes,
        id=f"clip{g}",
        n_frames=n_frames,
        fps=10.0,
        annotated=annotated,
        exhaustive=(True, True, plain or g % 5 != 2),
        tags=(("daypart", "night" if g % 3 == 0 else "day"), ("store", str(g % 2))),
    )
    second = one.facts.duration_s
    events = tuple(
        TruthEvent("enter", at * second, (at + 0.2) * second, CLASSES[k], None)
        for k, at in enumerate((0.1, 0.5))
    )
    return replace(one, events=events)


def _found(one: Clip, rng: np.random.Generator, decimals: int) -> Detections:
    """Most truth boxes with jitter, some under another class, and false alarms."""
    truth = one.truth
    m = len(truth)
    hit = rng.random(m) < 0.85
    n_hits, n_false = int(hit.sum()), int(rng.integers(20, 60))
    class_id = np.where(rng.random(m) < 0.05, (truth.class_id + 1) % 3, truth.class_id)[hit]
    size = np.tile(truth.boxes_xyxy[:, 2:] - truth.boxes_xyxy[:, :2], 2)[hit]
    boxes = truth.boxes_xyxy[hit] + size * rng.normal(0, 0.12, (n_hits, 4))
    boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + 1.0)
    corner = rng.uniform(0, 500, (n_false, 2))
    false = np.concatenate([corner, corner + rng.uniform(5, 120, (n_false, 2))], axis=1)
    swapped = np.where(rng.random(n_hits) < 0.03, 50, 0)
    return Detections.sorted_from(
        frame_index=np.concatenate(
            [truth.frame_index[hit], rng.integers(0, one.facts.n_frames, n_false)]
        ),
        boxes_xyxy=np.concatenate([boxes, false]),
        scores=np.round(
            np.concatenate([rng.beta(4, 2, n_hits), rng.beta(2, 4, n_false)]), decimals
        ),
        class_id=np.concatenate([class_id, rng.integers(0, 3, n_false)]).astype(np.int64),
        track_id=np.concatenate([truth.track_id[hit] + swapped, 100 + np.arange(n_false)]).astype(
            np.int64
        ),
    )


def _timings(one: Clip, rng: np.random.Generator) -> Timings:
    n = one.facts.n_frames
    times = rng.gamma(4.0, 2e6, (n, 3)).astype(np.int64)
    return Timings.of_every_frame(("decode", "detect", "track"), times, 5, "latency")


def _alerts(one: Clip, rng: np.random.Generator) -> Alerts:
    events = one.events
    times = [event.start_s + 0.3 for event in events if rng.random() < 0.8]
    times += [event.start_s + 0.5 for event in events if rng.random() < 0.2]
    times += rng.uniform(0, one.facts.duration_s, 2).tolist()
    n = len(times)
    return Alerts(
        np.sort(np.array(times)),
        np.zeros(n, np.int64),
        rng.integers(-1, 2, n).astype(np.int64),
        np.full(n, -1, np.int64),
        ("enter",),
        (),
    )
