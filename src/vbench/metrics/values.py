"""From counts to values: each ratio, or the reason why it is undefined."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from vbench.metrics.counts import DetectionCounts
from vbench.metrics.definitions import METRICS
from vbench.metrics.frames import FrameCounts
from vbench.metrics.track_counts import TrackCounts
from vbench.types import F64

Cell = tuple[int, int]
"""Scope and class column in a table of counts."""


@dataclass(frozen=True, slots=True)
class Value:
    """One metric of one scope and class; exactly one of `value` and `reason` is given."""

    name: str
    value: float | None
    reason: str | None
    n: int


@dataclass(frozen=True, slots=True)
class Subject:
    """What a row is about, in the words of a reason."""

    class_name: str | None
    place: str
    """For example `` in daypart=night``."""
    threshold: str
    """For example ``score >= 0.3``."""

    def lacks(self, what: str) -> str:
        """``no truth boxes of class forklift in daypart=night``."""
        of_class = "" if self.class_name is None else f" of class {self.class_name}"
        return f"no {what}{of_class}{self.place}"


def undefined(names: Iterable[str], reason: str, n: int = 0) -> list[Value]:
    """All these metrics without a value, for one reason."""
    return [Value(name, None, reason, n) for name in names]


def ratio(name: str, numerator: float, denominator: float, n: int, reason: str) -> Value:
    """The quotient, or the reason where the denominator is 0."""
    if denominator == 0:
        return Value(name, None, reason, n)
    return Value(name, float(numerator) / float(denominator), None, n)


_NAMES_WITH_FP = ("fp", "precision", "f1", "fp_per_frame", "fp_per_camera_hour")
FRAME_NAMES = ("frame_accuracy", "frame_precision", "frame_recall", "frame_fpr")
AP_NAMES = ("ap", "ap50", "ap75")


def detection_values(
    counts: DetectionCounts, at: Cell, subject: Subject, unknown_fp: str
) -> list[Value]:
    """Counts and ratios over boxes; `unknown_fp` says why false positives cannot be known."""
    n_frames, n_truth = int(counts.n_frames[at[0]]), int(counts.n_truth[at])
    no_truth = subject.lacks("truth boxes")
    no_match = f"{subject.lacks('detection')} at {subject.threshold} matches the truth"
    found = [
        Value("tp", float(counts.tp[at]), None, n_truth),
        Value("fn", float(counts.fn[at]), None, n_truth),
        ratio("recall", counts.tp[at], counts.tp[at] + counts.fn[at], n_truth, no_truth),
        ratio("mean_iou", counts.iou_sum[at], counts.tp[at], int(counts.tp[at]), no_match),
    ]
    if unknown_fp or counts.known_fp is None:
        return found + undefined(_NAMES_WITH_FP, unknown_fp, n_frames)
    known_frames, known_s = int(counts.known_frames[at]), float(counts.known_s[at])
    tp, fp, fn = int(counts.known_tp[at]), int(counts.known_fp[at]), int(counts.known_fn[at])
    no_detections = f"{subject.lacks('detections')} at {subject.threshold}"
    nothing = f"{no_truth}, and no detections at {subject.threshold}"
    hours = known_s / 3600.0
    return [
        *found,
        Value("fp", float(fp), None, known_frames),
        ratio("precision", tp, tp + fp, tp + fp, f"{no_detections}: precision is undefined"),
        ratio("f1", 2 * tp, 2 * tp + fp + fn, tp + fn, nothing),
        ratio("fp_per_frame", fp, known_frames, known_frames, subject.lacks("annotated frames")),
        ratio("fp_per_camera_hour", fp, hours, known_frames, "the footage has no duration"),
    ]


def frame_values(frames: FrameCounts, at: Cell, n_frames: int, subject: Subject) -> list[Value]:
    """Ratios over frames: how often 'this class is in the frame' was answered right."""
    tp, fp = int(frames.tp[at]), int(frames.fp[at])
    fn, tn = int(frames.fn[at]), int(frames.tn[at])
    no_answer = f"{subject.lacks('frame with a detection')} at {subject.threshold}"
    no_positive = subject.lacks("frame with a truth box")
    no_negative = f"{subject.lacks('frame without a truth box')}: no false alarm was possible"
    return [
        ratio(
            "frame_accuracy",
            tp + tn,
            tp + fp + fn + tn,
            n_frames,
            subject.lacks("annotated frames"),
        ),
        ratio("frame_precision", tp, tp + fp, n_frames, no_answer),
        ratio("frame_recall", tp, tp + fn, n_frames, no_positive),
        ratio("frame_fpr", fp, fp + tn, n_frames, no_negative),
    ]


def average_precision_values(ap: F64, n_truth: int, subject: Subject) -> list[Value]:
    """AP from its values (T,) at COCO's IoU thresholds, NaN where there is no truth."""
    if np.isnan(ap).any():
        return undefined(AP_NAMES, subject.lacks("truth boxes"), n_truth)
    return [
        Value("ap", float(ap.mean()), None, n_truth),
        Value("ap50", float(ap[0]), None, n_truth),
        Value("ap75", float(ap[5]), None, n_truth),
    ]


TRACK_NAMES = tuple(
    name for name, d in METRICS.items() if d.family in ("clear", "identity", "hota")
)
_TRACK_NAMES_WITH_FP = ("mota", "idf1", "idp", "hota", "deta", "assa")


def track_values(
    counts: TrackCounts, known: TrackCounts, at: Cell, subject: Subject, unknown_fp: str
) -> list[Value]:
    """Tracking scores; `known` is the part of the footage where false positives can be known."""
    scores = counts.at(at)
    n = scores.n_truth
    if n == 0:
        reason = subject.lacks("truth boxes with a track id")
        return undefined(TRACK_NAMES, reason)
    no_match = f"{subject.lacks('tracked detection')} at {subject.threshold} matches the truth"
    no_overlap = f"{subject.lacks('tracked detection')} at {subject.threshold} touches the truth"
    values = [
        _defined("motp", scores.motp, n, no_match),
        _defined("loca", scores.loca, n, no_overlap),
        _defined("idr", scores.idr, n),
        Value("idsw", float(scores.identity_switches), None, n),
        Value("fragmentations", float(scores.fragmentations), None, n),
        Value("mostly_tracked", float(scores.mostly_tracked), None, n),
        Value("partially_tracked", float(scores.partially_tracked), None, n),
        Value("mostly_lost", float(scores.mostly_lost), None, n),
    ]
    if unknown_fp or known.n_truth[at] == 0:
        reason = unknown_fp or subject.lacks("exhaustively annotated truth tracks")
        return values + undefined(_TRACK_NAMES_WITH_FP, reason, n)
    no_detections = f"{subject.lacks('tracked detections')} at {subject.threshold}"
    scores = known.at(at)
    n = scores.n_truth
    return [
        *values,
        _defined("mota", scores.mota, n),
        _defined("idf1", scores.idf1, n),
        _defined("idp", scores.idp, n, no_detections),
        _defined("hota", scores.hota, n),
        _defined("deta", scores.deta, n),
        _defined("assa", scores.assa, n),
    ]


def _defined(name: str, value: float | None, n: int, reason: str = "no truth") -> Value:
    """A ratio that may lack a value, with the reason for that case."""
    return Value(name, value, reason if value is None else None, n)
