"""The COCO evaluation where it is not pycocotools: corrected defects, refusals, reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.metrics.coco.scenes import columns, one_image, ones, scene, without_results
from vbench.errors import InputError
from vbench.metrics.coco import class_stats, evaluate
from vbench.types.coco import CocoEvaluation, CocoResults, CocoSettings, CocoTruth

STRICT = CocoSettings(strict=True)
BOXES = [[10.0, 10.0, 40.0, 40.0], [200.0, 200.0, 60.0, 60.0]]


def perfect() -> tuple[CocoTruth, CocoResults]:
    return one_image(BOXES, BOXES, [0.9, 0.8])


def test_a_perfect_answer() -> None:
    stats = evaluate(*perfect()).stats.as_dict()
    assert stats == {
        "AP": pytest.approx(1.0),
        "AP50": pytest.approx(1.0),
        "AP75": pytest.approx(1.0),
        "APs": None,
        "APm": pytest.approx(1.0),
        "APl": None,
        "AR1": 0.5,
        "AR10": 1.0,
        "AR100": 1.0,
        "ARs": None,
        "ARm": 1.0,
        "ARl": None,
    }


def test_undefined_has_a_reason() -> None:
    items = {item.name: item for item in evaluate(*perfect()).stats.items}
    assert items["APs"].reason == "the truth has no small boxes that count"
    assert items["AP"].reason == ""
    assert evaluate(*perfect(), STRICT).stats["APs"] == -1.0


def test_annotation_id_0_is_an_id() -> None:
    truth, results = perfect()
    truth = replace(truth, annotation_id=np.array([0, 1]))
    assert evaluate(truth, results).stats["AR100"] == 1.0
    assert evaluate(truth, results, STRICT).stats["AR100"] == 0.5


def test_ignored_truth_is_honoured() -> None:
    truth, results = perfect()
    truth = replace(truth, ignore=np.array([False, True]))
    fewer = replace(results, scores=np.array([0.5, 0.9]))
    assert evaluate(truth, fewer).stats["AP"] == pytest.approx(1.0)
    assert evaluate(truth, fewer).n_truth[0, 0] == 1
    assert evaluate(truth, fewer, STRICT).n_truth[0, 0] == 2


def test_limits_other_than_cocos() -> None:
    truth, results = perfect()
    settings = CocoSettings(max_dets=(1, 300))
    stats = evaluate(truth, results, settings).stats
    assert [item.name for item in stats.items][6:8] == ["AR1", "AR300"]
    assert stats["AP"] == pytest.approx(1.0)
    three = replace(settings, max_dets=(1, 10, 300), strict=True)
    assert evaluate(truth, results, three).stats["AP"] == -1.0
    with pytest.raises(InputError, match="three limits"):
        evaluate(truth, results, replace(settings, strict=True))


def test_iou_thresholds_other_than_cocos() -> None:
    stats = evaluate(*perfect(), CocoSettings(iou_thresholds=(0.6, 0.75 + 1e-12))).stats
    assert stats.items[1].reason == "iou_thresholds has no 0.5"
    assert stats["AP75"] == pytest.approx(1.0)


def test_no_detections() -> None:
    evaluation = evaluate(*without_results(*perfect()))
    assert evaluation.stats["AP"] == 0.0
    assert evaluation.stats["AR100"] == 0.0


def test_no_truth_that_counts() -> None:
    truth, results = perfect()
    evaluation = evaluate(replace(truth, crowd=np.ones(2, np.bool_)), results)
    assert evaluation.stats.values() == (None,) * 12
    assert (evaluation.precision == -1.0).all()


def test_detections_in_images_without_truth_are_false() -> None:
    truth, results = one_image(BOXES[:1], BOXES, [0.8, 0.9])
    elsewhere = replace(results, image_id=np.array([1, 2]))
    more = replace(truth, image_ids=np.array([2, 1]))
    assert evaluate(more, elsewhere).stats["AP"] == pytest.approx(0.5)


@pytest.mark.parametrize("seed", range(3))
def test_equals_strict_where_pycocotools_is_right(seed: int) -> None:
    same(evaluate(*scene(seed)), evaluate(*scene(seed), STRICT))


def test_threads_change_nothing() -> None:
    pair = scene(3, n_images=90, n_classes=3, n_truth=1500, n_found=60_000)
    same(evaluate(*pair, n_threads=1), evaluate(*pair, n_threads=4))


def test_pieces_are_whole_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = scene(3)
    whole = evaluate(*pair)
    monkeypatch.setattr("vbench.metrics.coco.evaluation._TASK_SIZE", 2)
    same(evaluate(*pair), whole)


def test_columns_are_left_alone_and_may_be_read_only_or_strided() -> None:
    truth, results = scene(4)
    wide = np.repeat(results.boxes_xywh, 2, axis=1)[:, ::2]
    scores = results.scores.copy()
    scores.flags.writeable = False
    same(
        evaluate(truth, replace(results, boxes_xywh=wide, scores=scores)), evaluate(truth, results)
    )


def test_ids_may_be_far_apart() -> None:
    truth, results = scene(5)
    far = 10**15
    truth_far = replace(
        truth, image_ids=truth.image_ids * far - far, image_id=truth.image_id * far - far
    )
    results_far = replace(results, image_id=results.image_id * far - far)
    same(evaluate(truth_far, results_far), evaluate(truth, results))


def test_class_stats() -> None:
    truth, results = scene(6)
    evaluation = evaluate(truth, results)
    category_id = int(evaluation.category_ids[1])
    rows = truth.category_id == category_id
    alone = CocoTruth.from_columns(
        image_ids=truth.image_ids,
        image_id=truth.image_id[rows],
        category_id=truth.category_id[rows],
        boxes_xywh=truth.boxes_xywh[rows],
        area_px2=truth.area_px2[rows],
        crowd=truth.crowd[rows],
    )
    found = results.category_id == category_id
    expected = evaluate(
        alone,
        CocoResults(
            results.image_id[found],
            results.category_id[found],
            results.boxes_xywh[found],
            results.scores[found],
        ),
    )
    assert class_stats(evaluation, category_id) == expected.stats
    with pytest.raises(InputError, match="category 12345 was not evaluated"):
        class_stats(evaluation, 12345)


def same(one: CocoEvaluation, other: CocoEvaluation) -> None:
    assert np.array_equal(one.precision, other.precision)
    assert np.array_equal(one.recall, other.recall)
    assert np.array_equal(one.scores, other.scores)


Change = Callable[[CocoTruth, CocoResults], tuple[CocoTruth, CocoResults]]
REFUSED: dict[str, tuple[Change, str, str]] = {
    "score above 1": (
        lambda t, r: (t, replace(r, scores=np.array([0.5, 1.5]))),
        "1.5 is no score from 0 to 1",
        "results.scores[1]",
    ),
    "score below 0": (
        lambda t, r: (t, replace(r, scores=np.array([-0.5, 1.0]))),
        "-0.5 is no score from 0 to 1",
        "results.scores[0]",
    ),
    "NaN score": (
        lambda t, r: (t, replace(r, scores=np.array([0.5, np.nan]))),
        "nan is no score from 0 to 1",
        "results.scores[1]",
    ),
    "negative size": (
        lambda t, r: (t, replace(r, boxes_xywh=columns([BOXES[0], [9, 9, -1, 2]]))),
        "has a negative size",
        "results.boxes_xywh[1]",
    ),
    "infinite box": (
        lambda t, r: (replace(t, boxes_xywh=columns([BOXES[0], [9, np.inf, 1, 2]])), r),
        "is not finite",
        "truth.boxes_xywh[1]",
    ),
    "NaN area": (
        lambda t, r: (replace(t, area_px2=np.array([np.nan, 3.0])), r),
        "nan is no area",
        "truth.area_px2[0]",
    ),
    "unknown image": (
        lambda t, r: (t, replace(r, image_id=np.array([1, 7]))),
        "7 is the id of no image of the truth",
        "results.image_id[1]",
    ),
    "unknown category": (
        lambda t, r: (t, replace(r, category_id=np.array([7, 1]))),
        "7 is the id of no category of the truth",
        "results.category_id[0]",
    ),
    "unknown image in truth": (
        lambda t, r: (replace(t, image_id=np.array([1, 7])), r),
        "7 is the id of no image of the truth",
        "truth.image_id[1]",
    ),
    "no images": (
        lambda t, r: (replace(t, image_ids=ones(0)), r),
        "the truth has no images",
        "truth.image_ids",
    ),
    "an id twice": (
        lambda t, r: (replace(t, annotation_id=ones(2)), r),
        "1 is given twice",
        "truth.annotation_id[1]",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    change, what, where = REFUSED[name]
    with pytest.raises(InputError) as caught:
        evaluate(*change(*perfect()))
    assert what in caught.value.what
    assert caught.value.where == where
    assert caught.value.hint


BAD_SETTINGS: dict[str, Callable[[], CocoSettings]] = {
    "no iou_thresholds": lambda: CocoSettings(iou_thresholds=()),
    "zero iou_thresholds": lambda: CocoSettings(iou_thresholds=(0.0, 0.5)),
    "equal recall_thresholds": lambda: CocoSettings(recall_thresholds=(0.5, 0.5)),
    "large recall_thresholds": lambda: CocoSettings(recall_thresholds=(0.5, 1.5)),
    "zero max_dets": lambda: CocoSettings(max_dets=(0, 1)),
    "falling max_dets": lambda: CocoSettings(max_dets=(100, 10)),
    "no area_ranges": lambda: CocoSettings(area_ranges=()),
}


@pytest.mark.parametrize("name", BAD_SETTINGS)
def test_settings_that_make_no_evaluation(name: str) -> None:
    with pytest.raises(InputError) as caught:
        BAD_SETTINGS[name]()
    assert caught.value.where == f"CocoSettings.{name.split()[1]}"


def test_columns_are_checked_on_creation() -> None:
    with pytest.raises(TypeError, match="dtype float32"):
        CocoResults(ones(1), ones(1), np.zeros((1, 4)), np.zeros(1, np.float32))
    with pytest.raises(ValueError, match="shape"):
        CocoResults(ones(1), ones(1), np.zeros((1, 5)), np.zeros(1))
