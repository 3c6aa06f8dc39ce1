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
    n = 0
    for frame in range(n_frames):
        for i in range(truth_start[frame], truth_start[frame + 1]):
            x1, y1 = truth_xyxy[i, 0], truth_xyxy[i, 1]
            x2, y2 = truth_xyxy[i, 2], truth_xyxy[i, 3]
            area = (x2 - x1) * (y2 - y1)
            for j in range(detection_start[frame], detection_start[frame + 1]):
                width = min(x2, detections_xyxy[j, 2]) - max(x1, detections_xyxy[j, 0])
                if width <= 0.0:
                    continue
                height = min(y2, detections_xyxy[j, 3]) - max(y1, detections_xyxy[j, 1])
                if height <= 0.0:
                    continue
                if n == room:
                    room *= 2
                    truth_row = np.append(truth_row, np.empty(n, np.int64))
                    detection_row = np.append(detection_row, np.empty(n, np.int64))
                    iou = np.append(iou, np.empty(n))
                inter = width * height
                detection_width = detections_xyxy[j, 2] - detections_xyxy[j, 0]
                detection_height = detections_xyxy[j, 3] - detections_xyxy[j, 1]
                truth_row[n] = i
                detection_row[n] = j
                iou[n] = inter / (area + detection_width * detection_height - inter)
                n += 1
        pair_start[frame + 1] = n
    return pair_start, truth_row[:n].copy(), detection_row[:n].copy(), iou[:n].copy()
