"""Whether a score of 0.7 means that 7 of 10 are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.metrics.pool import Pool
from vbench.types import F64, I64
from vbench.types.arrays import check_column

N_BINS = 10
"""Bins of equal width over scores 0 to 1: [0, 0.1), [0.1, 0.2), ..., [0.9, 1]."""
_INNER_EDGES: F64 = np.arange(1, N_BINS) / N_BINS


@dataclass(frozen=True, slots=True)
class Reliability:
    """Scores against precision, B bins: detections of one class at the operating point.

    Scores are read as probabilities of being a true positive (Guo et al. 2017, section 2;
    Küppers et al. 2020 for detections). Footage where false positives cannot be known is left out.
    """

    class_name: str | None
    """None: all classes together."""
    n: I64
    """(B,) detections."""
    tp: I64
    """(B,) of them matched with a truth box."""
    score_sum: F64
    """(B,)"""
    outside: int
    """Detections with a score that is no probability: below 0 or above 1."""

    def __post_init__(self) -> None:
        check_column("Reliability", "n", self.n, np.int64, (N_BINS,))
        check_column("Reliability", "tp", self.tp, np.int64, (N_BINS,))
        check_column("Reliability", "score_sum", self.score_sum, np.float64, (N_BINS,))

    @property
    def precision(self) -> F64:
        """(B,) share of true positives, NaN in empty bins."""
        return _per_detection(self.tp, self.n)

    @property
    def mean_score(self) -> F64:
        """(B,) NaN in empty bins."""
        return _per_detection(self.score_sum, self.n)

    def expected_calibration_error(self) -> float | None:
        """Mean over detections of |precision - mean score| of their bin; None where undefined."""
        total = int(self.n.sum())
        if total == 0 or self.outside:
            return None
        return float(np.abs(self.tp - self.score_sum).sum() / total)


def reliability(
    pool: Pool, class_names: Sequence[str], clip_group: I64, n_groups: int
) -> tuple[tuple[Reliability, ...], ...]:
    """Reliability per group of clips: all classes together, then each class.

    Args:
        pool: detections at the operating point, and their matches.
        class_names: (C,) of the taxonomy.
        clip_group: (n_clips,) group of each clip, -1 for none.
        n_groups: how many groups there are.
    """
    n_classes = len(class_names)
    row = pool.operating_row
    group = clip_group[pool.detection_clip]
    rows = np.flatnonzero(
        pool.selected
        & ~pool.ignored[row]
        & pool.exhaustive[pool.detection_clip, pool.detection_class]
        & (group >= 0)
    )
    score = pool.detection_score[rows]
    inside = (score >= 0.0) & (score <= 1.0)
    cell = group[rows] * n_classes + pool.detection_class[rows]
    n_cells = n_groups * n_classes
    outside = np.bincount(cell[~inside], minlength=n_cells).reshape(n_groups, n_classes)
    score, cell = score[inside], cell[inside]
    is_tp = pool.truth_row[row][rows[inside]] >= 0
    bin_of_cell = cell * N_BINS + bin_of_score(score)
    shape = (n_groups, n_classes, N_BINS)

    def table(weights: F64 | None) -> F64:
        sums = np.bincount(bin_of_cell, weights, minlength=n_cells * N_BINS).reshape(shape)
        return np.concatenate([sums.sum(axis=1, keepdims=True), sums], axis=1)

    n = table(None).astype(np.int64)
    tp = table(is_tp.astype(np.float64)).astype(np.int64)
    score_sum = table(score).astype(np.float64)
    outside = np.concatenate([outside.sum(axis=1, keepdims=True), outside], axis=1)
    return tuple(
        tuple(
            Reliability(name, n[g, c], tp[g, c], score_sum[g, c], int(outside[g, c]))
            for c, name in enumerate((None, *class_names))
        )
        for g in range(n_groups)
    )


def bin_of_score(score: F64) -> I64:
    """(N,) bin of each score from 0 to 1."""
    return np.digitize(score, _INNER_EDGES).astype(np.int64)


def _per_detection(sums: F64 | I64, n: I64) -> F64:
    shares: F64 = np.divide(sums, n, out=np.full(len(n), np.nan), where=n > 0)
    return shares
