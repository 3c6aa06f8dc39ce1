"""Why answers are wrong, and what each kind of error costs (TIDE, Bolya et al. 2020).

Definitions are those of the paper (arXiv:2008.08115, section 2) as its authors' program tidecv
1.0.1 applies them. Where that program does something else, this one follows the match table:

- A detection that the table ignores (crowd, ignore region, ...) is no error. tidecv looks for an
  error in it all the same, and may turn it into a true positive.
- A class without truth takes no part in a mean over classes, before and after a correction.
  tidecv counts it as AP 0 when it has detections.
- Frames without truth count. tidecv leaves out images that its truth has no record of.
- An IoU of exactly the matching threshold is a match, so a second detection with that IoU is a
  duplicate; tidecv calls it a localisation error.
- All stored detections count; tidecv keeps the best 100 of an image.
- Detections of the same score keep their order when errors are corrected; tidecv puts all wrong
  ones first, which can make a difference of AP negative, and states that as 0.
- Recall levels are COCO's (``linspace``); tidecv's k / 100 are a last bit less at some.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vbench.metrics.pool import Pool, operating_scores
from vbench.types import (
    F64,
    I8,
    I32,
    I64,
    Bool,
    Clip,
    ClipAnswers,
    Detections,
    GoldenSet,
    Matches,
    OperatingPoint,
)

ErrorKind = Literal["classification", "localisation", "both", "duplicate", "background", "missed"]
ERROR_KINDS: tuple[ErrorKind, ...] = (
    "classification",
    "localisation",
    "both",
    "duplicate",
    "background",
    "missed",
)
_CLASSIFICATION, _LOCALISATION, _BOTH, _DUPLICATE, _BACKGROUND, _MISSED = range(6)

BACKGROUND_IOU = 0.1
"""Below it a detection has nothing to do with a truth box."""


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """The errors of all clips in the order of a `Pool`: N detections, M truth boxes."""

    kind: I8
    """(N,) row of `ERROR_KINDS` of each false positive, -1 for other detections."""
    corrected_truth: I32
    """(N,) missed truth box that the detection would find if it were corrected, else -1.

    Only for classification and localisation errors. Of several that would find the same box only
    the one with the best score has it.
    """
    missed: Bool
    """(M,) truth that nothing found and that no classification or localisation error is near."""
    missed_at_point: Bool
    """(M,) the same among the detections at the operating point."""


@dataclass(frozen=True, slots=True)
class ErrorCosts:
    """Errors of G groups of clips, K kinds and C classes; the last column is all classes."""

    counts: I64
    """(K, G, C + 1) errors at the operating point; of detections by their own class."""
    ap: F64
    """(G, C + 1) AP at the operating IoU over all stored detections; NaN without truth."""
    cost: F64
    """(K, G, C + 1) AP that correcting all errors of a kind would add; NaN where undefined."""


def error_table(
    golden_set: GoldenSet,
    answers: Sequence[ClipAnswers],
    operating_point: OperatingPoint,
    pool: Pool,
) -> ErrorTable:
    """Tell the kind of every error.

    A false positive is, by the first that fits: a *localisation* error, with an IoU of at least
    0.1 but below the matching threshold with a truth box of its class; a *classification* error,
    at or above the threshold with a box of another class; a *duplicate*, at or above it with a
    box of its class that another detection found; *background*, at most 0.1 with any box; *both*
    (wrong class and place), the rest. A truth box that nothing found is *missed* unless it is the
    best box of a classification or localisation error. Only truth that counts is looked at.

    Args:
        golden_set: clips with their truth.
        answers: all stored detections with their match tables per clip.
        operating_point: its IoU is the matching threshold.
        pool: of the same answers.
    """
    kinds: list[I8] = []
    corrected: list[I32] = []
    missed: list[Bool] = []
    missed_at_point: list[Bool] = []
    first_truth = 0
    for clip, of_clip in zip(golden_set.clips, answers, strict=True):
        open_truth = np.ones((2, len(clip.truth)), np.bool_)
        for found, table in of_clip.blocks():
            kind, target = _kinds(clip, found, table, table.row(operating_point.iou))
            selected = found.scores >= operating_scores(operating_point)[found.class_id]
            open_truth[0] &= _missed(table, operating_point, target, np.ones_like(selected))
            open_truth[1] &= _missed(table, operating_point, target, selected)
            winner = _first_of_each(target, _missed_by_table(table, operating_point.iou))
            kinds.append(kind.astype(np.int8))
            corrected.append(np.where(winner >= 0, winner + first_truth, -1).astype(np.int32))
        missed.append(open_truth[0])
        missed_at_point.append(open_truth[1])
        first_truth += len(clip.truth)
    return ErrorTable(
        kind=np.concatenate(kinds)[pool.detection_order],
        corrected_truth=np.concatenate(corrected)[pool.detection_order],
        missed=np.concatenate(missed),
        missed_at_point=np.concatenate(missed_at_point),
    )


def error_costs(pool: Pool, errors: ErrorTable, clip_group: I64, n_groups: int) -> ErrorCosts:
    """Count errors, and what AP would gain if all errors of one kind were corrected.

    Correcting a classification or localisation error makes it a true positive, or takes it away
    where its truth box is found by another one; correcting any other false positive takes it away;
    correcting a miss takes its truth box away. Footage where false positives of a class cannot be
    known is left out for that class, as for AP.

    Args:
        pool: detections in score order, and their matches.
        errors: of the same pool.
        clip_group: (n_clips,) group of each clip, -1 for none.
        n_groups: how many groups there are.
    """
    # Kernels are imported where they are called: to read what is known takes no compiler.
    from vbench.kernels.average_precision import average_precision

    n_classes = pool.n_classes
    row = pool.operating_row
    group = clip_group.astype(np.int32)[pool.detection_clip]
    known = pool.exhaustive[pool.detection_clip, pool.detection_class]
    cell = _cell(group, pool.detection_class, known, n_classes)
    truth_known = pool.exhaustive[pool.truth_clip, pool.truth_class]
    truth_cell = _cell(clip_group[pool.truth_clip], pool.truth_class, truth_known, n_classes)
    hit = pool.truth_row[row] >= 0
    counts = ~pool.ignored[row]
    n_cells = n_groups * n_classes
    n_truth = _binned(truth_cell[pool.truth_counts], n_cells)
    before = average_precision(cell, hit, counts, n_truth)
    shape = (n_groups, n_classes)
    ap = _with_mean(before.reshape(shape))
    cost = np.empty((len(ERROR_KINDS), *ap.shape))
    n_errors = np.empty(cost.shape, np.int64)
    for k in range(len(ERROR_KINDS)):
        of_kind = errors.kind == k
        if k == _MISSED:
            left = n_truth - _binned(truth_cell[errors.missed], n_cells)
            after = average_precision(cell, hit, counts, left)
            found = _binned(truth_cell[errors.missed_at_point], n_cells)
        else:
            corrected = of_kind & (errors.corrected_truth >= 0)
            moved = cell.copy()
            moved[corrected] = truth_cell[errors.corrected_truth[corrected]]
            after = average_precision(
                moved, hit | corrected, counts & ~(of_kind & ~corrected), n_truth
            )
            found = _binned(cell[of_kind & pool.selected], n_cells)
        cost[k] = _with_mean(after.reshape(shape)) - ap
        table = found.reshape(shape)
        n_errors[k] = np.append(table, table.sum(axis=1, keepdims=True), axis=1)
    return ErrorCosts(n_errors, ap, cost)


def _missed_by_table(matches: Matches, iou: float) -> Bool:
    """(M,) truth that counts and that no stored detection found."""
    row = matches.row(iou)
    found = np.zeros(len(matches.truth_counts), np.bool_)
    found[matches.truth_index[row][~matches.ignored[row] & (matches.truth_index[row] >= 0)]] = True
    missed: Bool = matches.truth_counts & ~found
    return missed


def false_positive_kinds(
    clip: Clip, false: Detections, truth_counts: Bool, iou_threshold: float
) -> tuple[I64, I64]:
    """Kind of each of N false positives, and the row of the truth box it is near, or -1.

    Args:
        clip: with its truth, M boxes.
        false: false positives of the clip.
        truth_counts: (M,) truth that counts.
        iou_threshold: of the match table.
    """
    from vbench.kernels.best_overlap import best_overlaps

    truth_rows = np.flatnonzero(truth_counts)
    truth = clip.truth
    same_row, same_iou, other_row, other_iou = best_overlaps(
        false.frame_index,
        false.class_id,
        false.boxes_xyxy,
        truth.frame_index[truth_rows],
        truth.class_id[truth_rows],
        truth.boxes_xyxy[truth_rows],
    )
    # Where nothing overlaps, -1 looks up the appended -1.
    stored = np.append(truth_rows, -1)
    fits = [
        (same_iou >= BACKGROUND_IOU) & (same_iou < iou_threshold),
        other_iou >= iou_threshold,
        same_iou >= iou_threshold,
        np.maximum(same_iou, other_iou) <= BACKGROUND_IOU,
    ]
    order = [_LOCALISATION, _CLASSIFICATION, _DUPLICATE, _BACKGROUND]
    kind = np.select(fits, order, _BOTH).astype(np.int64)
    return kind, np.select(fits[:2], [stored[same_row], stored[other_row]], -1).astype(np.int64)


def _kinds(clip: Clip, detections: Detections, matches: Matches, row: int) -> tuple[I64, I64]:
    """(N,) kind of each false positive, else -1; and the row of the truth box it is near, or -1."""
    kind = np.full(len(detections), -1, np.int64)
    target = np.full(len(detections), -1, np.int64)
    false = np.flatnonzero((matches.truth_index[row] < 0) & ~matches.ignored[row])
    kind[false], target[false] = false_positive_kinds(
        clip, detections.take(false), matches.truth_counts, float(matches.iou_thresholds[row])
    )
    return kind, target


def _missed(matches: Matches, operating_point: OperatingPoint, target: I64, selected: Bool) -> Bool:
    """(M,) truth that no selected detection found or is near enough to."""
    row = matches.row(operating_point.iou)
    near = np.zeros(len(matches.truth_counts), np.bool_)
    hit = selected & ~matches.ignored[row] & (matches.truth_index[row] >= 0)
    near[matches.truth_index[row][hit]] = True
    near[target[selected & (target >= 0)]] = True
    missed: Bool = matches.truth_counts & ~near
    return missed


def _first_of_each(target: I64, missed: Bool) -> I64:
    """(N,) `target` where it is a missed box and the row is its first, which has the best score."""
    open_rows = np.flatnonzero(np.append(missed, False)[target])
    _, first = np.unique(target[open_rows], return_index=True)
    result = np.full(len(target), -1, np.int64)
    result[open_rows[first]] = target[open_rows[first]]
    return result


def _cell(group: I32 | I64, class_id: I32 | I64, known: Bool, n_classes: int) -> I32:
    """Cell of a (G, C) table, -1 for rows in no group or where nothing is known."""
    cell = group.astype(np.int32) * np.int32(n_classes)
    cell += class_id.astype(np.int32, copy=False)
    cell[~known | (group < 0)] = -1
    return cell


def _binned(cell: I32, n_cells: int) -> I64:
    return np.bincount(cell[cell >= 0], minlength=n_cells).astype(np.int64)


def _with_mean(values: F64) -> F64:
    """The (G, C) table with the mean over defined columns as one more; NaN where none is."""
    defined = np.isfinite(values)
    n_defined = defined.sum(axis=1, keepdims=True)
    total = np.where(defined, values, 0.0).sum(axis=1, keepdims=True)
    mean = np.where(n_defined > 0, total / np.maximum(n_defined, 1), np.nan)
    return np.append(values, mean, axis=1)
