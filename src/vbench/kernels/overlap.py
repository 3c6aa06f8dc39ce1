"""Which boxes of the two sides overlap, frame by frame."""

from __future__ import annotations

import numpy as np
from numba import njit

from vbench.types import F64, I64


@njit(cache=True, nogil=True)
def overlapping_boxes(
    truth_start: I64, truth_xyxy: F64, detection_start: I64, detections_xyxy: F64
) -> tuple[I64, I64, I64, F64]:
    """All pairs of a truth box and a detection of the same frame whose IoU is above 0.

    Args:
        truth_start: (F + 1,) first truth row of each frame.
        truth_xyxy: (M, 4) pixels.
        detection_start: (F + 1,) first detection row of each frame.
        detections_xyxy: (N, 4) pixels.

    Returns:
        (F + 1,) first pair of each frame; (P,) truth row, (P,) detection row and (P,) IoU of each
        pair, by truth row, then detection row.
    """
    n_frames = len(truth_start) - 1
    pair_start = np.zeros(n_frames + 1, np.int64)
    room = 2 * max(len(truth_xyxy), len(detections_xyxy)) + 16
    truth_row = np.empty(room, np.int64)
    detection_row = np.empty(room, np.int64)
    iou = np.empty(room)
    # One array per edge, and areas first for all boxes of a frame: that loop runs on vectors.
    all_x1, all_y1 = detections_xyxy[:, 0].copy(), detections_xyxy[:, 1].copy()
    all_x2, all_y2 = detections_xyxy[:, 2].copy(), detections_xyxy[:, 3].copy()
    most = 0
    for frame in range(n_frames):
        most = max(most, detection_start[frame + 1] - detection_start[frame])
    inter = np.empty(most)
    n = 0
    for frame in range(n_frames):
        d0, d1 = detection_start[frame], detection_start[frame + 1]
        x1, y1, x2, y2 = all_x1[d0:d1], all_y1[d0:d1], all_x2[d0:d1], all_y2[d0:d1]
        for i in range(truth_start[frame], truth_start[frame + 1]):
            left, top, right, bottom = truth_xyxy[i]
            area = (right - left) * (bottom - top)
            for j in range(d1 - d0):
                width = min(right, x2[j]) - max(left, x1[j])
                height = min(bottom, y2[j]) - max(top, y1[j])
                inter[j] = max(width, 0.0) * max(height, 0.0)
            if n + d1 - d0 > room:
                grown = 2 * room + d1 - d0
                truth_row = np.append(truth_row, np.empty(grown - room, np.int64))
                detection_row = np.append(detection_row, np.empty(grown - room, np.int64))
                iou = np.append(iou, np.empty(grown - room))
                room = grown
            for j in range(d1 - d0):
                if inter[j] > 0.0:
                    truth_row[n] = i
                    detection_row[n] = d0 + j
                    iou[n] = inter[j] / (area + (x2[j] - x1[j]) * (y2[j] - y1[j]) - inter[j])
                    n += 1
        pair_start[frame + 1] = n
    return pair_start, truth_row[:n].copy(), detection_row[:n].copy(), iou[:n].copy()
