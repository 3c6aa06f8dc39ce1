"""A COCO evaluation of plain files or arrays: no golden set, no video."""

from __future__ import annotations

import os
from pathlib import Path

from vbench.metrics.coco import evaluate
from vbench.types.coco import (
    COCO_AREA_RANGES,
    AreaRange,
    CocoEvaluation,
    CocoResults,
    CocoSettings,
    CocoTruth,
)

_DEFAULTS = CocoSettings()


def evaluate_coco(
    truth: CocoTruth | str | os.PathLike[str],
    results: CocoResults | str | os.PathLike[str],
    *,
    strict: bool = False,
    iou_thresholds: tuple[float, ...] = _DEFAULTS.iou_thresholds,
    recall_thresholds: tuple[float, ...] = _DEFAULTS.recall_thresholds,
    max_dets: tuple[int, ...] = _DEFAULTS.max_dets,
    area_ranges: tuple[AreaRange, ...] = COCO_AREA_RANGES,
) -> CocoEvaluation:
    """Evaluate detections against truth by the COCO rules.

    ``evaluate_coco("gt.json", "dt.json").stats["AP50"]``

    Args:
        truth: a COCO truth file, or columns (`CocoTruth.from_columns`).
        results: a COCO results file, or columns.
        strict: the very numbers of pycocotools 2.0.11, its defects included.
        iou_thresholds: above 0, up to 1.
        recall_thresholds: ascending, 0 to 1.
        max_dets: ascending limits of detections per image and class.
        area_ranges: sizes that are evaluated apart.

    Raises:
        InputError: settings that make no evaluation, or a file or record that cannot be used.
    """
    settings = CocoSettings(
        strict=strict,
        iou_thresholds=iou_thresholds,
        recall_thresholds=recall_thresholds,
        max_dets=max_dets,
        area_ranges=area_ranges,
    )
    if not isinstance(truth, CocoTruth):
        # Here, since columns need no reader, and the golden layer takes a while to load.
        from vbench.golden.plain.coco import read_coco_truth

        truth = read_coco_truth(Path(truth), strict=strict)
    if not isinstance(results, CocoResults):
        from vbench.golden.plain.coco import read_coco_results

        results = read_coco_results(Path(results), strict=strict)
    return evaluate(truth, results, settings)
