"""Truth and detections in cell order: class, then image, then file order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbench.kernels.coco_order import cell_order
from vbench.types import F64, I32, I64, Bool
from vbench.types.coco import CocoResults, CocoSettings, CocoTruth

_SPAN_PER_ID = 8
"""Ids are looked up in a table where it needs at most so many places per id."""


@dataclass(frozen=True, slots=True)
class TruthCells:
    """Truth columns in cell order; K classes, A area ranges."""

    class_start: I64
    image_at: I32
    boxes_xywh: F64
    crowd: Bool
    unnamed: Bool
    """(M,) taking this box does not make a detection matched (strict: annotation id 0)."""
    ignored: Bool
    """(M, A)"""
    n_truth: I64
    """(K, A) boxes that count."""

    def __len__(self) -> int:
        return len(self.image_at)


@dataclass(frozen=True, slots=True)
class DetectionCells:
    """Where each detection stands in cell order and in its class's score order."""

    boxes_xywh: F64
    """By row, as `scores`."""
    scores: F64
    class_start: I64
    order: I32
    image_at: I32
    row_at: I32
    """Filled by `score_order`, as the two below."""
    rank_at: I32
    sequence_of: I32

    def __len__(self) -> int:
        return len(self.image_at)


def truth_cells(
    truth: CocoTruth, image_ids: I64, category_ids: I64, settings: CocoSettings
) -> TruthCells:
    """Truth in cell order, that of other images and categories left out; both ids ascending."""
    image = index_of(truth.image_id, image_ids)
    category = index_of(truth.category_id, category_ids)
    rows = np.flatnonzero((image >= 0) & (category >= 0))
    order, image_at, class_start = cell_order(
        category[rows], image[rows], len(category_ids), len(image_ids)
    )
    rows = rows[order]
    uncounted = truth.crowd[rows]
    unnamed = np.zeros(len(rows), np.bool_)
    if settings.strict:
        unnamed = truth.annotation_id[rows] == 0
    else:
        uncounted = uncounted | truth.ignore[rows]
    area_px2 = truth.area_px2[rows]
    ignored = np.empty((len(rows), len(settings.area_ranges)), np.bool_)
    n_truth = np.empty((len(category_ids), len(settings.area_ranges)), np.int64)
    for a, item in enumerate(settings.area_ranges):
        ignored[:, a] = uncounted | (area_px2 < item.low_px2) | (area_px2 > item.high_px2)
        counted = np.concatenate([[0], np.cumsum(~ignored[:, a])])
        n_truth[:, a] = np.diff(counted[class_start])
    return TruthCells(
        class_start, image_at, truth.boxes_xywh[rows], truth.crowd[rows], unnamed, ignored, n_truth
    )


def detection_cells(results: CocoResults, image_ids: I64, category_ids: I64) -> DetectionCells:
    """Detections in cell order, those of other images and categories left out; ids ascending."""
    image = index_of(results.image_id, image_ids)
    category = index_of(results.category_id, category_ids)
    boxes_xywh, scores = plain(results.boxes_xywh), plain(results.scores)
    known = (image >= 0) & (category >= 0)
    if not known.all():
        image, category = image[known], category[known]
        boxes_xywh, scores = boxes_xywh[known], scores[known]
    order, image_at, class_start = cell_order(category, image, len(category_ids), len(image_ids))
    n = len(order)
    return DetectionCells(
        boxes_xywh,
        scores,
        class_start,
        order,
        image_at,
        np.empty(n, np.int32),
        np.empty(n, np.int32),
        np.empty(n, np.int32),
    )


def index_of(ids: I64, known: I64) -> I32:
    """Place of each id in `known` (ascending, no id twice), -1 where it is not there."""
    if not len(known):
        return np.full(len(ids), -1, np.int32)
    low, high = int(known[0]), int(known[-1])
    if high - low < _SPAN_PER_ID * len(known) + 1024:
        # One more place for every id outside the span.
        table = np.full(high - low + 2, -1, np.int32)
        table[known - low] = np.arange(len(known), dtype=np.int32)
        inside = (ids >= low) & (ids <= high)
        found: I32 = table[np.where(inside, ids - low, high - low + 1)]
        return found
    place = np.searchsorted(known, ids).clip(max=len(known) - 1)
    return np.where(known[place] == ids, place, -1).astype(np.int32)


def plain(column: F64) -> F64:
    """A column as kernels are compiled for: contiguous and writeable, copied only if it is not."""
    if column.flags.c_contiguous and column.flags.writeable:
        return column
    return column.copy()
