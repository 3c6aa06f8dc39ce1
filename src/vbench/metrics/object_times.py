"""Objects over time: when they are first found, how they are lost and come back, how boxes shake.

An object is a truth track of one class in one clip, with its truth boxes that count. A box is found
when a detection at the operating point is matched with it in the match table, whatever track the
detection has. A box stands for the time until the next annotated frame, at most for the usual
(median) step between annotated frames; times are frame numbers at the clip's mean frame rate. Time
in which an object is not in the truth (it left, or its boxes are marked ignore) never counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.metrics.definitions import METRICS
from vbench.metrics.frames import counting_detections
from vbench.metrics.values import Subject, Value, undefined
from vbench.stats import percentiles
from vbench.types import F64, I64, Bool, Clip, Detections, GoldenSet, Matches, OperatingPoint

TIME_NAMES = tuple(name for name, item in METRICS.items() if item.family == "time")


@dataclass(frozen=True, slots=True)
class ObjectTimes:
    """K objects of a golden set."""

    clip: I64
    """(K,) index among the set's clips."""
    class_id: I64
    first_frame: I64
    """(K,) frame of its first truth box."""
    present_s: F64
    """(K,) time it is in the truth."""
    seen: Bool
    """(K,) found at least once."""
    first_s: F64
    """(K,) time it is there before it is first found; all of it where it never is."""
    longest_gap_s: F64
    """(K,) longest run of missed boxes after the first found one; 0 where it is never found."""
    n_gaps: I64
    """(K,) runs of missed boxes between two found ones."""
    shake: F64
    """(K,) sum over steps of the mean change of the four edges' offsets, in object sizes."""
    n_steps: I64
    """(K,) neighbouring annotated frames in both of which it is found."""

    def take(self, rows: Bool) -> ObjectTimes:
        """The marked objects."""
        return ObjectTimes(
            clip=self.clip[rows],
            class_id=self.class_id[rows],
            first_frame=self.first_frame[rows],
            present_s=self.present_s[rows],
            seen=self.seen[rows],
            first_s=self.first_s[rows],
            longest_gap_s=self.longest_gap_s[rows],
            n_gaps=self.n_gaps[rows],
            shake=self.shake[rows],
            n_steps=self.n_steps[rows],
        )

    def __len__(self) -> int:
        return len(self.clip)


def object_times(
    golden_set: GoldenSet,
    detections: Sequence[Detections],
    matches: Sequence[Matches],
    operating_point: OperatingPoint,
) -> ObjectTimes:
    """Follow every object of every clip."""
    parts = [
        _clip_times(g, clip, detections[g], matches[g], operating_point)
        for g, clip in enumerate(golden_set.clips)
    ]
    return ObjectTimes(
        clip=np.concatenate([part.clip for part in parts]),
        class_id=np.concatenate([part.class_id for part in parts]),
        first_frame=np.concatenate([part.first_frame for part in parts]),
        present_s=np.concatenate([part.present_s for part in parts]),
        seen=np.concatenate([part.seen for part in parts]),
        first_s=np.concatenate([part.first_s for part in parts]),
        longest_gap_s=np.concatenate([part.longest_gap_s for part in parts]),
        n_gaps=np.concatenate([part.n_gaps for part in parts]),
        shake=np.concatenate([part.shake for part in parts]),
        n_steps=np.concatenate([part.n_steps for part in parts]),
    )


def time_values(objects: ObjectTimes, subject: Subject, absent: str = "") -> list[Value]:
    """The metrics of some objects together; `absent` says why there can be none at all."""
    n = len(objects)
    if n == 0:
        return undefined(TIME_NAMES, absent or subject.lacks("truth boxes with a track id"))
    never_seen = Value("never_seen_share", float(1.0 - objects.seen.mean()), None, n)
    minutes = float(objects.present_s.sum()) / 60.0
    if minutes > 0:
        flicker = Value("flicker_per_object_minute", float(objects.n_gaps.sum()) / minutes, None, n)
    else:
        (flicker,) = undefined(["flicker_per_object_minute"], "the footage has no duration", n)
    return [*_seen_values(objects, subject), flicker, never_seen, _jitter(objects, subject)]


def _seen_values(objects: ObjectTimes, subject: Subject) -> list[Value]:
    seen = objects.take(objects.seen)
    n = len(seen)
    if n == 0:
        reason = f"{subject.lacks('object')} is ever found at {subject.threshold}"
        names = [name for name in TIME_NAMES if name.startswith(("first_detection", "longest_gap"))]
        return undefined(names, reason)
    first_p95 = float(percentiles(seen.first_s, [95.0])[0])
    return [
        Value("first_detection_s_mean", float(seen.first_s.mean()), None, n),
        Value("first_detection_s_p95", first_p95, None, n),
        Value("longest_gap_s_mean", float(seen.longest_gap_s.mean()), None, n),
        Value("longest_gap_s_max", float(seen.longest_gap_s.max()), None, n),
    ]


def _jitter(objects: ObjectTimes, subject: Subject) -> Value:
    n_steps = int(objects.n_steps.sum())
    if n_steps == 0:
        reason = f"{subject.lacks('object')} is found in two neighbouring annotated frames"
        return Value("box_jitter", None, reason, 0)
    return Value("box_jitter", float(objects.shake.sum()) / n_steps, None, n_steps)


def _clip_times(
    g: int, clip: Clip, detections: Detections, matches: Matches, operating_point: OperatingPoint
) -> ObjectTimes:
    truth = clip.truth
    tracked = np.flatnonzero(matches.truth_counts & (truth.track_id >= 0))
    order = np.lexsort(
        (truth.frame_index[tracked], truth.track_id[tracked], truth.class_id[tracked])
    )
    rows = tracked[order]
    columns = np.stack([truth.class_id[rows], truth.track_id[rows]])
    begins = np.ones(len(rows), np.bool_)
    begins[1:] = (np.diff(columns, axis=1) != 0).any(axis=0)
    first_row = np.flatnonzero(begins)
    owner = np.cumsum(begins) - 1
    n = len(first_row)
    box_s = _frame_time_s(clip)[truth.frame_index[rows]]
    detection = _found_by(detections, matches, operating_point, len(truth))[rows]
    found = detection >= 0

    def per_object(values: F64) -> F64:
        return _sums(owner, values, n)

    seen = per_object(found.astype(np.float64)) > 0
    # How many boxes of the object were found up to and including each box.
    total = np.cumsum(found, dtype=np.int64)
    so_far: I64 = total - (total - found)[first_row][owner]
    longest_gap_s, n_gaps = _gaps(owner, found, so_far, box_s, n)
    shake, n_steps = _shake(clip, detections, rows, detection, owner, n)
    return ObjectTimes(
        clip=np.full(n, g, np.int64),
        class_id=truth.class_id[rows[first_row]],
        first_frame=truth.frame_index[rows[first_row]],
        present_s=per_object(box_s),
        seen=seen,
        first_s=per_object(box_s * (so_far == 0)),
        longest_gap_s=longest_gap_s,
        n_gaps=n_gaps,
        shake=shake,
        n_steps=n_steps,
    )


def _frame_time_s(clip: Clip) -> F64:
    """(F,) seconds that each annotated frame stands for, 0 for the others."""
    facts = clip.facts
    seconds = np.zeros(facts.n_frames)
    annotated = np.flatnonzero(clip.annotated)
    if len(annotated):
        steps = np.diff(np.append(annotated, facts.n_frames))
        usual = np.median(steps[:-1]) if len(annotated) > 1 else 1.0
        seconds[annotated] = np.minimum(steps, usual) * (facts.duration_s / facts.n_frames)
    return seconds


def _found_by(
    detections: Detections, matches: Matches, operating_point: OperatingPoint, n_truth: int
) -> I64:
    """(M,) row of the detection at the operating point that found each truth box, or -1."""
    truth_index = matches.truth_index[matches.row(operating_point.iou)]
    hits = np.flatnonzero(
        counting_detections(detections, matches, operating_point) & (truth_index >= 0)
    )
    found_by = np.full(n_truth, -1, np.int64)
    found_by[truth_index[hits]] = hits
    return found_by


def _gaps(owner: I64, found: Bool, so_far: I64, box_s: F64, n: int) -> tuple[F64, I64]:
    """(n,) longest run of missed boxes after the first found one, and how many runs end."""
    missed = ~found & (so_far > 0)
    begins = missed.copy()
    begins[1:] &= ~missed[:-1] | (owner[1:] != owner[:-1])
    run = np.cumsum(begins)[missed] - 1
    run_owner = owner[begins]
    run_s = _sums(run, box_s[missed], len(run_owner))
    longest_s = np.zeros(n)
    np.maximum.at(longest_s, run_owner, run_s)
    resumed = found[1:] & missed[:-1] & (owner[1:] == owner[:-1])
    return longest_s, np.bincount(owner[1:][resumed], minlength=n).astype(np.int64)


def _shake(
    clip: Clip, detections: Detections, rows: I64, detection: I64, owner: I64, n: int
) -> tuple[F64, I64]:
    """(n,) sum over steps of how far the edges moved against the truth, and how many steps."""
    boxes = clip.truth.boxes_xyxy[rows]
    size = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
    usable = (detection >= 0) & (size > 0).all(axis=1)
    offset = np.zeros_like(boxes)
    offset[usable] = (detections.boxes_xyxy[detection[usable]] - boxes[usable]) / size[usable]
    position = (np.cumsum(clip.annotated) - 1)[clip.truth.frame_index[rows]]
    steps = usable[1:] & usable[:-1] & (owner[1:] == owner[:-1]) & (np.diff(position) == 1)
    moved = np.abs(np.diff(offset, axis=0)).mean(axis=1) if len(rows) else np.zeros(0)
    owners = owner[1:][steps]
    return _sums(owners, moved[steps], n), np.bincount(owners, minlength=n).astype(np.int64)


def _sums(owner: I64, values: F64, n: int) -> F64:
    """(n,) sum of the values of each owner."""
    return np.asarray(np.bincount(owner, weights=values, minlength=n), np.float64)
