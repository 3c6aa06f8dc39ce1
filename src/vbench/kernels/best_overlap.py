"""How well detections overlap with the truth of their own and of other classes."""

from __future__ import annotations

import numpy as np
from numba import njit

from vbench.types import F64, I64


@njit(cache=True, nogil=True)
def best_overlaps(
    detection_frame: I64,
    detection_class: I64,
    detections_xyxy: F64,
    truth_frame: I64,
    truth_class: I64,
    truth_xyxy: F64,
) -> tuple[I64, F64, I64, F64]:
    """Find the truth box of the same frame that each detection overlaps best, twice.

    Of several truth boxes with the same best IoU the first one is taken.

    Args:
        detection_frame: (N,) ascending.
        detection_class: (N,)
        detections_xyxy: (N, 4) pixels.
        truth_frame: (M,) ascending.
        truth_class: (M,)
        truth_xyxy: (M, 4) pixels.

    Returns:
        (N,) row and IoU of the best truth box of the same class, then of any other class; -1 and
        0 where nothing overlaps.
    """
    n_detections = len(detection_frame)
    n_truth = len(truth_frame)
    same_row = np.full(n_detections, -1, np.int64)
    same_iou = np.zeros(n_detections)
    other_row = np.full(n_detections, -1, np.int64)
    other_iou = np.zeros(n_detections)
    first = 0
    for row in range(n_detections):
        frame = detection_frame[row]
        while first < n_truth and truth_frame[first] < frame:
            first += 1
        a = detections_xyxy[row]
        area = (a[2] - a[0]) * (a[3] - a[1])
        j = first
        while j < n_truth and truth_frame[j] == frame:
            b = truth_xyxy[j]
            width = min(a[2], b[2]) - max(a[0], b[0])
            height = min(a[3], b[3]) - max(a[1], b[1])
            if width > 0.0 and height > 0.0:
                inter = width * height
                iou = inter / (area + (b[2] - b[0]) * (b[3] - b[1]) - inter)
                if truth_class[j] == detection_class[row]:
                    if iou > same_iou[row]:
                        same_iou[row] = iou
                        same_row[row] = j
                elif iou > other_iou[row]:
                    other_iou[row] = iou
                    other_row[row] = j
            j += 1
    return same_row, same_iou, other_row, other_iou
