"""The columns of all clips of one pipeline, end to end, in as little memory as they need.

A long clip has millions of stored detections, most of them far below the operating point. They
count in average precision alone, so of each only a few bytes are kept: score, class, clip, and per
IoU threshold whether it is ignored. Matches are kept as pairs, of which there are at most as many
as truth boxes. What is at the operating point is kept whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.types import (
    COCO_IOU_THRESHOLDS,
    F64,
    I32,
    I64,
    U8,
    Block,
    Bool,
    Clip,
    ClipAnswers,
    Detections,
    GoldenSet,
    Matches,
    OperatingPoint,
    whole_answers,
)


@dataclass(frozen=True, slots=True)
class MatchedRows:
    """(T, N) pooled row of the matched truth box, -1 for none, stored as pairs."""

    n_detections: int
    detection: tuple[I64, ...]
    """Per threshold the detections that were matched, ..."""
    truth: tuple[I32, ...]
    """... and the pooled rows of their truth boxes."""

    def __getitem__(self, threshold: int) -> I32:
        """(N,) of one threshold."""
        rows = np.full(self.n_detections, -1, np.int32)
        rows[self.detection[threshold]] = self.truth[threshold]
        return rows


@dataclass(frozen=True, slots=True)
class PackedFlags:
    """(T, N) flags, eight in a byte."""

    n_detections: int
    bits: tuple[U8, ...]

    def __getitem__(self, threshold: int) -> Bool:
        """(N,) of one threshold."""
        return np.unpackbits(self.bits[threshold], count=self.n_detections).view(np.bool_)


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
    detection_order: I32
    """(N,) row of each among the stored detections of all clips, end to end."""
    detection_score: F64
    """(N,) descending."""
    detection_clip: I32
    detection_class: I32
    selected: Bool
    """(N,) detections at or above the operating score of their class."""
    truth_clip: I64
    truth_class: I64
    truth_counts: Bool
    truth_row: MatchedRows
    ignored: PackedFlags
    iou_thresholds: F64
    """(T,)"""
    matched_iou: F64
    """IoU of the matched pairs at the operating IoU threshold, as in `truth_row`."""
    operating_row: int
    """Row of the operating IoU among the thresholds."""
    coco_rows: tuple[int, ...]
    """Rows of IoU 0.50, 0.55, ..., 0.95."""
    at_point: tuple[Block, ...]
    """Per clip its detections at the operating point, and those that have a track, whole."""

    @property
    def operating_iou(self) -> F64:
        """(N,) IoU with the matched truth box at the operating IoU threshold, 0 for none."""
        iou = np.zeros(len(self.detection_score))
        iou[self.truth_row.detection[self.operating_row]] = self.matched_iou
        return iou


def operating_scores(operating_point: OperatingPoint) -> F64:
    """(C,) score threshold per class id."""
    return np.array([score for _, score in operating_point.scores], np.float64)


def pooled(
    golden_set: GoldenSet,
    detections: Sequence[Detections],
    matches: Sequence[Matches],
    operating_point: OperatingPoint,
) -> Pool:
    """Put the columns of all clips end to end; as `pooled_answers`, from memory."""
    return pooled_answers(golden_set, whole_answers(detections, matches), operating_point)


def pooled_answers(
    golden_set: GoldenSet, answers: Sequence[ClipAnswers], operating_point: OperatingPoint
) -> Pool:
    """Put the columns of all clips end to end, reading each block once.

    Raises:
        ValueError: no clips, other numbers of clips than the golden set has, other classes at the
            operating point than the taxonomy's, tables of different IoU thresholds, or a table
            that does not belong to its detections and truth.
        KeyError: the tables lack the operating IoU or one of COCO's IoU thresholds.
    """
    clips = golden_set.clips
    _check_classes(golden_set, operating_point)
    columns = _Columns(operating_point)
    first_truth = 0
    for number, (clip, of_clip) in enumerate(zip(clips, answers, strict=True)):
        columns.begin_clip()
        for found, table in of_clip.blocks():
            check_clip(clip, found, table)
            columns.add(number, clip, found, table, first_truth)
        columns.end_clip()
        first_truth += len(clip.truth)
    n_classes = len(golden_set.taxonomy.classes)
    scores = np.concatenate(columns.scores)
    columns.scores.clear()
    order = np.argsort(-scores, kind="stable").astype(np.int32)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order), dtype=np.int32)
    detection_class = np.concatenate(columns.class_id)[order]
    thresholds = columns.iou_thresholds
    operating_row = columns.operating_row
    truths = [clip.truth for clip in clips]
    return Pool(
        n_clips=len(clips),
        n_classes=n_classes,
        exhaustive=np.array([clip.exhaustive for clip in clips], np.bool_).reshape(-1, n_classes),
        n_annotated=np.array([clip.annotated.sum() for clip in clips], np.int64),
        annotated_s=np.array([clip.annotated_s for clip in clips], np.float64),
        detection_order=order,
        detection_score=scores[order],
        detection_clip=np.concatenate(columns.clip)[order],
        detection_class=detection_class,
        selected=scores[order] >= operating_scores(operating_point)[detection_class],
        truth_clip=np.repeat(
            np.arange(len(clips), dtype=np.int64), [len(truth) for truth in truths]
        ),
        truth_class=np.concatenate([truth.class_id for truth in truths]),
        truth_counts=np.concatenate(columns.truth_counts),
        truth_row=MatchedRows(
            len(order),
            tuple(rank[np.concatenate(rows)].astype(np.int64) for rows in columns.matched),
            tuple(np.concatenate(rows) for rows in columns.matched_truth),
        ),
        ignored=PackedFlags(
            len(order), tuple(_packed(parts, columns.n_rows, order) for parts in columns.ignored)
        ),
        iou_thresholds=thresholds,
        matched_iou=np.concatenate(columns.matched_iou),
        operating_row=operating_row,
        coco_rows=columns.coco_rows,
        at_point=tuple(columns.at_point),
    )


class _Columns:
    """The columns of a pool while blocks are read, in stored order."""

    def __init__(self, operating_point: OperatingPoint) -> None:
        self._point = operating_point
        self._thresholds = operating_scores(operating_point)
        self._of_clip: list[Block] = []
        self.iou_thresholds = np.zeros(0)
        self.operating_row = 0
        self.coco_rows: tuple[int, ...] = ()
        self.scores: list[F64] = []
        self.class_id: list[I32] = []
        self.clip: list[I32] = []
        self.n_rows: list[int] = []
        self.matched: list[list[I64]] = []
        self.matched_truth: list[list[I32]] = []
        self.matched_iou: list[F64] = []
        self.ignored: list[list[U8]] = []
        self.truth_counts: list[Bool] = []
        self.at_point: list[Block] = []
        self._n_before = 0

    def begin_clip(self) -> None:
        """The blocks that follow are of the next clip."""
        self._of_clip = []

    def add(
        self, number: int, clip: Clip, found: Detections, table: Matches, first_truth: int
    ) -> None:
        """Keep what is needed of a block."""
        if not len(self.iou_thresholds):
            self._set_thresholds(table)
        if not np.array_equal(table.iou_thresholds, self.iou_thresholds):
            raise ValueError(f"clip {clip.id}: its match table has other IoU thresholds")
        n = len(found)
        self.scores.append(found.scores)
        self.class_id.append(found.class_id.astype(np.int32))
        self.clip.append(np.full(n, number, np.int32))
        self.n_rows.append(n)
        for t in range(len(self.iou_thresholds)):
            rows = np.flatnonzero(table.truth_index[t] >= 0)
            self.matched[t].append(rows + self._n_before)
            self.matched_truth[t].append(table.truth_index[t, rows] + np.int32(first_truth))
            self.ignored[t].append(np.packbits(table.ignored[t]))
            if t == self.operating_row:
                self.matched_iou.append(table.iou[t, rows])
        whole = (found.scores >= self._thresholds[found.class_id]) | (found.track_id >= 0)
        self._of_clip.append((found.take(whole), _take(table, whole)))
        self._n_before += n

    def end_clip(self) -> None:
        """All blocks of the clip were added."""
        self.truth_counts.append(self._of_clip[0][1].truth_counts)
        self.at_point.append(_joined(self._of_clip))

    def _set_thresholds(self, table: Matches) -> None:
        self.iou_thresholds = table.iou_thresholds
        self.operating_row = table.row(self._point.iou)
        self.coco_rows = tuple(table.row(float(iou)) for iou in COCO_IOU_THRESHOLDS)
        n = len(table.iou_thresholds)
        self.matched, self.matched_truth = [[] for _ in range(n)], [[] for _ in range(n)]
        self.ignored = [[] for _ in range(n)]


def check_clip(clip: Clip, detections: Detections, table: Matches) -> None:
    """Raise ValueError unless the table's rows are those of the detections and the truth."""
    shape = (len(table.iou_thresholds), len(detections))
    if table.truth_index.shape != shape or len(table.truth_counts) != len(clip.truth):
        raise ValueError(f"clip {clip.id}: the match table is of other detections or truth")


def _check_classes(golden_set: GoldenSet, operating_point: OperatingPoint) -> None:
    if not golden_set.clips:
        raise ValueError(f"golden set {golden_set.name} has no clips")
    names = tuple(name for name, _ in operating_point.scores)
    if names != golden_set.taxonomy.names:
        raise ValueError(
            f"operating point has classes {names}, the taxonomy has {golden_set.taxonomy.names}"
        )


def _take(table: Matches, rows: Bool) -> Matches:
    return Matches(
        iou_thresholds=table.iou_thresholds,
        truth_index=table.truth_index[:, rows],
        iou=table.iou[:, rows],
        ignored=table.ignored[:, rows],
        truth_counts=table.truth_counts,
    )


def _joined(blocks: Sequence[Block]) -> Block:
    if len(blocks) == 1:
        return blocks[0]
    tables = [table for _, table in blocks]
    matches = Matches(
        iou_thresholds=tables[0].iou_thresholds,
        truth_index=np.concatenate([table.truth_index for table in tables], axis=1),
        iou=np.concatenate([table.iou for table in tables], axis=1),
        ignored=np.concatenate([table.ignored for table in tables], axis=1),
        truth_counts=tables[0].truth_counts,
    )
    return Detections.concatenate([found for found, _ in blocks]), matches


def _packed(parts: Sequence[U8], n_rows: Sequence[int], order: I32) -> U8:
    """Flags packed block by block in stored order, as flags packed in score order."""
    flags = [np.unpackbits(part, count=n) for part, n in zip(parts, n_rows, strict=True)]
    return np.packbits(np.concatenate(flags)[order])
