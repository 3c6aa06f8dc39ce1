"""The match table: COCO rule, ignored truth, ignore regions, operating points."""

from __future__ import annotations

import numpy as np
import pytest

from tests.metrics.scenes import A, B, Box, clip, detections, truth
from vbench.errors import InputError
from vbench.matching import iou_thresholds_with, match_clip
from vbench.types import COCO_IOU_THRESHOLDS, Detections

HALF_A: Box = (0.0, 0.0, 40.0, 20.0)
"""IoU with A exactly 0.5."""
AT_50 = np.array([0.5])


def test_iou_at_the_threshold_is_a_match() -> None:
    one = clip(truth([(0, A)]))
    table = match_clip(one, detections([(0, HALF_A, 0.9)]), np.array([0.5, 0.55]))
    assert table.truth_index.tolist() == [[0], [-1]]
    assert table.iou.tolist() == [[0.5], [0.0]]


def test_best_score_chooses_first_and_truth_is_taken_once() -> None:
    one = clip(truth([(0, A)]))
    found = detections([(0, A, 0.5), (0, HALF_A, 0.9)])
    table = match_clip(one, found, AT_50)
    assert found.scores.tolist() == [0.9, 0.5]
    assert table.truth_index.tolist() == [[0, -1]]


def test_equal_scores_keep_their_order() -> None:
    one = clip(truth([(0, A)]))
    table = match_clip(one, detections([(0, HALF_A, 0.5), (0, A, 0.5)]), AT_50)
    assert table.truth_index.tolist() == [[0, -1]]


def test_frames_and_classes_do_not_mix() -> None:
    one = clip(truth([(0, A), (1, A)], class_id=[0, 1]), exhaustive=(True, True))
    found = detections([(0, A, 0.9), (1, A, 0.8), (2, A, 0.7)], class_id=[1, 1, 0])
    assert match_clip(one, found, AT_50).truth_index.tolist() == [[-1, 1, -1]]


def test_rows_refer_to_stored_truth_order() -> None:
    one = clip(
        truth([(0, A), (0, B), (0, A)], class_id=[1, 0, 0], ignore=[1]), exhaustive=(True, True)
    )
    found = detections([(0, A, 0.9), (0, B, 0.8), (0, A, 0.7)], class_id=[0, 0, 1])
    assert match_clip(one, found, AT_50).truth_index.tolist() == [[2, 1, 0]]


def test_truth_that_counts_is_preferred_to_ignored_truth_that_fits_better() -> None:
    one = clip(truth([(0, A), (0, HALF_A)], ignore=[0]))
    table = match_clip(one, detections([(0, A, 0.9), (0, A, 0.8), (0, A, 0.7)]), AT_50)
    assert table.truth_index.tolist() == [[1, 0, -1]]
    assert table.ignored.tolist() == [[False, True, False]]
    assert table.truth_counts.tolist() == [False, True]


def test_crowd_takes_any_number_by_share_of_the_detection() -> None:
    one = clip(truth([(0, (0.0, 0.0, 400.0, 400.0))], crowd=[0]))
    rows = [(0, A, 0.9), (0, B, 0.8), (0, (390.0, 0.0, 430.0, 40.0), 0.7)]
    table = match_clip(one, detections(rows), AT_50)
    assert table.truth_index.tolist() == [[0, 0, -1]]
    assert table.ignored.tolist() == [[True, True, False]]
    assert not table.truth_counts.any()


def test_unannotated_frames_never_count() -> None:
    annotated = np.array([True, False, True, True])
    one = clip(truth([(0, A), (1, A)]), annotated=annotated)
    table = match_clip(one, detections([(0, A, 0.9), (1, A, 0.9), (1, B, 0.8)]), AT_50)
    assert table.truth_counts.tolist() == [True, False]
    assert table.ignored.tolist() == [[False, True, True]]


def test_unmatched_detections_of_a_class_that_is_not_exhaustive_are_ignored() -> None:
    one = clip(truth([(0, A)]), exhaustive=(False,))
    table = match_clip(one, detections([(0, A, 0.9), (0, B, 0.8)]), AT_50)
    assert table.ignored.tolist() == [[False, True]]


def test_empty_frames_have_false_positives() -> None:
    table = match_clip(clip(truth([])), detections([(0, A, 0.9), (3, B, 0.8)]), AT_50)
    assert table.truth_index.tolist() == [[-1, -1]]
    assert not table.ignored.any()


@pytest.mark.parametrize(("left", "inside"), [(20.0, True), (20.1, False)])
def test_ignore_region_takes_boxes_with_half_their_area_inside(left: float, inside: bool) -> None:
    region = np.array([[left, 0.0], [400.0, 0.0], [400.0, 300.0], [left, 300.0]])
    one = clip(truth([(0, A)]), ignore_regions=(region,))
    table = match_clip(one, detections([(1, A, 0.9)]), AT_50)
    assert table.truth_counts.tolist() == [not inside]
    assert table.ignored.tolist() == [[inside]]


def test_a_detection_in_an_ignore_region_still_finds_truth_that_counts() -> None:
    region = np.array([[0.0, 0.0], [40.0, 0.0], [40.0, 18.0], [0.0, 18.0]])
    one = clip(truth([(0, A)]), ignore_regions=(region,))
    table = match_clip(one, detections([(0, HALF_A, 0.9)]), AT_50)
    assert table.truth_index.tolist() == [[0]]
    assert table.ignored.tolist() == [[False]]


def test_half_in_each_of_two_ignore_regions_is_in_none() -> None:
    regions = tuple(
        np.array([[x, 0.0], [x + 16, 0.0], [x + 16, 40.0], [x, 40.0]]) for x in (0.0, 24.0)
    )
    one = clip(truth([]), ignore_regions=regions)
    assert not match_clip(one, detections([(0, A, 0.9)]), AT_50).ignored.any()


def test_a_box_without_area_is_in_no_ignore_region() -> None:
    region = np.array([[0.0, 0.0], [400.0, 0.0], [400.0, 300.0]])
    one = clip(truth([]), ignore_regions=(region,))
    point = detections([(0, (300.0, 50.0, 300.0, 50.0), 0.9)])
    assert not match_clip(one, point, AT_50).ignored.any()


def random_boxes(rng: np.random.Generator, n: int) -> list[Box]:
    corner = rng.uniform(0, 60, (n, 2))
    far = corner + rng.uniform(10, 50, (n, 2))
    return [(x, y, x1, y1) for (x, y), (x1, y1) in zip(corner, far, strict=True)]


@pytest.mark.parametrize("seed", range(5))
def test_a_score_threshold_is_a_prefix_of_the_table(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one = clip(truth([(0, box) for box in random_boxes(rng, 15)], ignore=[1, 4], crowd=[7]))
    boxes, scores = random_boxes(rng, 40), rng.random(40)
    found = detections([(0, box, score) for box, score in zip(boxes, scores, strict=True)])
    kept = found.scores >= 0.6
    table = match_clip(one, found, COCO_IOU_THRESHOLDS)
    alone = match_clip(one, found.take(kept), COCO_IOU_THRESHOLDS)
    assert (alone.truth_index >= 0).any()
    np.testing.assert_array_equal(alone.truth_index, table.truth_index[:, kept])
    np.testing.assert_array_equal(alone.ignored, table.ignored[:, kept])


def test_nothing_at_all() -> None:
    table = match_clip(clip(truth([])), Detections.empty(), COCO_IOU_THRESHOLDS)
    assert table.truth_index.shape == (10, 0)


def test_operating_iou_joins_the_coco_thresholds() -> None:
    assert iou_thresholds_with(0.5).tolist() == COCO_IOU_THRESHOLDS.tolist()
    assert len(iou_thresholds_with(0.6)) == 10
    assert iou_thresholds_with(0.3)[:2].tolist() == [0.3, 0.5]


@pytest.mark.parametrize(
    ("found", "complaint"),
    [
        (detections([(0, A, np.nan)]), "score is not a finite number"),
        (detections([(0, A, np.inf)]), "score is not a finite number"),
        (detections([(0, (0.0, 0.0, np.nan, 4.0), 0.5)]), "box is not finite"),
        (detections([(0, (10.0, 0.0, 5.0, 4.0), 0.5)]), "negative size"),
        (detections([(4, A, 0.5)]), "outside the clip's 4 frames"),
        (detections([(0, A, 0.5)], class_id=[1]), "outside the taxonomy's 1 classes"),
    ],
)
def test_refuses_detections_that_cannot_be_compared(found: Detections, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint) as caught:
        match_clip(clip(truth([])), found, AT_50)
    assert "clip clip" in caught.value.where
