"""Regressions that can be planted into stored answers: known losses, to see which gates notice.

Each is a small pure function of a clip's answers; whatever is drawn comes from the generator given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

import numpy as np

from vbench.types import F64, I64, Alerts, Bool, Clip, Detections

NIGHT = ("daypart", "night")
SWAPS_EVERY_S = 2.0
REPEATED_AFTER_S = 0.5


@dataclass(frozen=True, slots=True)
class Answers:
    """What a pipeline answered on a clip."""

    clip: Clip
    detections: Detections
    alerts: Alerts | None
    """None for a pipeline without rules."""
    counts: Bool
    """(N,) detections at the operating point."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What is known of the answers on all clips before anything is planted."""

    has_night: bool
    has_alerts: bool
    classes: tuple[int, ...]
    """Classes found at the operating point, the most frequent one first."""
    has_tracks: bool
    has_meeting_tracks: bool
    """Whether two tracks are ever in one frame."""
    score_floor: float
    """No lower score is ever stored."""


Plant: TypeAlias = Callable[[Answers, np.random.Generator], Answers]
Aim: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
"""A metric and a slice."""


@dataclass(frozen=True, slots=True)
class Regression:
    """One known loss."""

    name: str
    title: str
    plant: Plant
    aims: tuple[Aim, ...]
    """What a gate would have to look at, most telling first."""
    obstacle: str = ""
    """Why it cannot be planted here; empty where it can."""


def reference_of(answers: Iterable[Answers], score_floor: float) -> Reference:
    """What planting must know of all clips.

    Args:
        answers: of every clip; read one after the other.
        score_floor: the pipeline's.
    """
    n_of_class: Counter[int] = Counter()
    has_night = has_alerts = has_tracks = has_meeting_tracks = False
    for one in answers:
        found = one.detections
        ids, n = np.unique(found.class_id[one.counts], return_counts=True)
        n_of_class.update(dict(zip(ids.tolist(), n.tolist(), strict=True)))
        has_night |= is_night(one.clip)
        has_alerts |= one.alerts is not None and len(one.alerts) > 0
        has_tracks |= bool(np.any(found.track_id >= 0))
        has_meeting_tracks |= len(meeting_frames(found)) > 0
    return Reference(
        has_night=has_night,
        has_alerts=has_alerts,
        classes=tuple(sorted(n_of_class, key=lambda k: (-n_of_class[k], k))),
        has_tracks=has_tracks,
        has_meeting_tracks=has_meeting_tracks,
        score_floor=score_floor,
    )


def regressions(reference: Reference) -> tuple[Regression, ...]:
    """Every known loss, also those that cannot be planted into these answers."""
    where = "of night boxes" if reference.has_night else "of boxes (no clip is at night)"
    slice_ = (NIGHT,) if reference.has_night else ()
    no_alerts = "" if reference.has_alerts else "the pipeline raises no alerts"
    one_class = "" if len(reference.classes) > 1 else "the pipeline finds fewer than two classes"
    no_tracks = ""
    if not reference.has_meeting_tracks:
        no_tracks = (
            "no two tracks are ever in one frame"
            if reference.has_tracks
            else "the pipeline gives no track ids"
        )
    pair = reference.classes[:2] if not one_class else (0, 0)
    drop = partial(_plant_drop, only_night=reference.has_night)
    tracking: tuple[Aim, ...] = (("idf1", ()), ("hota", ()), ("mota", ()))
    return (
        Regression("drop-5", f"drop 5 % {where}", partial(drop, share=0.05), (("recall", slice_),)),
        Regression(
            "drop-20", f"drop 20 % {where}", partial(drop, share=0.2), (("recall", slice_),)
        ),
        Regression(
            "shift-boxes",
            "shift boxes by 10 % of their size",
            _on_detections(partial(shifted, share=0.1)),
            (("mean_iou", ()), ("ap75", ()), ("ap", ())),
        ),
        Regression(
            "duplicate-alerts",
            "raise every alert twice",
            _plant_repeated_alerts,
            (("alert_precision", ()), ("false_alerts_per_camera_hour", ())),
            no_alerts,
        ),
        Regression(
            "swap-classes",
            "swap two classes in 5 % of boxes",
            partial(_plant_swapped_classes, pair=pair, share=0.05),
            (("precision", ()), ("recall", ()), ("ap50", ())),
            one_class,
        ),
        Regression(
            "delay",
            "delay by one frame",
            _plant_delay,
            (("mean_iou", ()), ("ap75", ()), ("ap", ()), ("recall", ())),
        ),
        Regression(
            "false-alarms",
            "add 5 % false alarms",
            partial(_plant_false_alarms, share=0.05),
            (("precision", ()), ("fp_per_camera_hour", ())),
        ),
        Regression(
            "lower-scores",
            "lower scores by 0.1",
            _on_detections(partial(lowered, by=0.1, floor=reference.score_floor)),
            (("recall", ()), ("ece", ())),
        ),
        Regression(
            "swap-tracks",
            "swap two track ids every 2 s",
            _plant_swapped_tracks,
            tracking,
            no_tracks,
        ),
    )


def is_night(clip: Clip) -> bool:
    """Whether a clip is tagged ``daypart: night``."""
    return clip.tag(NIGHT[0]) == NIGHT[1]


def dropped(detections: Detections, share: float, rng: np.random.Generator) -> Detections:
    """Without a share of the rows, rounded to whole rows."""
    keep = np.ones(len(detections), np.bool_)
    keep[_drawn(len(detections), share, rng)] = False
    return detections.take(keep)


def shifted(detections: Detections, share: float) -> Detections:
    """Every box to the right and down by a share of its width and height."""
    size = detections.boxes_xyxy[:, 2:] - detections.boxes_xyxy[:, :2]
    return replace(detections, boxes_xyxy=detections.boxes_xyxy + share * np.tile(size, 2))


def repeated(alerts: Alerts, after_s: float, end_s: float) -> Alerts:
    """Every alert again some time later, at the latest at the clip's end."""
    time_s = np.concatenate([alerts.time_s, np.minimum(alerts.time_s + after_s, end_s)])
    return _sorted_alerts(alerts, time_s, np.tile(np.arange(len(alerts)), 2))


def swapped_classes(
    detections: Detections, pair: Sequence[int], rows: I64, share: float, rng: np.random.Generator
) -> Detections:
    """One class for the other in a share of those of the rows that are of the two classes."""
    first, second = pair
    candidates = rows[np.isin(detections.class_id[rows], (first, second))]
    chosen = candidates[_drawn(len(candidates), share, rng)]
    class_id = detections.class_id.copy()
    class_id[chosen] = np.where(class_id[chosen] == first, second, first)
    return replace(detections, class_id=class_id)


def delayed(detections: Detections, n_frames: int, end_frame: int) -> Detections:
    """Every answer some frames late; what would come after the clip's end is lost."""
    late = replace(detections, frame_index=detections.frame_index + n_frames)
    return late.take(late.frame_index < end_frame)


def delayed_alerts(alerts: Alerts, by_s: float, end_s: float) -> Alerts:
    """Every alert late, at the latest at the clip's end."""
    return replace(
        alerts, time_s=np.minimum(alerts.time_s + by_s, np.maximum(end_s, alerts.time_s))
    )


def with_false_alarms(
    detections: Detections, rows: I64, n_extra: int, clip: Clip, rng: np.random.Generator
) -> Detections:
    """More detections: copies of some of the rows, each in a random annotated frame and place."""
    frames = np.flatnonzero(clip.annotated)
    if not len(rows) or not len(frames) or not n_extra:
        return detections
    like = rng.choice(rows, n_extra)
    size = detections.boxes_xyxy[like, 2:] - detections.boxes_xyxy[like, :2]
    room = np.maximum(np.array([clip.facts.width_px, clip.facts.height_px]) - size, 0.0)
    corner = rng.random((n_extra, 2)) * room
    track_id = np.full(n_extra, -1, np.int64)
    if np.any(detections.track_id >= 0):
        track_id = detections.track_id.max() + 1 + np.arange(n_extra)
    return Detections.sorted_from(
        frame_index=np.concatenate([detections.frame_index, rng.choice(frames, n_extra)]),
        boxes_xyxy=np.concatenate([detections.boxes_xyxy, np.hstack([corner, corner + size])]),
        scores=np.concatenate([detections.scores, detections.scores[like]]),
        class_id=np.concatenate([detections.class_id, detections.class_id[like]]),
        track_id=np.concatenate([detections.track_id, track_id]),
    )


def lowered(detections: Detections, by: float, floor: float) -> Detections:
    """Every score lower; what falls below the floor is lost."""
    lower = replace(detections, scores=detections.scores - by)
    return lower.take(lower.scores >= floor)


def meeting_frames(detections: Detections) -> I64:
    """Frames with detections of at least two tracks."""
    tracked = detections.track_id >= 0
    pairs = np.unique(
        np.column_stack([detections.frame_index[tracked], detections.track_id[tracked]]), axis=0
    )
    frames, n_tracks = np.unique(pairs[:, 0], return_counts=True)
    return frames[n_tracks > 1]


def swapped_tracks(detections: Detections, every: int, rng: np.random.Generator) -> Detections:
    """Two tracks of one frame exchange their ids from that frame on, again and again.

    Args:
        detections: with track ids.
        every: frames between one exchange and the next, at least.
        rng: draws the two tracks.
    """
    frames = meeting_frames(detections)
    track_id = detections.track_id.copy()
    due = every
    for frame in frames.tolist():
        if frame < due:
            continue
        here = track_id[detections.frame_index == frame]
        one, other = rng.choice(np.unique(here[here >= 0]), 2, replace=False)
        later = detections.frame_index >= frame
        was_one, was_other = later & (track_id == one), later & (track_id == other)
        track_id[was_one], track_id[was_other] = other, one
        due = frame + every
    return replace(detections, track_id=track_id)


def _on_detections(change: Callable[[Detections], Detections]) -> Plant:
    def plant(answers: Answers, _rng: np.random.Generator) -> Answers:
        return replace(answers, detections=change(answers.detections))

    return plant


def _plant_drop(
    answers: Answers, rng: np.random.Generator, *, share: float, only_night: bool
) -> Answers:
    if only_night and not is_night(answers.clip):
        return answers
    return replace(answers, detections=dropped(answers.detections, share, rng))


def _plant_repeated_alerts(answers: Answers, _rng: np.random.Generator) -> Answers:
    if answers.alerts is None:
        return answers
    end_s = answers.clip.facts.duration_s
    return replace(answers, alerts=repeated(answers.alerts, REPEATED_AFTER_S, end_s))


def _plant_swapped_classes(
    answers: Answers, rng: np.random.Generator, *, pair: tuple[int, ...], share: float
) -> Answers:
    rows = np.flatnonzero(answers.counts)
    return replace(answers, detections=swapped_classes(answers.detections, pair, rows, share, rng))


def _plant_delay(answers: Answers, _rng: np.random.Generator) -> Answers:
    facts = answers.clip.facts
    alerts = answers.alerts
    if alerts is not None and facts.fps > 0:
        alerts = delayed_alerts(alerts, 1.0 / facts.fps, facts.duration_s)
    return replace(
        answers, detections=delayed(answers.detections, 1, facts.n_frames), alerts=alerts
    )


def _plant_false_alarms(answers: Answers, rng: np.random.Generator, *, share: float) -> Answers:
    rows = np.flatnonzero(answers.counts)
    n_extra = round(share * len(rows))
    return replace(
        answers,
        detections=with_false_alarms(answers.detections, rows, n_extra, answers.clip, rng),
    )


def _plant_swapped_tracks(answers: Answers, rng: np.random.Generator) -> Answers:
    every = max(1, round(SWAPS_EVERY_S * answers.clip.facts.fps))
    return replace(answers, detections=swapped_tracks(answers.detections, every, rng))


def _drawn(n: int, share: float, rng: np.random.Generator) -> I64:
    """A share of n rows, each at most once."""
    return rng.permutation(n)[: round(share * n)]


def _sorted_alerts(alerts: Alerts, time_s: F64, rows: I64) -> Alerts:
    """Alerts made of the given rows at new times."""
    order = np.argsort(time_s, kind="stable")
    rows = rows[order]
    return replace(
        alerts,
        time_s=time_s[order],
        kind=alerts.kind[rows],
        class_id=alerts.class_id[rows],
        zone=alerts.zone[rows],
    )
