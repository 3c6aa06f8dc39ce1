"""How crowded the place of a box is: overlaps between the boxes of a frame."""

from __future__ import annotations

import numpy as np
from numba import njit

from vbench.types import F64, I64, Bool


@njit(cache=True, nogil=True)
def _intersection_px2(a_xyxy: F64, b_xyxy: F64) -> float:
    """Area that two boxes have in common."""
    width = min(a_xyxy[2], b_xyxy[2]) - max(a_xyxy[0], b_xyxy[0])
    height = min(a_xyxy[3], b_xyxy[3]) - max(a_xyxy[1], b_xyxy[1])
    if width <= 0.0 or height <= 0.0:
        return 0.0
    area: float = width * height
    return area


@njit(cache=True, nogil=True)
def covered_share(frame_index: I64, boxes_xyxy: F64, counts: Bool) -> F64:
    """Largest share of each box's area that one other counting box of its frame covers.

    Args:
        frame_index: (M,) ascending.
        boxes_xyxy: (M, 4) pixels.
        counts: (M,) boxes that can cover others.

    Returns:
        (M,) 0 to 1; 0 for a box without area.
    """
    n_boxes = len(frame_index)
    share = np.zeros(n_boxes)
    first = 0
    for row in range(n_boxes):
        while frame_index[first] < frame_index[row]:
            first += 1
        box = boxes_xyxy[row]
        area = (box[2] - box[0]) * (box[3] - box[1])
        if area <= 0.0:
            continue
        other = first
        while other < n_boxes and frame_index[other] == frame_index[row]:
            if other != row and counts[other]:
                share[row] = max(share[row], _intersection_px2(box, boxes_xyxy[other]) / area)
            other += 1
    return share


@njit(cache=True, nogil=True)
def nearest_truth(
    detection_frame: I64,
    detections_xyxy: F64,
    truth_frame: I64,
    truth_xyxy: F64,
    truth_counts: Bool,
) -> I64:
    """The counting truth box of any class that each detection overlaps most (highest IoU).

    Args:
        detection_frame: (N,) ascending.
        detections_xyxy: (N, 4) pixels.
        truth_frame: (M,) ascending.
        truth_xyxy: (M, 4) pixels.
        truth_counts: (M,)

    Returns:
        (N,) row of the truth box, the first of several with the same IoU; -1 for no overlap.
    """
    n_truth = len(truth_frame)
    nearest = np.full(len(detection_frame), -1, np.int64)
    first = 0
    for row in range(len(detection_frame)):
        while first < n_truth and truth_frame[first] < detection_frame[row]:
            first += 1
        box = detections_xyxy[row]
        area = (box[2] - box[0]) * (box[3] - box[1])
        best = 0.0
        j = first
        while j < n_truth and truth_frame[j] == detection_frame[row]:
            if truth_counts[j]:
                inter = _intersection_px2(box, truth_xyxy[j])
                truth = truth_xyxy[j]
                union = area + (truth[2] - truth[0]) * (truth[3] - truth[1]) - inter
                if inter > 0.0 and inter / union > best:
                    best = inter / union
                    nearest[row] = j
            j += 1
    return nearest
