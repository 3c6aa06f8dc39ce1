"""COCO box evaluation: match detections cell by cell, accumulate precision.

Rows stand in the orders of `coco_order`. The outcome of a detection at up to 16 IoU thresholds is
one 16-bit mask, threshold t in bit t, so that one pass decides all thresholds. Equal to pycocotools
2.0.11 to the last bit.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from vbench.types import F64, I32, I64, Bool

U16 = npt.NDArray[np.uint16]

MAX_THRESHOLDS = 16
"""IoU thresholds that fit into one mask."""
_SURE_MATCH = 1.0 - 1e-10
_EPS = np.spacing(1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def match_cells(
    first: int,
    last: int,
    image_at: I32,
    sequence_of: I32,
    row_at: I32,
    boxes_xywh: F64,
    truth_first: int,
    truth_last: int,
    truth_image_at: I32,
    truth_xywh: F64,
    truth_crowd: Bool,
    truth_unnamed: Bool,
    truth_ignored: Bool,
    iou_thresholds: F64,
    area_px2: F64,
    max_dets: int,
    matched: U16,
    ignored: U16,
) -> None:
    """Match the detections of whole cells of one class with that class's truth.

    Per threshold, a detection takes the truth box of highest IoU that is free or crowd; of equal
    ones the last; ignored truth only where no other fits. A crowd region's overlap is the share
    of the detection inside it.

    Args:
        first: first position, the start of a cell.
        last: one past the last position, the end of a cell.
        image_at: (N,) image at each position.
        sequence_of: (N,) as filled by `score_order`.
        row_at: (N,) row at each place of the sequence.
        boxes_xywh: (N, 4) px, by row.
        truth_first: first truth position of the class.
        truth_last: one past its last truth position.
        truth_image_at: (M,) image at each truth position; truth columns stand in cell order.
        truth_xywh: (M, 4) px.
        truth_crowd: (M,) crowd regions.
        truth_unnamed: (M,) boxes that can be taken without the detection becoming matched.
        truth_ignored: (M, A) boxes that do not count in an area range, crowd included.
        iou_thresholds: (T,) at most 16.
        area_px2: (A, 2) lowest and highest area of each range.
        max_dets: detections per cell that are looked at.
        matched: (N, A) filled by place in the sequence; must be 0 before.
        ignored: (N, A) filled likewise: neither true nor false positive.
    """
    n_areas = len(area_px2)
    every = (1 << len(iou_thresholds)) - 1
    levels = np.minimum(iou_thresholds, _SURE_MATCH)
    lowest = levels.min()
    taken = np.empty((16, n_areas), np.int64)
    near = np.empty(16, np.int64)
    near_iou = np.empty(16)
    near_above = np.empty(16, np.int64)
    truth_end = truth_first
    cell_end = first
    while cell_end < last:
        cell = cell_end
        image = image_at[cell]
        while cell_end < last and image_at[cell_end] == image:
            cell_end += 1
        truth_start = truth_end
        while truth_start < truth_last and truth_image_at[truth_start] < image:
            truth_start += 1
        truth_end = truth_start
        while truth_end < truth_last and truth_image_at[truth_end] == image:
            truth_end += 1
        n_truth = truth_end - truth_start
        if n_truth > len(near):
            taken = np.empty((2 * n_truth, n_areas), np.int64)
            near = np.empty(2 * n_truth, np.int64)
            near_iou = np.empty(2 * n_truth)
            near_above = np.empty(2 * n_truth, np.int64)
        taken[:n_truth] = 0
        for position in range(cell, min(cell_end, cell + max_dets)):
            sequence = sequence_of[position]
            row = row_at[sequence]
            n_near = 0
            if n_truth > 0:
                n_near = _near_truth(
                    row,
                    boxes_xywh,
                    truth_start,
                    truth_end,
                    truth_xywh,
                    truth_crowd,
                    levels,
                    lowest,
                    near,
                    near_iou,
                    near_above,
                )
            area = boxes_xywh[row, 2] * boxes_xywh[row, 3]
            for a in range(n_areas):
                hit = 0
                skip = 0
                if n_near > 0:
                    hit, skip = _take_truth(
                        n_near,
                        near,
                        near_above,
                        a,
                        truth_start,
                        truth_crowd,
                        truth_unnamed,
                        truth_ignored,
                        taken,
                        every,
                    )
                if area < area_px2[a, 0] or area > area_px2[a, 1]:
                    skip |= every & ~hit
                matched[sequence, a] = hit
                ignored[sequence, a] = skip


@njit(cache=True, nogil=True, error_model="numpy")
def _near_truth(
    row: int,
    boxes_xywh: F64,
    start: int,
    end: int,
    truth_xywh: F64,
    truth_crowd: Bool,
    levels: F64,
    lowest: float,
    near: I64,
    near_iou: F64,
    near_above: I64,
) -> int:
    """Fill in the truth of a cell that overlaps enough, highest IoU first, of equal ones the last.

    `near` counts from the cell's first box; `near_above` has bit t set where the IoU reaches level
    t. Returns how many there are.
    """
    x, y = boxes_xywh[row, 0], boxes_xywh[row, 1]
    width, height = boxes_xywh[row, 2], boxes_xywh[row, 3]
    right, bottom, area = x + width, y + height, width * height
    n_near = 0
    for truth in range(start, end):
        other_x, other_y = truth_xywh[truth, 0], truth_xywh[truth, 1]
        other_width, other_height = truth_xywh[truth, 2], truth_xywh[truth, 3]
        inter_width = min(right, other_x + other_width) - max(x, other_x)
        if inter_width <= 0.0:
            continue
        inter_height = min(bottom, other_y + other_height) - max(y, other_y)
        if inter_height <= 0.0:
            continue
        inter = inter_width * inter_height
        union = area
        if not truth_crowd[truth]:
            union = area + other_width * other_height - inter
        iou = inter / union
        if not iou >= lowest:
            continue
        place = n_near
        while place > 0 and near_iou[place - 1] <= iou:
            near[place] = near[place - 1]
            near_iou[place] = near_iou[place - 1]
            near_above[place] = near_above[place - 1]
            place -= 1
        above = 0
        for t in range(len(levels)):
            if iou >= levels[t]:
                above |= 1 << t
        near[place] = truth - start
        near_iou[place] = iou
        near_above[place] = above
        n_near += 1
    return n_near


@njit(cache=True, nogil=True)
def _take_truth(
    n_near: int,
    near: I64,
    near_above: I64,
    area_range: int,
    start: int,
    truth_crowd: Bool,
    truth_unnamed: Bool,
    truth_ignored: Bool,
    taken: I64,
    every: int,
) -> tuple[int, int]:
    """Give one detection its truth at all thresholds; returns the masks matched and ignored.

    The order of preference is the same at every threshold, so each box in that order settles all
    thresholds at once that are still open, that it reaches, and that it is free at.
    """
    hit = 0
    skip = 0
    unsettled = every
    for wants_ignored in (False, True):
        for i in range(n_near):
            truth = start + near[i]
            if truth_ignored[truth, area_range] != wants_ignored:
                continue
            take = unsettled & near_above[i]
            if not truth_crowd[truth]:
                take &= ~taken[near[i], area_range]
            taken[near[i], area_range] |= take
            unsettled &= ~take
            if not truth_unnamed[truth]:
                hit |= take
            if wants_ignored:
                skip |= take
    return hit, skip


@njit(cache=True, nogil=True, error_model="numpy")
def accumulate(
    first: int,
    last: int,
    area: int,
    scores: F64,
    row_at: I32,
    rank_at: I32,
    matched: U16,
    ignored: U16,
    n_truth: int,
    max_dets: I64,
    recall_thresholds: F64,
    precision: F64,
    recall: F64,
    score_reached: F64,
) -> None:
    """Precision at each recall, recall reached and scores, of one class and area range.

    Precision is tp / (tp + fp + 2**-52), as in pycocotools; at a recall stands the highest
    precision at that recall or above. Precision only rises at a true positive, so only those are
    looked at: each keeps the highest precision between two recalls, and a last pass from the top
    recall down makes the envelope.

    Args:
        first: first place of the class in the sequence.
        last: one past its last place.
        area: which area range.
        scores: (N,) by row.
        row_at: (N,) row at each place of the sequence.
        rank_at: (N,) rank within its cell of the detection there.
        matched: (N, A) masks from `match_cells`.
        ignored: (N, A) likewise.
        n_truth: truth boxes that count, at least 1.
        max_dets: (L,) ascending limits of detections per cell.
        recall_thresholds: (R,) ascending, 0 to 1.
        precision: (L, T, R) filled; must be 0 before.
        recall: (L, T) filled.
        score_reached: (L, T, R) filled; must be 0 before.
    """
    n_limits, n_thresholds, n_recalls = precision.shape
    every = (1 << n_thresholds) - 1
    needed = _true_positives_needed(recall_thresholds, n_truth)
    n_tp = np.zeros((n_limits, n_thresholds), np.int64)
    n_fp = np.zeros((n_limits, n_thresholds), np.int64)
    n_fp_everywhere = np.zeros(n_limits, np.int64)
    n_reached = np.zeros((n_limits, n_thresholds), np.int64)
    for sequence in range(first, last):
        hit = np.int64(matched[sequence, area])
        skip = np.int64(ignored[sequence, area])
        if skip == every:
            continue
        for limit in range(n_limits - 1, -1, -1):
            if rank_at[sequence] >= max_dets[limit]:
                break
            if hit | skip == 0:
                n_fp_everywhere[limit] += 1
                continue
            for t in range(n_thresholds):
                if (skip >> t) & 1:
                    continue
                if not (hit >> t) & 1:
                    n_fp[limit, t] += 1
                    continue
                n_tp[limit, t] += 1
                tp = n_tp[limit, t]
                reached = n_reached[limit, t]
                while reached < n_recalls and tp >= needed[reached]:
                    score_reached[limit, t, reached] = scores[row_at[sequence]]
                    reached += 1
                n_reached[limit, t] = reached
                here = tp / (n_fp_everywhere[limit] + n_fp[limit, t] + tp + _EPS)
                if reached > 0 and here > precision[limit, t, reached - 1]:
                    precision[limit, t, reached - 1] = here
    for limit in range(n_limits):
        for t in range(n_thresholds):
            recall[limit, t] = n_tp[limit, t] / n_truth
            for r in range(n_recalls - 2, -1, -1):
                if precision[limit, t, r + 1] > precision[limit, t, r]:
                    precision[limit, t, r] = precision[limit, t, r + 1]
            if first < last and recall_thresholds[0] == 0.0:
                # Recall 0 is reached by the first detection, whatever it is.
                score_reached[limit, t, 0] = scores[row_at[first]]


@njit(cache=True, nogil=True, error_model="numpy")
def _true_positives_needed(recall_thresholds: F64, n_truth: int) -> I64:
    """(R,) fewest true positives, at least one, whose recall, so rounded, reaches each."""
    needed = np.empty(len(recall_thresholds), np.int64)
    for r in range(len(recall_thresholds)):
        needed[r] = int(recall_thresholds[r] * n_truth) - 1
        while needed[r] < 1 or needed[r] / n_truth < recall_thresholds[r]:
            needed[r] += 1
    return needed
