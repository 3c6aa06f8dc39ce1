"""Greedy matching of detections with truth boxes, COCO rule."""

from __future__ import annotations

import numpy as np
from numba import njit

from vbench.types import F64, I32, I64, Bool


@njit(cache=True, nogil=True)
def _overlap(detection: F64, truth: F64, crowd: bool) -> float:
    """IoU of two xyxy boxes; intersection over the detection's area for a crowd region."""
    width = min(detection[2], truth[2]) - max(detection[0], truth[0])
    height = min(detection[3], truth[3]) - max(detection[1], truth[1])
    if width <= 0.0 or height <= 0.0:
        return 0.0
    inter: float = width * height
    union: float = (detection[2] - detection[0]) * (detection[3] - detection[1])
    if not crowd:
        union += (truth[2] - truth[0]) * (truth[3] - truth[1]) - inter
    return inter / union


@njit(cache=True, nogil=True)
def match_greedy(
    detection_group: I64,
    detections_xyxy: F64,
    truth_group: I64,
    truth_xyxy: F64,
    truth_ignored: Bool,
    truth_crowd: Bool,
    iou_thresholds: F64,
) -> tuple[I32, F64]:
    """Match each detection with its best free truth box of the same group, best score first.

    A group is one class in one frame. Ignored truth is taken only where no other truth fits;
    crowd truth can be taken any number of times. Of several truth boxes with the same best IoU
    the last one wins, as in pycocotools.

    Args:
        detection_group: (N,) ascending; within a group in matching order (score descending).
        detections_xyxy: (N, 4) pixels.
        truth_group: (M,) ascending; within a group ignored boxes come last.
        truth_xyxy: (M, 4) pixels.
        truth_ignored: (M,) boxes that do not count (crowd boxes included).
        truth_crowd: (M,) crowd regions.
        iou_thresholds: (T,) ascending.

    Returns:
        (T, N) row of the matched truth box or -1, and (T, N) IoU of the pair or 0.
    """
    n_thresholds = len(iou_thresholds)
    n_detections = len(detection_group)
    n_truth = len(truth_group)
    matched = np.full((n_thresholds, n_detections), -1, np.int32)
    matched_iou = np.zeros((n_thresholds, n_detections))
    taken = np.zeros((n_thresholds, n_truth), np.bool_)
    overlaps = np.empty(16)
    first = 0
    last = 0
    for row in range(n_detections):
        group = detection_group[row]
        if row == 0 or group != detection_group[row - 1]:
            first = last
            while first < n_truth and truth_group[first] < group:
                first += 1
            last = first
            while last < n_truth and truth_group[last] == group:
                last += 1
            if last - first > len(overlaps):
                overlaps = np.empty(2 * (last - first))
        highest = 0.0
        for j in range(first, last):
            overlap = _overlap(detections_xyxy[row], truth_xyxy[j], truth_crowd[j])
            overlaps[j - first] = overlap
            highest = max(highest, overlap)
        for t in range(n_thresholds):
            best = min(iou_thresholds[t], 1.0 - 1e-10)
            if highest < best:
                break
            found = -1
            for j in range(first, last):
                if found >= 0 and truth_ignored[j] and not truth_ignored[found]:
                    break
                if taken[t, j] and not truth_crowd[j]:
                    continue
                if overlaps[j - first] >= best:
                    best = overlaps[j - first]
                    found = j
            if found >= 0:
                taken[t, found] = True
                matched[t, row] = found
                matched_iou[t, row] = best
    return matched, matched_iou
