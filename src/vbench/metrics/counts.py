"""Counts per scope and class: what every detection ratio is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.metrics.frames import FrameCounts
from vbench.metrics.pool import Pool
from vbench.metrics.scopes import Partition
from vbench.types import F64, I32, I64, Bool


@dataclass(frozen=True, slots=True)
class DetectionCounts:
    """(S, C + 1) counts at the operating point; the last column is all classes together.

    Where a class is not annotated exhaustively in a clip, its false positives cannot be known.
    The `known_*` columns leave those pairs of clip and class out; where every class is exhaustive
    they are the plain counts.
    """

    n_frames: I64
    """(S,) annotated frames."""
    n_truth: I64
    tp: I64
    fn: I64
    iou_sum: F64
    """Sum of IoU over the matches that are true positives."""
    known_truth: I64
    known_tp: I64
    known_fp: I64 | None
    """None where detections cannot be told apart by the scopes' tag."""
    known_fn: I64
    known_frames: I64
    known_s: F64


def detection_counts(pool: Pool, partition: Partition) -> DetectionCounts:
    """Count found, missed and false objects per scope and class."""
    truth_row = pool.truth_row[pool.operating_row]
    counting = pool.selected & ~pool.ignored[pool.operating_row]
    found = np.zeros(len(pool.truth_class), np.bool_)
    found[truth_row[counting & (truth_row >= 0)]] = True
    known = pool.exhaustive[pool.truth_clip, pool.truth_class]
    n_scopes = len(partition.scopes)

    def truth_table(rows: Bool) -> I64:
        return _with_total(
            _table(partition.truth_group, pool.truth_class, rows, n_scopes, pool.n_classes)
        )

    known_fp = None
    if partition.detection_group is not None:
        false = counting & (truth_row < 0)
        known_fp = _with_total(
            _table(partition.detection_group, pool.detection_class, false, n_scopes, pool.n_classes)
        )
    missed = pool.truth_counts & ~found
    # Of the footage, the total column is that where false positives of any class can be known.
    footage = np.column_stack([pool.exhaustive, pool.exhaustive.any(axis=1)])
    return DetectionCounts(
        n_frames=_rounded(partition.membership @ pool.n_annotated),
        n_truth=truth_table(pool.truth_counts),
        tp=truth_table(found),
        fn=truth_table(missed),
        iou_sum=_iou_sum(pool, partition, counting),
        known_truth=truth_table(pool.truth_counts & known),
        known_tp=truth_table(found & known),
        known_fp=known_fp,
        known_fn=truth_table(missed & known),
        known_frames=_rounded(partition.membership @ (footage * pool.n_annotated[:, None])),
        known_s=partition.membership @ (footage * pool.annotated_s[:, None]),
    )


def _iou_sum(pool: Pool, partition: Partition, counting: Bool) -> F64:
    """(S, C + 1) sum of IoU over counting detections that found a truth box of the scope."""
    truth_row = pool.truth_row[pool.operating_row]
    hits = np.flatnonzero(counting & (truth_row >= 0))
    group = partition.truth_group[truth_row[hits]]
    hits, group = hits[group >= 0], group[group >= 0]
    shape = (len(partition.scopes), pool.n_classes)
    cell = group * pool.n_classes + pool.truth_class[truth_row[hits]]
    table = np.bincount(cell, weights=pool.operating_iou[hits], minlength=shape[0] * shape[1])
    table = table.reshape(shape)
    return np.append(table, table.sum(axis=1, keepdims=True), axis=1)


def scope_frame_counts(
    pool: Pool, partition: Partition, per_clip: Sequence[FrameCounts]
) -> FrameCounts:
    """(S, C + 1) frames by truth and answer, where false positives can be known."""

    def table(columns: Sequence[I64]) -> I64:
        return _with_total(_rounded(partition.membership @ (np.stack(columns) * pool.exhaustive)))

    return FrameCounts(
        tp=table([clip.tp for clip in per_clip]),
        fp=table([clip.fp for clip in per_clip]),
        fn=table([clip.fn for clip in per_clip]),
        tn=table([clip.tn for clip in per_clip]),
    )


def coco_average_precision(pool: Pool, partition: Partition) -> F64:
    """(T, S, C + 1) average precision at COCO's IoU thresholds; NaN where there is no truth.

    All stored detections take part, whatever the operating point. The last column is the mean
    over classes that have truth. Of a scope of boxes, a matched detection belongs to the scope of
    its truth and an unmatched one to that of its own box; the rest is ignored, as COCO does with
    area ranges. Footage where false positives cannot be known is left out.

    Raises:
        ValueError: detections cannot be told apart by the scopes' tag.
    """
    # Kernels are imported where they are called: to read what is known takes no compiler.
    from vbench.kernels.average_precision import average_precision

    if partition.detection_group is None:
        raise ValueError("average precision needs detections in scopes")
    n_scopes, n_classes = len(partition.scopes), pool.n_classes
    known_truth = pool.truth_counts & pool.exhaustive[pool.truth_clip, pool.truth_class]
    n_truth = _table(partition.truth_group, pool.truth_class, known_truth, n_scopes, n_classes)
    known_detections = pool.exhaustive[pool.detection_clip, pool.detection_class]
    result = np.empty((len(pool.coco_rows), n_scopes, n_classes))
    own_group = _group(partition.detection_group, pool.detection_class, n_classes)
    for t, row in enumerate(pool.coco_rows):
        truth_row = pool.truth_row[row]
        group = own_group
        if not partition.by_clip and len(partition.truth_group):
            matched = np.flatnonzero(truth_row >= 0)
            scope = partition.detection_group.copy()
            scope[matched] = partition.truth_group[truth_row[matched]]
            group = _group(scope, pool.detection_class, n_classes)
        result[t] = average_precision(
            group,
            truth_row >= 0,
            known_detections & ~pool.ignored[row],
            n_truth.ravel(),
        ).reshape(n_scopes, n_classes)
    return np.append(result, _mean_of_defined(result), axis=2)


def _group(scope: I32, class_id: I32, n_classes: int) -> I32:
    """(N,) cell of an (S, C) table, -1 for rows in no scope."""
    cell = scope * np.int32(n_classes)
    cell += class_id
    cell[scope < 0] = -1
    return cell


def _mean_of_defined(values: F64) -> F64:
    """(T, S, 1) mean over the last axis without NaN; NaN where nothing is left."""
    defined = np.isfinite(values)
    n_defined = defined.sum(axis=2, keepdims=True)
    total = np.where(defined, values, 0.0).sum(axis=2, keepdims=True)
    return np.where(n_defined > 0, total / np.maximum(n_defined, 1), np.nan)


def _table(group: I32 | I64, class_id: I32 | I64, rows: Bool, n_groups: int, n_classes: int) -> I64:
    """(n_groups, n_classes) how many of the marked rows; rows of group -1 are left out."""
    taken = rows & (group >= 0)
    cell = group[taken] * n_classes + class_id[taken]
    return np.bincount(cell, minlength=n_groups * n_classes).reshape(n_groups, n_classes)


def _with_total(table: I64) -> I64:
    """The table with the sum over classes as one more column."""
    return np.append(table, table.sum(axis=1, keepdims=True), axis=1)


def _rounded(table: F64) -> I64:
    """Counts that went through a float product, exact up to 2^53."""
    return np.rint(table).astype(np.int64)
