"""Strict evaluation gives the arrays of pycocotools 2.0.11 to the last bit."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from tests.metrics.coco.scenes import one_image, scene, without_results
from vbench.metrics.coco import evaluate
from vbench.types.coco import AreaRange, CocoResults, CocoSettings, CocoTruth

STRICT = CocoSettings(strict=True)


def reference(truth: CocoTruth, results: CocoResults, settings: CocoSettings) -> COCOeval:
    golden, found = COCO(), COCO()
    golden.dataset = {
        "images": [{"id": k} for k in truth.image_ids.tolist()],
        "categories": [{"id": k} for k in truth.category_ids.tolist()],
        "annotations": [
            {"id": i, "image_id": im, "category_id": c, "bbox": b, "area": a, "iscrowd": int(crowd)}
            for i, im, c, b, a, crowd in zip(
                truth.annotation_id.tolist(),
                truth.image_id.tolist(),
                truth.category_id.tolist(),
                truth.boxes_xywh.tolist(),
                truth.area_px2.tolist(),
                truth.crowd.tolist(),
                strict=True,
            )
        ],
    }
    rows = [
        {"image_id": im, "category_id": c, "bbox": b, "score": s}
        for im, c, b, s in zip(
            results.image_id.tolist(),
            results.category_id.tolist(),
            results.boxes_xywh.tolist(),
            results.scores.tolist(),
            strict=True,
        )
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        golden.createIndex()
        found = golden.loadRes(rows) if rows else found
        evaluation = COCOeval(golden, found, "bbox")
        evaluation.params.iouThrs = np.array(settings.iou_thresholds)
        evaluation.params.recThrs = np.array(settings.recall_thresholds)
        evaluation.params.maxDets = list(settings.max_dets)
        evaluation.params.areaRng = [[a.low_px2, a.high_px2] for a in settings.area_ranges]
        evaluation.params.areaRngLbl = [a.name for a in settings.area_ranges]
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation


def check(
    pair: tuple[CocoTruth, CocoResults], settings: CocoSettings = STRICT, n_threads: int = 1
) -> None:
    truth, results = pair
    expected = reference(truth, results, settings)
    ours = evaluate(truth, results, settings, n_threads=n_threads)
    assert np.array_equal(ours.precision, expected.eval["precision"])
    assert np.array_equal(ours.recall, expected.eval["recall"])
    assert np.array_equal(ours.scores, expected.eval["scores"], equal_nan=True)
    assert ours.stats.values() == tuple(expected.stats.tolist())


@pytest.mark.parametrize("seed", range(12))
def test_arrays(seed: int) -> None:
    check(scene(seed))


@pytest.mark.parametrize("seed", range(4))
def test_arrays_with_annotation_id_0(seed: int) -> None:
    truth, results = scene(seed, first_annotation_id=0, n_images=2, n_classes=1, n_truth=8)
    check((truth, results))


@pytest.mark.parametrize("seed", range(4))
def test_arrays_with_few_scores(seed: int) -> None:
    """Nearly all scores tie, within and between images."""
    check(scene(seed, score_digits=0))


@pytest.mark.parametrize("seed", range(3))
def test_arrays_with_more_detections_than_count(seed: int) -> None:
    check(scene(seed, n_images=2, n_classes=1, n_found=700))


@pytest.mark.parametrize("max_dets", [(1, 10, 300), (2, 5, 7), (1, 3, 100), (1, 5, 20, 100)])
def test_arrays_with_other_limits(max_dets: tuple[int, ...]) -> None:
    check(
        scene(5, n_images=3, n_classes=2, n_found=900), CocoSettings(strict=True, max_dets=max_dets)
    )


@pytest.mark.parametrize(
    "iou_thresholds",
    [(0.5,), (0.75, 0.5, 1.0), tuple(np.linspace(0.02, 0.98, 37).tolist()), (0.1,) * 16 + (0.5,)],
)
def test_arrays_with_other_iou_thresholds(iou_thresholds: tuple[float, ...]) -> None:
    check(scene(6), CocoSettings(strict=True, iou_thresholds=iou_thresholds))


def test_arrays_with_other_recalls_and_areas() -> None:
    areas = (
        AreaRange("all", 0, 1e10),
        AreaRange("small", 0, 900),
        AreaRange("huge", 9e3, 1e10),
        AreaRange("medium", 900, 900),
        AreaRange("large", 900, 9e3),
    )
    settings = CocoSettings(
        strict=True, recall_thresholds=(0.03, 0.3, 1 / 3, 0.5, 1.0), area_ranges=areas
    )
    check(scene(7), settings)


def test_arrays_with_nan_scores() -> None:
    truth, results = scene(8)
    scores = results.scores.copy()
    scores[::9] = np.nan
    scores[1::9] = -scores[1::9]
    scores[2::9] = -0.0
    scores[3::9] = 0.0
    scores[4::9] = np.inf
    check((truth, replace(results, scores=scores)))


def test_arrays_without_detections() -> None:
    check(without_results(*scene(9)))


def test_arrays_of_large_sets_on_threads() -> None:
    """Large enough for threads and for pieces within a class."""
    check(scene(10, n_images=150, n_classes=2, n_truth=3000, n_found=90_000), n_threads=3)


def test_unknown_categories_are_left_out() -> None:
    truth, results = scene(11)
    fewer = replace(truth, category_ids=truth.category_ids[1:], image_ids=truth.image_ids)
    check((fewer, results))


@pytest.mark.parametrize(
    ("boxes", "found"),
    [
        ([[0, 0, 10, 10], [10, 0, 10, 10]], [[0, 0, 20, 10], [0, 0, 10, 10]]),
        ([[0, 0, 10, 10]], [[0, 0, 10, 5], [0, 0, 10, 10]]),
        ([[10, 10, 32, 32]], [[10, 10, 32, 32], [10, 10, 96, 96]]),
        ([[5, 5, 0, 0]], [[5, 5, 0, 0], [5, 5, 1, 1]]),
    ],
)
def test_edges(boxes: list[list[float]], found: list[list[float]]) -> None:
    """Equal IoU with two boxes, IoU of exactly 0.5, areas on a boundary, no area."""
    check(one_image(boxes, found, [0.9, 0.8]))


def test_a_threshold_of_1_takes_what_is_almost_1() -> None:
    pair = one_image([[0, 0, 10, 10]], [[0, 0, 10, 10 - 5e-10], [0, 0, 10, 10 - 5e-9]], [0.9, 0.8])
    check(pair, CocoSettings(strict=True, iou_thresholds=(1.0,)))
    assert evaluate(*pair, CocoSettings(iou_thresholds=(1.0,))).recall.max() == 1.0


@pytest.mark.real
@pytest.mark.parametrize("strict", [True, False])
def test_published_stats(real_data: Path, strict: bool) -> None:
    folder = real_data / "coco-fakebbox100"
    golden = json.loads((folder / "gt_coco100.json").read_text())
    rows = json.loads((folder / "instances_val2014_fakebbox100_results.json").read_text())
    notes = golden["annotations"]
    truth = CocoTruth(
        image_ids=np.array([item["id"] for item in golden["images"]]),
        category_ids=np.array([item["id"] for item in golden["categories"]]),
        annotation_id=np.array([item["id"] for item in notes]),
        image_id=np.array([item["image_id"] for item in notes]),
        category_id=np.array([item["category_id"] for item in notes]),
        boxes_xywh=np.array([item["bbox"] for item in notes], np.float64),
        area_px2=np.array([item["area"] for item in notes], np.float64),
        crowd=np.array([item["iscrowd"] for item in notes], np.bool_),
        ignore=np.zeros(len(notes), np.bool_),
    )
    results = CocoResults(
        image_id=np.array([item["image_id"] for item in rows]),
        category_id=np.array([item["category_id"] for item in rows]),
        boxes_xywh=np.array([item["bbox"] for item in rows], np.float64),
        scores=np.array([item["score"] for item in rows], np.float64),
    )
    published = {
        "AP": 0.503647,
        "AP50": 0.696973,
        "AP75": 0.571667,
        "APs": 0.593252,
        "APm": 0.557991,
        "APl": 0.489363,
        "AR1": 0.386813,
        "AR10": 0.593680,
        "AR100": 0.595353,
        "ARs": 0.654764,
        "ARm": 0.603130,
        "ARl": 0.553744,
    }
    evaluation = evaluate(truth, results, CocoSettings(strict=strict))
    assert evaluation.stats.as_dict() == pytest.approx(published, abs=1e-6)
    if strict:
        check((truth, results))
