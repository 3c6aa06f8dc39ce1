"""Average precision of many groups at once."""

from __future__ import annotations

import numpy as np
from numba import njit

from vbench.types import F64, I32, I64, Bool

_RECALL_POINTS = np.linspace(0.0, 1.0, 101)


@njit(cache=True, nogil=True)
def average_precision(group: I32 | I64, true_positive: Bool, counts: Bool, n_truth: I64) -> F64:
    """COCO 101-point interpolated average precision per group at one IoU threshold.

    Precision at a recall is the highest precision at that recall or above; the average runs over
    recall 0, 0.01, ..., 1 (Lin et al. 2014, as computed by pycocotools). Precision is tp / (tp +
    fp) without the tiny constant that pycocotools adds, so a perfect answer gives exactly 1.

    Args:
        group: (N,) group of each detection, -1 for none; detections in score order, best first,
            ties in stored order.
        true_positive: (N,) detections matched with a truth box.
        counts: (N,) detections that are not ignored.
        n_truth: (G,) truth boxes per group.

    Returns:
        (G,) average precision; NaN for groups without truth.
    """
    n_groups = len(n_truth)
    start = np.zeros(n_groups + 1, np.int64)
    for row in range(len(group)):
        if counts[row] and group[row] >= 0:
            start[group[row] + 1] += 1
    for g in range(n_groups):
        start[g + 1] += start[g]
    filled = start[:-1].copy()
    is_tp = np.empty(start[-1], np.bool_)
    n_tp_of_all = 0
    for row in range(len(group)):
        g = group[row]
        if counts[row] and g >= 0:
            is_tp[filled[g]] = true_positive[row]
            filled[g] += 1
            n_tp_of_all += true_positive[row]

    result = np.full(n_groups, np.nan)
    precision = np.empty(n_tp_of_all)
    for g in range(n_groups):
        if n_truth[g] == 0:
            continue
        n_tp = 0
        for seen in range(start[g + 1] - start[g]):
            if is_tp[start[g] + seen]:
                precision[n_tp] = (n_tp + 1) / (seen + 1)
                n_tp += 1
        for i in range(n_tp - 1, 0, -1):
            precision[i - 1] = max(precision[i - 1], precision[i])
        total = 0.0
        reached = 0
        for recall in _RECALL_POINTS:
            while reached < n_tp and (reached + 1) / n_truth[g] < recall:
                reached += 1
            if reached >= n_tp:
                break
            total += precision[reached]
        result[g] = total / len(_RECALL_POINTS)
    return result
