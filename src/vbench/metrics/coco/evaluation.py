"""COCO box evaluation of columns (Lin et al. 2014; as computed by pycocotools 2.0.11)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vbench.kernels.coco import MAX_THRESHOLDS, accumulate, match_cells
from vbench.kernels.coco_order import score_order
from vbench.metrics.coco.cells import DetectionCells, TruthCells, detection_cells, truth_cells
from vbench.metrics.coco.stats import summary_stats
from vbench.metrics.coco.tasks import Tasks
from vbench.metrics.coco.validate import check_results, check_truth, refuse_unknown
from vbench.types import F64, I64
from vbench.types.coco import CocoEvaluation, CocoResults, CocoSettings, CocoTruth

_SMALL = 20_000
"""Detections below which starting threads costs more than they save."""
_TASK_SIZE = 32_768
"""Detections after which a class is matched in several pieces."""


def evaluate(
    truth: CocoTruth,
    results: CocoResults,
    settings: CocoSettings | None = None,
    *,
    n_threads: int | None = None,
) -> CocoEvaluation:
    """Evaluate detections against truth.

    Equal to pycocotools 2.0.11 to the last bit with `settings.strict`; otherwise its known
    defects are corrected (docs/reference/coco.md lists them). The result does not depend on
    `n_threads`.

    Args:
        truth: annotations, and which images and categories are evaluated.
        results: detections.
        settings: thresholds, limits, area ranges, strictness; COCO's own by default.
        n_threads: at most so many at once; every core that the process may use by default.

    Raises:
        InputError: records that cannot be evaluated, named by column and row.
    """
    settings = settings or CocoSettings()
    check_truth(truth)
    image_ids, category_ids = np.unique(truth.image_ids), np.unique(truth.category_ids)
    with Tasks(1 if len(results) < _SMALL else n_threads) as tasks:
        check_results(results, strict=settings.strict)
        truth_side, detection_side = tasks.both(
            lambda: truth_cells(truth, image_ids, category_ids, settings),
            lambda: detection_cells(results, image_ids, category_ids),
        )
        if len(truth_side) < len(truth) or len(detection_side) < len(results):
            refuse_unknown(truth, results, strict=settings.strict)
        cells = _Cells(settings, truth_side, detection_side)
        _order_by_score(cells, tasks)
        blocks = [
            _evaluate_block(
                cells, np.array(settings.iou_thresholds[start:][:MAX_THRESHOLDS]), tasks
            )
            for start in range(0, len(settings.iou_thresholds), MAX_THRESHOLDS)
        ]
    # Kernels write (class, area range, limit, threshold, recall); the order of COCO is a view.
    precision = np.concatenate([block.precision for block in blocks], axis=3)
    recall = np.concatenate([block.recall for block in blocks], axis=3)
    scores = np.concatenate([block.scores for block in blocks], axis=3)
    precision, recall = precision.transpose(3, 4, 0, 1, 2), recall.transpose(3, 0, 1, 2)
    return CocoEvaluation(
        settings=settings,
        category_ids=category_ids,
        n_truth=truth_side.n_truth,
        precision=precision,
        recall=recall,
        scores=scores.transpose(3, 4, 0, 1, 2),
        stats=summary_stats(settings, precision, recall, truth_side.n_truth),
    )


@dataclass(frozen=True, slots=True)
class _Cells:
    settings: CocoSettings
    truth: TruthCells
    detections: DetectionCells

    def classes(self) -> range:
        return range(len(self.truth.n_truth))


@dataclass(frozen=True, slots=True)
class _Block:
    """Arrays of up to 16 IoU thresholds, (K, A, M, T, R) and (K, A, M, T)."""

    precision: F64
    recall: F64
    scores: F64


def _order_by_score(cells: _Cells, tasks: Tasks) -> None:
    found = cells.detections

    def order(k: int) -> None:
        score_order(
            found.class_start[k],
            found.class_start[k + 1],
            found.scores,
            found.order,
            found.image_at,
            found.row_at,
            found.rank_at,
            found.sequence_of,
        )

    tasks.each(order, cells.classes())


def _evaluate_block(cells: _Cells, iou_thresholds: F64, tasks: Tasks) -> _Block:
    settings, truth, found = cells.settings, cells.truth, cells.detections
    n_areas, n_limits = len(settings.area_ranges), len(settings.max_dets)
    n_thresholds, n_recalls = len(iou_thresholds), len(settings.recall_thresholds)
    matched = np.zeros((len(found), n_areas), np.uint16)
    ignored = np.zeros((len(found), n_areas), np.uint16)
    area_px2 = np.array([[item.low_px2, item.high_px2] for item in settings.area_ranges])
    recall_thresholds = np.array(settings.recall_thresholds)
    max_dets = np.array(settings.max_dets, np.int64)

    def match(piece: tuple[int, int, int]) -> None:
        k, first, last = piece
        match_cells(
            first,
            last,
            found.image_at,
            found.sequence_of,
            found.row_at,
            found.boxes_xywh,
            truth.class_start[k],
            truth.class_start[k + 1],
            truth.image_at,
            truth.boxes_xywh,
            truth.crowd,
            truth.unnamed,
            truth.ignored,
            iou_thresholds,
            area_px2,
            settings.max_dets[-1],
            matched,
            ignored,
        )

    tasks.each(match, _pieces(found))
    shape = (len(truth.n_truth), n_areas, n_limits, n_thresholds)
    block = _Block(
        np.full((*shape, n_recalls), -1.0), np.full(shape, -1.0), np.full((*shape, n_recalls), -1.0)
    )

    def sum_up(place: tuple[int, int]) -> None:
        k, a = place
        block.precision[place] = 0.0
        block.scores[place] = 0.0
        accumulate(
            found.class_start[k],
            found.class_start[k + 1],
            a,
            found.scores,
            found.row_at,
            found.rank_at,
            matched,
            ignored,
            truth.n_truth[k, a],
            max_dets,
            recall_thresholds,
            block.precision[place],
            block.recall[place],
            block.scores[place],
        )

    counted = zip(*(axis.tolist() for axis in np.nonzero(truth.n_truth)), strict=True)
    tasks.each(sum_up, [(k, a) for k, a in counted])
    return block


def _pieces(found: DetectionCells) -> list[tuple[int, int, int]]:
    """Class, first and last position of pieces of whole cells."""
    pieces = []
    for k, (first, last) in enumerate(_bounds(found.class_start)):
        images = found.image_at[first:last]
        cuts = first + np.searchsorted(images, images[_TASK_SIZE::_TASK_SIZE])
        bounds = np.unique(np.concatenate([[first], cuts, [last]]))
        pieces += [(k, start, end) for start, end in _bounds(bounds)]
    return pieces


def _bounds(starts: I64) -> list[tuple[int, int]]:
    return list(pairwise(starts.tolist()))
