"""Matching the tracks of one clip and class: CLEAR MOT and HOTA.

All kernels read the same columns: truth and detections sorted by frame, with the first row of each
frame in `*_start` (F + 1,), tracks numbered 0, 1, ... per side, and the pairs of
`vbench.kernels.overlap.overlapping_boxes`. They keep TrackEval's published definitions, its order
of frames and its handling of frames where one side is empty.
They share this file because a kernel calls no kernel of another file.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from vbench.types import F64, I64, Bool

_EPS = np.finfo(np.float64).eps
_CLEAR_LEAD = 1e-9
"""What a matching must be better by than any other before rounding cannot decide between them."""


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
def _mutual_best(left: I64, right: I64, weight: F64, pair_of_left: I64, pair_of_right: I64) -> None:
    """Greedily take the pairs that are the best of both their ends, until none is left.

    Args:
        left: (E,) numbers of left nodes.
        right: (E,) numbers of right nodes.
        weight: (E,) above 0.
        pair_of_left: filled in with the pair taken, -1 where none is.
        pair_of_right: likewise.
    """
    best_of_left = np.empty(len(pair_of_left), np.int64)
    best_of_right = np.empty(len(pair_of_right), np.int64)
    taking = True
    while taking:
        taking = False
        best_of_left[:] = -1
        best_of_right[:] = -1
        for e in range(len(weight)):
            i, j = left[e], right[e]
            if pair_of_left[i] < 0 and pair_of_right[j] < 0:
                if best_of_left[i] < 0 or weight[e] > weight[best_of_left[i]]:
                    best_of_left[i] = e
                if best_of_right[j] < 0 or weight[e] > weight[best_of_right[j]]:
                    best_of_right[j] = e
        for i in range(len(pair_of_left)):
            e = best_of_left[i]
            if e >= 0 and best_of_right[right[e]] == e:
                pair_of_left[i] = e
                pair_of_right[right[e]] = e
                taking = True


@njit(cache=True, nogil=True)
def _is_clearly_heaviest(
    left: I64, right: I64, weight: F64, pair_of_left: I64, pair_of_right: I64
) -> bool:
    """Whether a matching is proved to be the heaviest, with a clear lead over every other.

    Linear-programming duality: prices of both ends that add up to the weight on every taken pair,
    to more than the weight on every other pair, and are 0 on nodes left alone, prove it. Tried are
    the prices that give the right nodes no more than the lonely left nodes would bid.
    """
    right_price = np.zeros(len(pair_of_right))
    for e in range(len(weight)):
        if pair_of_left[left[e]] < 0:
            bid = weight[e] + _CLEAR_LEAD
            right_price[right[e]] = max(right_price[right[e]], bid)
    for e in range(len(weight)):
        taken = pair_of_left[left[e]]
        if taken == e:
            if weight[e] < right_price[right[e]]:
                return False
        elif taken >= 0:
            left_price = weight[taken] - right_price[right[taken]]
            if left_price + right_price[right[e]] < weight[e] + _CLEAR_LEAD:
                return False
    return True


@njit(cache=True, nogil=True)
def _match_frame(
    left: I64, right: I64, weight: F64, n_left: int, n_right: int, taken: Bool
) -> None:
    """Mark the pairs of a one-to-one matching of the most total weight.

    Where several are equally good, the one that `assign` finds on the matrix of the whole frame;
    most frames have one clear winner, which is found and proved without it.

    Args:
        left: (E,) 0 .. n_left - 1.
        right: (E,) 0 .. n_right - 1.
        weight: (E,) above 0.
        n_left: truth boxes in the frame.
        n_right: detections in the frame.
        taken: (E,) filled in.
    """
    pair_of_left = np.full(n_left, -1, np.int64)
    pair_of_right = np.full(n_right, -1, np.int64)
    _mutual_best(left, right, weight, pair_of_left, pair_of_right)
    if _is_clearly_heaviest(left, right, weight, pair_of_left, pair_of_right) or (
        _is_clearly_heaviest(right, left, weight, pair_of_right, pair_of_left)
    ):
        for e in range(len(weight)):
            taken[e] = pair_of_left[left[e]] == e
        return
    cost = np.zeros((n_left, n_right))
    for e in range(len(weight)):
        cost[left[e], right[e]] = -weight[e]
    columns = assign(cost)
    for e in range(len(weight)):
        taken[e] = columns[left[e]] == right[e]


@njit(cache=True, nogil=True)
def best_matches(
    truth_start: I64,
    detection_start: I64,
    pair_start: I64,
    pair_truth: I64,
    pair_detection: I64,
    pair_iou: F64,
    iou_threshold: float,
) -> Bool:
    """(P,) pairs of the matchings that maximise total IoU in each frame, tracks disregarded.

    Arguments as in `clear_counts`.
    """
    taken = np.zeros(len(pair_iou), np.bool_)
    rows = np.empty(len(pair_iou), np.int64)
    for frame in range(len(truth_start) - 1):
        t0, d0 = truth_start[frame], detection_start[frame]
        n = 0
        for p in range(pair_start[frame], pair_start[frame + 1]):
            if pair_iou[p] >= iou_threshold - _EPS:
                rows[n] = p
                n += 1
        near = rows[:n]
        chosen = np.zeros(n, np.bool_)
        _match_frame(
            pair_truth[near] - t0,
            pair_detection[near] - d0,
            pair_iou[near],
            truth_start[frame + 1] - t0,
            detection_start[frame + 1] - d0,
            chosen,
        )
        taken[near] = chosen
    return taken


@njit(cache=True, nogil=True)
def clear_counts(
    truth_start: I64,
    truth_track: I64,
    detection_start: I64,
    detection_track: I64,
    pair_start: I64,
    pair_truth: I64,
    pair_detection: I64,
    pair_iou: F64,
    n_truth_tracks: int,
    iou_threshold: float,
    frame_block: I64,
    n_blocks: int,
) -> tuple[I64, F64]:
    """CLEAR MOT counts: pairs of the frame before are kept first, then total IoU is maximised.

    Tracks are never cut: what happens in a frame is counted in the block of the frame, a truth
    track in the block of its first box.

    Args:
        truth_start: (F + 1,) first truth row of each frame.
        truth_track: (M,) 0 .. n_truth_tracks - 1.
        detection_start: (F + 1,) first detection row of each frame.
        detection_track: (N,) numbers of detection tracks.
        pair_start: (F + 1,) first pair of each frame.
        pair_truth: (P,) truth row.
        pair_detection: (P,) detection row.
        pair_iou: (P,) above 0.
        n_truth_tracks: how many truth tracks there are; each has a box.
        iou_threshold: above 0; pairs below it are never matched.
        frame_block: (F,) 0 .. n_blocks - 1.
        n_blocks: how many blocks there are.

    Returns:
        (n_blocks, 7) matches, identity switches, fragmentations (where the track resumes), mostly
        tracked, partially tracked, mostly lost, truth tracks; and (n_blocks,) sum of 1 - IoU over
        the matches.
    """
    last_track = np.full(n_truth_tracks, -1, np.int64)
    last_step = np.full(n_truth_tracks, -2, np.int64)
    n_boxes = np.zeros(n_truth_tracks, np.int64)
    n_matched = np.zeros(n_truth_tracks, np.int64)
    first_block = np.full(n_truth_tracks, -1, np.int64)
    left, right = np.empty(len(pair_iou), np.int64), np.empty(len(pair_iou), np.int64)
    weight, iou = np.empty(len(pair_iou)), np.empty(len(pair_iou))
    taken = np.empty(len(pair_iou), np.bool_)
    counts = np.zeros((n_blocks, 7), np.int64)
    distance = np.zeros(n_blocks)
    for frame in range(len(truth_start) - 1):
        for row in range(truth_start[frame], truth_start[frame + 1]):
            if n_boxes[truth_track[row]] == 0:
                first_block[truth_track[row]] = frame_block[frame]
            n_boxes[truth_track[row]] += 1
    # Frames where one side is empty are no step: a pair outlives them, as in TrackEval.
    step = 0
    for frame in range(len(truth_start) - 1):
        t0, t1 = truth_start[frame], truth_start[frame + 1]
        d0, d1 = detection_start[frame], detection_start[frame + 1]
        if t0 == t1 or d0 == d1:
            continue
        n = 0
        for p in range(pair_start[frame], pair_start[frame + 1]):
            if pair_iou[p] < iou_threshold - _EPS:
                continue
            track = truth_track[pair_truth[p]]
            kept = last_track[track] if last_step[track] == step - 1 else -1
            bonus = 1000.0 if detection_track[pair_detection[p]] == kept else 0.0
            left[n], right[n] = pair_truth[p] - t0, pair_detection[p] - d0
            weight[n], iou[n] = bonus + pair_iou[p], pair_iou[p]
            n += 1
        _match_frame(left[:n], right[:n], weight[:n], t1 - t0, d1 - d0, taken[:n])
        block = frame_block[frame]
        for e in range(n):
            if not taken[e]:
                continue
            track = truth_track[t0 + left[e]]
            found = detection_track[d0 + right[e]]
            if last_track[track] >= 0:
                counts[block, 1] += last_track[track] != found
                counts[block, 2] += last_step[track] != step - 1
            last_track[track] = found
            last_step[track] = step
            n_matched[track] += 1
            counts[block, 0] += 1
            distance[block] += 1.0 - iou[e]
        step += 1
    for track in range(n_truth_tracks):
        share = n_matched[track] / n_boxes[track]
        kind = 3 if share > 0.8 else 4 if share >= 0.2 else 5
        counts[first_block[track], kind] += 1
        counts[first_block[track], 6] += 1
    return counts, distance


@njit(cache=True, nogil=True)
def hota_matches(
    truth_start: I64,
    detection_start: I64,
    pair_start: I64,
    pair_truth: I64,
    pair_detection: I64,
    pair_iou: F64,
    pair_tracks: I64,
    alignment: F64,
) -> Bool:
    """(P,) pairs that HOTA matches, before its thresholds keep those that reach them.

    One matching per frame maximises IoU times how well the two tracks overlap over the whole clip
    (Luiten et al. 2020).

    Args:
        truth_start: as in `clear_counts`, like the next five.
        detection_start: -
        pair_start: -
        pair_truth: -
        pair_detection: -
        pair_iou: -
        pair_tracks: (P,) which pair of tracks each pair of boxes belongs to, 0 .. K - 1.
        alignment: (K,) how well each pair of tracks overlaps over the whole clip.
    """
    left, right = np.empty(len(pair_iou), np.int64), np.empty(len(pair_iou), np.int64)
    weight = np.empty(len(pair_iou))
    taken = np.zeros(len(pair_iou), np.bool_)
    for frame in range(len(truth_start) - 1):
        t0, d0 = truth_start[frame], detection_start[frame]
        p0, p1 = pair_start[frame], pair_start[frame + 1]
        for p in range(p0, p1):
            left[p], right[p] = pair_truth[p] - t0, pair_detection[p] - d0
            weight[p] = alignment[pair_tracks[p]] * pair_iou[p]
        _match_frame(
            left[p0:p1],
            right[p0:p1],
            weight[p0:p1],
            truth_start[frame + 1] - t0,
            detection_start[frame + 1] - d0,
            taken[p0:p1],
        )
    return taken
