"""Compile every kernel once, so that the first real command does not wait for it.

Run by the set-up as ``python -m vbench.bench.warm``. Kernels compile for the types that they are
called with, so everything here goes the way that real data go.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vbench.bench.evaluate_coco import evaluate_coco
from vbench.bench.evaluate_mot import evaluate_mot
from vbench.kernels.filter_classes import strong_columns
from vbench.kernels.filter_rows import strong_classes, strong_rows, strong_values
from vbench.kernels.finite import all_finite
from vbench.kernels.fused_preprocess import PixelValues, Placement, fill
from vbench.kernels.nms import nms
from vbench.kernels.peaks import are_peaks
from vbench.kernels.resize_taps import unresized
from vbench.matching import match_clip
from vbench.metrics.analysis import analyse_detections
from vbench.metrics.blocks import make_blocks
from vbench.metrics.box_properties import BOX_PROPERTIES
from vbench.metrics.evaluate import evaluate_pipeline
from vbench.metrics.resampling import Resampling
from vbench.types import (
    COCO_IOU_THRESHOLDS,
    ClassDef,
    Clip,
    Detections,
    GoldenSet,
    MediaFacts,
    OperatingPoint,
    Planes,
    Taxonomy,
    Timings,
    Truth,
    YuvCoefficients,
    whole_answers,
)
from vbench.types.coco import CocoResults, CocoTruth

_N_FRAMES = 4
_BOX = np.array([10.0, 10.0, 40.0, 40.0])


def warm_kernels() -> None:
    """Call every kernel on a tiny golden set, COCO set and tracker result."""
    _warm_preprocessing()
    _warm_postprocessing()
    clip = _clip()
    found = _detections()
    table = match_clip(clip, found, COCO_IOU_THRESHOLDS)
    golden_set = GoldenSet("warm", "1", Taxonomy(1, (ClassDef("a", ""),)), (clip,), "", True)
    point = OperatingPoint(0.5, (("a", 0.5),))
    timings = Timings.of_every_frame(
        ("decode", "detect"), np.full((_N_FRAMES, 2), 10**6), 0, "latency"
    )
    evaluate_pipeline(
        golden_set,
        "warm",
        whole_answers([found], [table]),
        point,
        tuple(BOX_PROPERTIES),
        [timings],
        resampling=Resampling(make_blocks(golden_set, 1), 100, seed=0, confidence=0.95),
    )
    analyse_detections(golden_set, [found], [table], point)
    _warm_plain_files()


def _warm_preprocessing() -> None:
    """For every type of tensor; uint8 is also what images are made by."""
    planes = np.zeros((2, 2), np.uint8), np.zeros((1, 1), np.uint8), np.zeros((1, 1), np.uint8)
    coefficients = YuvCoefficients(0, 1, 0, 0, 0, 0)
    for dtype in (np.uint8, np.uint16, np.float32):
        fill(
            Planes(*planes, 1, 1, coefficients),
            unresized((2, 2)),
            PixelValues(np.zeros((3, 256), dtype), np.zeros((3, 2), np.float32), "as they are"),
            np.zeros(12, dtype),
            Placement(start=0, channel_step=4, row_step=2, bgr=True),
        )


def _warm_postprocessing() -> None:
    table, floor = np.ones((6, 6), np.float32), np.float32(0.5)
    boxes_xyxy, scores, class_index, _finite = strong_columns(table, floor)
    nms(boxes_xyxy, scores, class_index, iou_threshold=0.5, class_aware=True, top_k=10)
    strong_rows(table, floor)
    strong_classes(table, 2, floor)
    positions, _finite = strong_values(table.reshape(-1), floor)
    are_peaks(table.reshape(1, 6, 6), positions)
    for dtype in (np.float16, np.float32, np.float64):
        all_finite(table.astype(dtype))


def _warm_plain_files() -> None:
    ids = np.arange(1, _N_FRAMES + 1, dtype=np.int64)
    boxes_xywh = np.tile([10.0, 10.0, 30.0, 30.0], (_N_FRAMES, 1))
    one = np.ones(_N_FRAMES, np.int64)
    evaluate_coco(
        CocoTruth.from_columns(image_id=ids, category_id=one, boxes_xywh=boxes_xywh),
        CocoResults(
            image_id=ids, category_id=one, boxes_xywh=boxes_xywh, scores=np.full(_N_FRAMES, 0.9)
        ),
    )
    rows = np.column_stack([ids, one, boxes_xywh, one]).astype(np.float64)
    evaluate_mot(rows, rows)


def _clip() -> Clip:
    n = _N_FRAMES
    return Clip(
        id="warm",
        media=Path("warm"),
        stream=None,
        facts=MediaFacts("", n, 1.0, float(n), 100, 100, ""),
        tags=(),
        truth=Truth(
            frame_index=np.arange(n),
            boxes_xyxy=np.tile(_BOX, (n, 1)),
            class_id=np.zeros(n, np.int64),
            track_id=np.ones(n, np.int64),
            ignore=np.zeros(n, np.bool_),
            crowd=np.zeros(n, np.bool_),
        ),
        annotated=np.ones(n, np.bool_),
        exhaustive=np.ones(1, np.bool_),
        ignore_regions=(np.array([[60.0, 60.0], [90.0, 60.0], [90.0, 90.0]]),),
        events=(),
    )


def _detections() -> Detections:
    n = _N_FRAMES
    return Detections(
        frame_index=np.arange(n),
        boxes_xyxy=np.tile(_BOX + 2.0, (n, 1)),
        scores=np.full(n, 0.9),
        class_id=np.zeros(n, np.int64),
        track_id=np.ones(n, np.int64),
    )


if __name__ == "__main__":
    warm_kernels()
