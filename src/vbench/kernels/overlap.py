"""Which boxes of the two sides overlap frame by frame, and which tracks over the clip."""

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


@njit(cache=True, nogil=True)
def track_alignment(
    truth_start: I64,
    detection_start: I64,
    pair_start: I64,
    pair_truth: I64,
    pair_detection: I64,
    pair_iou: F64,
    pair_tracks: I64,
    n_boxes: I64,
) -> F64:
    """How well pairs of tracks overlap over the whole clip (Luiten et al. 2020, section 4.2).

    In a frame, a pair of boxes shares its IoU divided by all IoU that either box has; a pair of
    tracks has the sum of it, divided by the boxes of both without what they share.

    Args:
        truth_start: (F + 1,) first truth row of each frame.
        detection_start: (F + 1,) first detection row of each frame.
        pair_start: (F + 1,) first pair of each frame, as of `overlapping_boxes`.
        pair_truth: (P,) truth row.
        pair_detection: (P,) detection row.
        pair_iou: (P,) above 0.
        pair_tracks: (P,) which pair of tracks each pair of boxes belongs to, 0 .. K - 1.
        n_boxes: (K,) boxes of both tracks of each pair of tracks together.

    Returns:
        (K,) 0 to 1.
    """
    shared = np.zeros(len(n_boxes))
    for frame in range(len(truth_start) - 1):
        t0, d0 = truth_start[frame], detection_start[frame]
        of_truth = np.zeros(truth_start[frame + 1] - t0)
        of_detection = np.zeros(detection_start[frame + 1] - d0)
        for p in range(pair_start[frame], pair_start[frame + 1]):
            of_truth[pair_truth[p] - t0] += pair_iou[p]
            of_detection[pair_detection[p] - d0] += pair_iou[p]
        for p in range(pair_start[frame], pair_start[frame + 1]):
            either = of_truth[pair_truth[p] - t0] + of_detection[pair_detection[p] - d0]
            shared[pair_tracks[p]] += pair_iou[p] / (either - pair_iou[p])
    return shared / (n_boxes - shared)
