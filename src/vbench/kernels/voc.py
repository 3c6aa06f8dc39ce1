"""Matching of detections with truth boxes as Pascal VOC does it."""

from __future__ import annotations

import numpy as np
from numba import njit

from vbench.types import F64, I32, I64, Bool


@njit(cache=True, nogil=True)
def match_voc(
    detection_group: I64,
    detections_xyxy: F64,
    truth_group: I64,
    truth_xyxy: F64,
    truth_ignored: Bool,
    pixel_inclusive: bool,
    iou_thresholds: F64,
) -> tuple[I32, F64]:
    """Match each detection with the truth box it overlaps best, if nobody was there before.

    Unlike the COCO rule, a detection whose best truth box is taken does not try the next best one
    (Everingham et al. 2010, section 4.2, and the development kit's VOCevaldet.m). Ignored
    ("difficult") truth can be taken any number of times. Of several truth boxes with the same IoU
    the first one is the best.

    Args:
        detection_group: (N,) ascending, one group per class and frame; within a group score
            descending.
        detections_xyxy: (N, 4) pixels.
        truth_group: (M,) ascending.
        truth_xyxy: (M, 4) pixels.
        truth_ignored: (M,) boxes that do not count.
        pixel_inclusive: corners are pixels that belong to the box, so a side is x2 - x1 + 1 long.
        iou_thresholds: (T,) ascending.

    Returns:
        (T, N) row of the matched truth box or -1, and (T, N) IoU of the pair or 0.
    """
    extra = 1.0 if pixel_inclusive else 0.0
    n_thresholds = len(iou_thresholds)
    n_detections = len(detection_group)
    n_truth = len(truth_group)
    matched = np.full((n_thresholds, n_detections), -1, np.int32)
    matched_iou = np.zeros((n_thresholds, n_detections))
    taken = np.zeros((n_thresholds, n_truth), np.bool_)
    first = 0
    for row in range(n_detections):
        group = detection_group[row]
        while first < n_truth and truth_group[first] < group:
            first += 1
        a = detections_xyxy[row]
        area = (a[2] - a[0] + extra) * (a[3] - a[1] + extra)
        best = -1
        best_iou = 0.0
        j = first
        while j < n_truth and truth_group[j] == group:
            b = truth_xyxy[j]
            width = min(a[2], b[2]) - max(a[0], b[0]) + extra
            height = min(a[3], b[3]) - max(a[1], b[1]) + extra
            if width > 0.0 and height > 0.0:
                inter = width * height
                union = area + (b[2] - b[0] + extra) * (b[3] - b[1] + extra) - inter
                if inter / union > best_iou:
                    best_iou = inter / union
                    best = j
            j += 1
        if best < 0:
            continue
        for t in range(n_thresholds):
            if best_iou < iou_thresholds[t]:
                break
            if taken[t, best] and not truth_ignored[best]:
                continue
            taken[t, best] = True
            matched[t, row] = best
            matched_iou[t, row] = best_iou
    return matched, matched_iou
