"""Track scores of one clip and class: CLEAR MOT, identity, HOTA.

All kernels read the same columns: truth and detections sorted by frame, with the first row of each
frame in `*_start` (F + 1,), and tracks numbered 0, 1, ... per side. They keep TrackEval's published
definitions, its order of frames and its handling of frames where one side is empty.
They share this file because a kernel calls no kernel of another file.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from vbench.types import F64, I64

_EPS = np.finfo(np.float64).eps


@njit(cache=True, nogil=True)
def pairwise_iou(truth_xyxy: F64, detections_xyxy: F64) -> F64:
    """(M, N) IoU of xyxy boxes."""
    result = np.zeros((len(truth_xyxy), len(detections_xyxy)))
    for i in range(len(truth_xyxy)):
        a = truth_xyxy[i]
        for j in range(len(detections_xyxy)):
            b = detections_xyxy[j]
            width = min(a[2], b[2]) - max(a[0], b[0])
            height = min(a[3], b[3]) - max(a[1], b[1])
            if width > 0.0 and height > 0.0:
                inter = width * height
                area_a = (a[2] - a[0]) * (a[3] - a[1])
                area_b = (b[2] - b[0]) * (b[3] - b[1])
                result[i, j] = inter / (area_a + area_b - inter)
    return result


@njit(cache=True, nogil=True)
def assign(cost: F64) -> I64:
    """Column of each row in an assignment of least total cost.

    Shortest augmenting paths (Crouse 2016, doi:10.1109/TAES.2016.140952), which is also what
    scipy.optimize.linear_sum_assignment runs. Equal costs are decided as there: columns are
    visited from the last to the first, and among the cheapest a free column is preferred.

    Args:
        cost: (R, C) finite.

    Returns:
        (R,) column, -1 for rows left over where R > C.
    """
    transposed = cost.shape[0] > cost.shape[1]
    matrix = cost.T.copy() if transposed else cost
    n_rows, n_columns = matrix.shape
    row_price = np.zeros(n_rows)
    column_price = np.zeros(n_columns)
    column_of = np.full(n_rows, -1, np.int64)
    row_of = np.full(n_columns, -1, np.int64)
    came_from = np.full(n_columns, -1, np.int64)
    distance = np.empty(n_columns)
    open_columns = np.empty(n_columns, np.int64)
    row_seen = np.empty(n_rows, np.bool_)
    column_seen = np.empty(n_columns, np.bool_)
    for start in range(n_rows):
        distance[:] = np.inf
        row_seen[:] = False
        column_seen[:] = False
        for k in range(n_columns):
            open_columns[k] = n_columns - 1 - k
        n_open = n_columns
        row = start
        reached = 0.0
        sink = -1
        while sink < 0:
            row_seen[row] = True
            nearest = -1
            lowest = np.inf
            for k in range(n_open):
                column = open_columns[k]
                length = reached + matrix[row, column] - row_price[row] - column_price[column]
                if length < distance[column]:
                    came_from[column] = row
                    distance[column] = length
                is_free = row_of[column] < 0
                if distance[column] < lowest or (distance[column] == lowest and is_free):
                    lowest = distance[column]
                    nearest = k
            reached = lowest
            column = open_columns[nearest]
            column_seen[column] = True
            n_open -= 1
            open_columns[nearest] = open_columns[n_open]
            if row_of[column] < 0:
                sink = column
            else:
                row = row_of[column]
        row_price[start] += reached
        for i in range(n_rows):
            if row_seen[i] and i != start:
                row_price[i] += reached - distance[column_of[i]]
        for j in range(n_columns):
            if column_seen[j]:
                column_price[j] -= reached - distance[j]
        column = sink
        while True:
            row = came_from[column]
            row_of[column] = row
            column, column_of[row] = column_of[row], column
            if row == start:
                break
    return row_of if transposed else column_of


@njit(cache=True, nogil=True)
def clear_counts(
    truth_start: I64,
    truth_xyxy: F64,
    truth_track: I64,
    detection_start: I64,
    detections_xyxy: F64,
    detection_track: I64,
    n_truth_tracks: int,
    iou_threshold: float,
) -> tuple[I64, float]:
    """CLEAR MOT counts: pairs of the frame before are kept first, then total IoU is maximised.

    Args:
        truth_start: (F + 1,) first truth row of each frame.
        truth_xyxy: (M, 4) pixels.
        truth_track: (M,) 0 .. n_truth_tracks - 1.
        detection_start: (F + 1,) first detection row of each frame.
        detections_xyxy: (N, 4) pixels.
        detection_track: (N,) numbers of detection tracks.
        n_truth_tracks: how many truth tracks there are.
        iou_threshold: pairs below it are never matched.

    Returns:
        (7,) matches, identity switches, fragmentations, mostly tracked, partially tracked, mostly
        lost, truth tracks; and the sum of 1 - IoU over the matches.
    """
    last_track = np.full(n_truth_tracks, -1, np.int64)
    last_step = np.full(n_truth_tracks, -2, np.int64)
    n_boxes = np.zeros(n_truth_tracks, np.int64)
    n_matched = np.zeros(n_truth_tracks, np.int64)
    n_runs = np.zeros(n_truth_tracks, np.int64)
    n_matches = 0
    n_switches = 0
    total_distance = 0.0
    # Frames where one side is empty are no step: a pair outlives them, as in TrackEval.
    step = 0
    for frame in range(len(truth_start) - 1):
        t0, t1 = truth_start[frame], truth_start[frame + 1]
        d0, d1 = detection_start[frame], detection_start[frame + 1]
        for i in range(t0, t1):
            n_boxes[truth_track[i]] += 1
        if t0 == t1 or d0 == d1:
            continue
        iou = pairwise_iou(truth_xyxy[t0:t1], detections_xyxy[d0:d1])
        cost = np.zeros_like(iou)
        for i in range(t1 - t0):
            track = truth_track[t0 + i]
            kept = last_track[track] if last_step[track] == step - 1 else -1
            for j in range(d1 - d0):
                if iou[i, j] >= iou_threshold - _EPS:
                    bonus = 1000.0 if detection_track[d0 + j] == kept else 0.0
                    cost[i, j] = -(bonus + iou[i, j])
        columns = assign(cost)
        for i in range(t1 - t0):
            j = columns[i]
            if j < 0 or cost[i, j] >= -_EPS:
                continue
            track = truth_track[t0 + i]
            found = detection_track[d0 + j]
            if last_track[track] >= 0 and last_track[track] != found:
                n_switches += 1
            if last_step[track] != step - 1:
                n_runs[track] += 1
            last_track[track] = found
            last_step[track] = step
            n_matched[track] += 1
            n_matches += 1
            total_distance += 1.0 - iou[i, j]
        step += 1
    counts = np.zeros(7, np.int64)
    counts[0] = n_matches
    counts[1] = n_switches
    for track in range(n_truth_tracks):
        counts[2] += max(n_runs[track] - 1, 0)
        share = n_matched[track] / n_boxes[track]
        if share > 0.8:
            counts[3] += 1
        elif share >= 0.2:
            counts[4] += 1
        else:
            counts[5] += 1
    counts[6] = n_truth_tracks
    return counts, total_distance


@njit(cache=True, nogil=True)
def identity_matches(
    truth_start: I64,
    truth_xyxy: F64,
    truth_track: I64,
    detection_start: I64,
    detections_xyxy: F64,
    detection_track: I64,
    n_truth_tracks: int,
    n_detection_tracks: int,
    iou_threshold: float,
) -> int:
    """IDTP: most boxes that agree when each truth track is given at most one detection track.

    IDFN and IDFP are what is left of the truth boxes and of the detections (Ristani et al. 2016).
    Arguments as in `clear_counts`.
    """
    cost = np.zeros((n_truth_tracks, n_detection_tracks))
    for frame in range(len(truth_start) - 1):
        t0, t1 = truth_start[frame], truth_start[frame + 1]
        d0, d1 = detection_start[frame], detection_start[frame + 1]
        iou = pairwise_iou(truth_xyxy[t0:t1], detections_xyxy[d0:d1])
        for i in range(t1 - t0):
            for j in range(d1 - d0):
                if iou[i, j] >= iou_threshold:
                    cost[truth_track[t0 + i], detection_track[d0 + j]] -= 1.0
    columns = assign(cost)
    agreed = 0.0
    for track in range(n_truth_tracks):
        if columns[track] >= 0:
            agreed -= cost[track, columns[track]]
    return int(agreed)


@njit(cache=True, nogil=True)
def hota_counts(
    truth_start: I64,
    truth_xyxy: F64,
    truth_track: I64,
    detection_start: I64,
    detections_xyxy: F64,
    detection_track: I64,
    n_truth_tracks: int,
    n_detection_tracks: int,
    alphas: F64,
) -> tuple[I64, F64]:
    """HOTA matches and association at each IoU threshold (Luiten et al. 2020).

    One matching per frame maximises IoU times how well the two tracks overlap over the whole clip;
    a threshold then keeps the pairs that reach it. Arguments as in `clear_counts`.

    Returns:
        (A,) matches, and (A,) sum over matches of TPA / (TPA + FPA + FNA), so that AssA is their
        quotient; both can be summed over clips and classes.
    """
    jaccard = np.zeros((n_truth_tracks, n_detection_tracks))
    n_truth_boxes = np.zeros(n_truth_tracks, np.int64)
    n_detection_boxes = np.zeros(n_detection_tracks, np.int64)
    for track in truth_track:
        n_truth_boxes[track] += 1
    for track in detection_track:
        n_detection_boxes[track] += 1
    for frame in range(len(truth_start) - 1):
        t0, t1 = truth_start[frame], truth_start[frame + 1]
        d0, d1 = detection_start[frame], detection_start[frame + 1]
        iou = pairwise_iou(truth_xyxy[t0:t1], detections_xyxy[d0:d1])
        column_sum = np.zeros(d1 - d0)
        for i in range(t1 - t0):
            for j in range(d1 - d0):
                column_sum[j] += iou[i, j]
        for i in range(t1 - t0):
            row_sum = iou[i].sum()
            for j in range(d1 - d0):
                union = row_sum + column_sum[j] - iou[i, j]
                if union > _EPS:
                    jaccard[truth_track[t0 + i], detection_track[d0 + j]] += iou[i, j] / union
    for g in range(n_truth_tracks):
        for h in range(n_detection_tracks):
            both = jaccard[g, h]
            jaccard[g, h] = both / (n_truth_boxes[g] + n_detection_boxes[h] - both)

    most = min(len(truth_track), len(detection_track))
    pair = np.empty(most, np.int64)
    pair_iou = np.empty(most)
    n_pairs = 0
    for frame in range(len(truth_start) - 1):
        t0, t1 = truth_start[frame], truth_start[frame + 1]
        d0, d1 = detection_start[frame], detection_start[frame + 1]
        if t0 == t1 or d0 == d1:
            continue
        iou = pairwise_iou(truth_xyxy[t0:t1], detections_xyxy[d0:d1])
        cost = np.empty_like(iou)
        for i in range(t1 - t0):
            for j in range(d1 - d0):
                cost[i, j] = -jaccard[truth_track[t0 + i], detection_track[d0 + j]] * iou[i, j]
        columns = assign(cost)
        for i in range(t1 - t0):
            j = columns[i]
            if j >= 0:
                pair[n_pairs] = truth_track[t0 + i] * n_detection_tracks + detection_track[d0 + j]
                pair_iou[n_pairs] = iou[i, j]
                n_pairs += 1

    order = np.argsort(pair[:n_pairs], kind="mergesort")
    n_matches = np.zeros(len(alphas), np.int64)
    association = np.zeros(len(alphas))
    for a in range(len(alphas)):
        run = 0
        for k in range(n_pairs):
            if pair_iou[order[k]] >= alphas[a] - _EPS:
                run += 1
            if k + 1 < n_pairs and pair[order[k + 1]] == pair[order[k]]:
                continue
            if run > 0:
                g = pair[order[k]] // n_detection_tracks
                h = pair[order[k]] % n_detection_tracks
                n_matches[a] += run
                association[a] += run * (run / (n_truth_boxes[g] + n_detection_boxes[h] - run))
            run = 0
    return n_matches, association
