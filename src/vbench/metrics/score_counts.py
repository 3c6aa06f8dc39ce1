"""Counts at each score of a slider: what is left of a clip's detections, small enough to sum.

`vbench.metrics.curves` has a point per score that occurs; here are the 101 scores 0.00, 0.01, ...,
1.00, at which a point equals that of the curve, and `vbench score RUN --score S`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from vbench.metrics.calibration import N_BINS, bin_of_score
from vbench.types import F64, I64, Bool
from vbench.types.arrays import check_column

N_THRESHOLDS = 101
SCORE_THRESHOLDS: F64 = np.arange(N_THRESHOLDS) / 100
"""0.00, 0.01, ..., 1.00: the very floats that their decimal texts stand for."""
SCORE_THRESHOLDS.flags.writeable = False


@dataclass(frozen=True, slots=True)
class ScoreCounts:
    """One pipeline on some footage, of C classes; row 0 is all classes together.

    Recall is over all truth; whatever holds false positives is over the known footage, where the
    class is annotated exhaustively (see `vbench.metrics.curves.ScoreCurve`).
    """

    tp: I64
    """(C + 1, 101) detections of score >= each threshold that are matched with truth."""
    known_tp: I64
    """(C + 1, 101) those in known footage."""
    fp: I64
    """(C + 1, 101) detections that are matched with none."""
    n_truth: I64
    """(C + 1,) truth boxes that count."""
    known_truth: I64
    """(C + 1,) those in known footage."""
    known_frames: I64
    """(C + 1,) annotated frames of known footage."""
    known_s: F64
    """(C + 1,) the same in seconds."""

    def __post_init__(self) -> None:
        rows = len(self.n_truth)
        for name in ("tp", "known_tp", "fp"):
            check_column("ScoreCounts", name, getattr(self, name), np.int64, (rows, N_THRESHOLDS))
        for name in ("n_truth", "known_truth", "known_frames"):
            check_column("ScoreCounts", name, getattr(self, name), np.int64, (rows,))
        check_column("ScoreCounts", "known_s", self.known_s, np.float64, (rows,))

    @property
    def thresholds(self) -> F64:
        """(101,) ascending."""
        return SCORE_THRESHOLDS

    @property
    def fn(self) -> I64:
        """(C + 1, 101) truth boxes that are not found."""
        missed: I64 = self.n_truth[:, None] - self.tp
        return missed

    def __add__(self, other: ScoreCounts) -> ScoreCounts:
        """Counts of two pieces of footage of one taxonomy."""
        return ScoreCounts(
            tp=self.tp + other.tp,
            known_tp=self.known_tp + other.known_tp,
            fp=self.fp + other.fp,
            n_truth=self.n_truth + other.n_truth,
            known_truth=self.known_truth + other.known_truth,
            known_frames=self.known_frames + other.known_frames,
            known_s=self.known_s + other.known_s,
        )

    @classmethod
    def empty(cls, n_classes: int) -> ScoreCounts:
        """Of no footage."""
        table = np.zeros((n_classes + 1, N_THRESHOLDS), np.int64)
        row = np.zeros(n_classes + 1, np.int64)
        return cls(table, table, table, row, row, row, np.zeros(n_classes + 1))


@dataclass(frozen=True, slots=True)
class ScoreBins:
    """Detections at the operating point in known footage, by their score; row 0 is all classes.

    Bins as in `vbench.metrics.calibration`; scores outside 0 to 1 are in none of them.
    """

    n: I64
    """(C + 1, 10) detections."""
    tp: I64
    """(C + 1, 10) of them matched with truth."""
    score_sum: F64
    """(C + 1, 10)"""
    outside: I64
    """(C + 1,) detections whose score is no probability."""

    def __post_init__(self) -> None:
        rows = len(self.outside)
        check_column("ScoreBins", "n", self.n, np.int64, (rows, N_BINS))
        check_column("ScoreBins", "tp", self.tp, np.int64, (rows, N_BINS))
        check_column("ScoreBins", "score_sum", self.score_sum, np.float64, (rows, N_BINS))
        check_column("ScoreBins", "outside", self.outside, np.int64, (rows,))

    def __add__(self, other: ScoreBins) -> ScoreBins:
        """Bins of two pieces of footage of one taxonomy."""
        return ScoreBins(
            self.n + other.n,
            self.tp + other.tp,
            self.score_sum + other.score_sum,
            self.outside + other.outside,
        )

    @classmethod
    def empty(cls, n_classes: int) -> ScoreBins:
        """Of no footage."""
        table = np.zeros((n_classes + 1, N_BINS), np.int64)
        return cls(table, table, table.astype(np.float64), np.zeros(n_classes + 1, np.int64))


def score_histogram(scores: F64, class_id: I64, matched: Bool, n_classes: int) -> I64:
    """(2, C, 101) false and true positives by class and highest threshold that they reach.

    Args:
        scores: (N,) of detections that count; those below 0 reach no threshold.
        class_id: (N,)
        matched: (N,) whether each is matched with truth.
        n_classes: C.
    """
    reached = threshold_reached(scores)
    cell = (matched * n_classes + class_id) * N_THRESHOLDS + reached
    counted = np.bincount(cell[reached >= 0], minlength=2 * n_classes * N_THRESHOLDS)
    return counted.reshape(2, n_classes, N_THRESHOLDS).astype(np.int64)


def threshold_reached(scores: F64) -> I64:
    """(N,) the highest of `SCORE_THRESHOLDS` that each score is not below, -1 for none."""
    reached = np.floor(np.clip(scores, 0.0, 1.0) * 100.0).astype(np.int64)
    # A product may fall on the wrong side of the threshold that the score itself is at.
    reached -= scores < SCORE_THRESHOLDS[reached]
    above = np.minimum(reached + 1, N_THRESHOLDS - 1)
    return np.where((reached >= 0) & (scores >= SCORE_THRESHOLDS[above]), above, reached)


def score_counts(
    histogram: I64, truth_class: I64, exhaustive: Bool, n_annotated: int, annotated_s: float
) -> ScoreCounts:
    """Counts of one clip.

    Args:
        histogram: (2, C, 101) sum of `score_histogram` over all its stored detections.
        truth_class: (M,) class of each truth box that counts.
        exhaustive: (C,) classes annotated wherever they occur in the clip.
        n_annotated: annotated frames.
        annotated_s: the same in seconds.
    """
    n_classes = len(exhaustive)
    fp, tp = np.flip(np.cumsum(np.flip(histogram, axis=2), axis=2), axis=2)
    n_truth = np.bincount(truth_class, minlength=n_classes).astype(np.int64)
    footage = np.concatenate([[exhaustive.any()], exhaustive])
    return ScoreCounts(
        tp=_with_all(tp),
        known_tp=_with_all(tp * exhaustive[:, None]),
        fp=_with_all(fp),
        n_truth=_with_all(n_truth),
        known_truth=_with_all(n_truth * exhaustive),
        known_frames=footage * np.int64(n_annotated),
        known_s=footage * float(annotated_s),
    )


def score_bins(scores: F64, class_id: I64, matched: Bool, exhaustive: Bool) -> ScoreBins:
    """Calibration of one clip.

    Args:
        scores: (N,) of the detections that count at the operating point.
        class_id: (N,)
        matched: (N,) whether each is matched with truth.
        exhaustive: (C,) classes annotated wherever they occur in the clip.
    """
    n_classes = len(exhaustive)
    known = exhaustive[class_id]
    inside = known & (scores >= 0.0) & (scores <= 1.0)
    cell = class_id[inside] * N_BINS + bin_of_score(scores[inside])

    def table(weights: F64 | None) -> F64:
        sums = np.bincount(cell, weights, minlength=n_classes * N_BINS)
        return _with_all(sums.reshape(n_classes, N_BINS).astype(np.float64))

    outside = np.bincount(class_id[known & ~inside], minlength=n_classes).astype(np.int64)
    return ScoreBins(
        n=table(None).astype(np.int64),
        tp=table(matched[inside].astype(np.float64)).astype(np.int64),
        score_sum=table(scores[inside]),
        outside=_with_all(outside),
    )


_Table = TypeVar("_Table", I64, F64)


def _with_all(of_classes: _Table) -> _Table:
    """(C + 1, ...) the sum over classes before the classes."""
    return np.concatenate([of_classes.sum(axis=0, keepdims=True), of_classes])
