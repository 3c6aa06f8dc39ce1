"""The columns of all clips of one pipeline, end to end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.kernels.match import COCO_IOU_THRESHOLDS
from vbench.types import (
    F64,
    I32,
    I64,
    Bool,
    Clip,
    Detections,
    GoldenSet,
    Matches,
    OperatingPoint,
)


@dataclass(frozen=True, slots=True)
class Pool:
    """M truth boxes and N detections of all clips; T IoU thresholds.

    Truth is stored clip after clip. Detections are in score order, best first, with ties clip after
    clip and as stored: what average precision walks through.
    """

    n_clips: int
    n_classes: int
    exhaustive: Bool
    """(n_clips, C) where false positives can be known."""
    n_annotated: I64
    """(n_clips,) annotated frames."""
    annotated_s: F64
    """(n_clips,) annotated footage in seconds."""
    detection_row: I64
    """(N,) row among the stored detections of all clips, end to end."""
    detection_score: F64
    """(N,) descending."""
    detection_order: I64
    """(N,) position of each detection among all, clip after clip and as stored."""
    detection_clip: I64
    detection_class: I64
    selected: Bool
    """(N,) detections at or above the operating score of their class."""
    truth_clip: I64
    truth_class: I64
    truth_counts: Bool
    truth_row: I32
    """(T, N) pooled row of the matched truth box, -1 for none."""
    ignored: Bool
    """(T, N)"""
    iou_thresholds: F64
    """(T,)"""
    operating_iou: F64
    """(N,) IoU with the matched truth box at the operating IoU threshold, 0 for none."""
    operating_row: int
    """Row of the operating IoU among the thresholds."""
    coco_rows: tuple[int, ...]
    """Rows of IoU 0.50, 0.55, ..., 0.95."""


def operating_scores(operating_point: OperatingPoint) -> F64:
    """(C,) score threshold per class id."""
    return np.array([score for _, score in operating_point.scores], np.float64)


def pooled(
    golden_set: GoldenSet,
    detections: Sequence[Detections],
    matches: Sequence[Matches],
    operating_point: OperatingPoint,
) -> Pool:
    """Put the columns of all clips end to end.

    Raises:
        ValueError: no clips, other numbers of clips than the golden set has, other classes at the
            operating point than the taxonomy's, tables of different IoU thresholds, or a table
            that does not belong to its detections and truth.
        KeyError: the tables lack the operating IoU or one of COCO's IoU thresholds.
    """
    clips = golden_set.clips
    _check_parts(golden_set, detections, matches, operating_point)
    n_classes = len(golden_set.taxonomy.classes)
    first_truth = np.cumsum([0, *(len(clip.truth) for clip in clips)])
    truth_row = [
        np.where(table.truth_index >= 0, table.truth_index + np.int32(first), np.int32(-1))
        for table, first in zip(matches, first_truth[:-1], strict=True)
    ]
    truths = [clip.truth for clip in clips]
    scores = np.concatenate([found.scores for found in detections])
    order = np.argsort(-scores, kind="stable")
    detection_class = np.concatenate([found.class_id for found in detections])[order]
    return Pool(
        n_clips=len(clips),
        n_classes=n_classes,
        exhaustive=np.array([clip.exhaustive for clip in clips], np.bool_).reshape(-1, n_classes),
        n_annotated=np.array([clip.annotated.sum() for clip in clips], np.int64),
        annotated_s=np.array([clip.annotated_s for clip in clips], np.float64),
        detection_row=order,
        detection_score=scores[order],
        detection_order=order,
        detection_clip=_clip_column([len(found) for found in detections])[order],
        detection_class=detection_class,
        selected=scores[order] >= operating_scores(operating_point)[detection_class],
        truth_clip=_clip_column([len(truth) for truth in truths]),
        truth_class=np.concatenate([truth.class_id for truth in truths]),
        truth_counts=np.concatenate([table.truth_counts for table in matches]),
        truth_row=np.concatenate(truth_row, axis=1)[:, order],
        ignored=np.concatenate([table.ignored for table in matches], axis=1)[:, order],
        iou_thresholds=matches[0].iou_thresholds,
        operating_iou=np.concatenate(
            [table.iou[table.row(operating_point.iou)] for table in matches]
        )[order],
        operating_row=matches[0].row(operating_point.iou),
        coco_rows=tuple(matches[0].row(float(iou)) for iou in COCO_IOU_THRESHOLDS),
    )


def check_clip(clip: Clip, detections: Detections, table: Matches) -> None:
    """Raise ValueError unless the table's rows are those of the detections and the truth."""
    shape = (len(table.iou_thresholds), len(detections))
    if table.truth_index.shape != shape or len(table.truth_counts) != len(clip.truth):
        raise ValueError(f"clip {clip.id}: the match table is of other detections or truth")


def _check_parts(
    golden_set: GoldenSet,
    detections: Sequence[Detections],
    matches: Sequence[Matches],
    operating_point: OperatingPoint,
) -> None:
    if not golden_set.clips:
        raise ValueError(f"golden set {golden_set.name} has no clips")
    names = tuple(name for name, _ in operating_point.scores)
    if names != golden_set.taxonomy.names:
        raise ValueError(
            f"operating point has classes {names}, the taxonomy has {golden_set.taxonomy.names}"
        )
    for clip, found, table in zip(golden_set.clips, detections, matches, strict=True):
        check_clip(clip, found, table)
        if not np.array_equal(table.iou_thresholds, matches[0].iou_thresholds):
            raise ValueError(f"clip {clip.id}: its match table has other IoU thresholds")


def _clip_column(lengths: Sequence[int]) -> I64:
    return np.repeat(np.arange(len(lengths), dtype=np.int64), np.array(lengths, np.int64))
