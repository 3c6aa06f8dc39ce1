"""Average precision as Pascal VOC states it: over all recall points, or over eleven."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vbench.metrics.pool import pooled
from vbench.types import F64, I64, Bool, Detections, GoldenSet, Matches, OperatingPoint

VocPoints = Literal["all", "eleven"]


@dataclass(frozen=True, slots=True)
class VocAveragePrecision:
    """AP per class at one IoU threshold over all stored detections."""

    class_names: tuple[str, ...]
    iou: float
    points: VocPoints
    ap: F64
    """(C,) NaN for classes without truth."""
    n_truth: I64
    """(C,) truth boxes that count."""
    tp: I64
    """(C,) stored detections that are true positives."""
    fp: I64
    """(C,)"""

    @property
    def mean(self) -> float | None:
        """Mean over classes that have truth; None where none has."""
        defined = np.isfinite(self.ap)
        return float(self.ap[defined].mean()) if defined.any() else None


def voc_average_precision(
    golden_set: GoldenSet,
    detections: Sequence[Detections],
    matches: Sequence[Matches],
    operating_point: OperatingPoint,
    points: VocPoints = "all",
) -> VocAveragePrecision:
    """AP after Pascal VOC, from match tables of any rule.

    ``all`` is the area under the monotone precision-recall curve (VOC 2010 and later; Everingham
    et al. 2015, section 3.3.2), ``eleven`` the mean of the highest precision at recall >= 0, 0.1,
    ..., 1 (VOC 2007; Everingham et al. 2010, section 4.2). Recall is compared exactly: 3 of 10
    found reaches recall 0.3, which the rounding of 3 * 0.1 denies in other programs.

    For VOC's own numbers, match with the rule ``voc``, or ``voc_inclusive`` for its pixel
    convention. Footage where false positives cannot be known is left out.

    Args:
        golden_set: clips with their truth.
        detections: all stored detections per clip.
        matches: their match tables.
        operating_point: its IoU is used; its score thresholds are not.
        points: where precision is read off.

    Raises:
        ValueError: inputs that do not belong together.
        KeyError: match tables that lack the IoU.
    """
    pool = pooled(golden_set, detections, matches, operating_point)
    row = pool.operating_row
    known = pool.exhaustive[pool.detection_clip, pool.detection_class] & ~pool.ignored[row]
    hit = pool.truth_row[row] >= 0
    known_truth = pool.truth_counts & pool.exhaustive[pool.truth_clip, pool.truth_class]
    n_truth = np.bincount(pool.truth_class[known_truth], minlength=pool.n_classes)
    ap = np.full(pool.n_classes, np.nan)
    tp, fp = np.zeros(pool.n_classes, np.int64), np.zeros(pool.n_classes, np.int64)
    for c in range(pool.n_classes):
        is_tp = hit[known & (pool.detection_class == c)]
        tp[c], fp[c] = is_tp.sum(), (~is_tp).sum()
        if n_truth[c]:
            ap[c] = _average(is_tp, int(n_truth[c]), points)
    return VocAveragePrecision(
        golden_set.taxonomy.names, operating_point.iou, points, ap, n_truth, tp, fp
    )


def _average(is_tp: Bool, n_truth: int, points: VocPoints) -> float:
    """AP of detections in score order, one point per detection (VOCevaldet.m)."""
    rank = np.flatnonzero(is_tp)
    # Highest precision with at least the first, second, ... true positive.
    precision = np.arange(1, len(rank) + 1) / (rank + 1)
    highest = np.maximum.accumulate(precision[::-1])[::-1]
    if points == "all":
        return float(highest.sum() / n_truth)
    # Recall k/10 takes ceil(k n / 10) true positives; recall 0 whatever comes first.
    needed = np.maximum(-(-np.arange(11) * n_truth // 10), 1)
    reached = np.append(highest, 0.0)[np.minimum(needed - 1, len(highest))]
    return float(reached.mean())
