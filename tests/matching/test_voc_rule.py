"""The VOC rules beside the COCO rule."""

from __future__ import annotations

import numpy as np
import pytest

from tests.metrics.scenes import A, B, clip, detections, truth
from vbench.matching import MatchRule, match_clip, never_false

IOU = np.array([0.5])
NEAR = (4.0, 0.0, 44.0, 40.0)


def test_a_taken_box_is_not_replaced_by_the_next_best() -> None:
    one = clip(truth([(0, A), (0, NEAR)]))
    found = detections([(0, A, 0.9), (0, A, 0.8)])
    assert match_clip(one, found, IOU).truth_index.tolist() == [[0, 1]]
    assert match_clip(one, found, IOU, "voc").truth_index.tolist() == [[0, -1]]


@pytest.mark.parametrize(("rule", "matched"), [("coco", -1), ("voc", -1), ("voc_inclusive", 0)])
def test_inclusive_corners_make_small_boxes_overlap_more(rule: MatchRule, matched: int) -> None:
    # Continuous: 1 / (2 + 2 - 1). With the pixels of both corners: (2 x 2) / (6 + 6 - 4).
    one = clip(truth([(0, (0.0, 0.0, 2.0, 1.0))]))
    found = detections([(0, (1.0, 0.0, 3.0, 1.0), 0.9)])
    table = match_clip(one, found, IOU, rule)
    assert table.truth_index.tolist() == [[matched]]
    if matched == 0:
        assert table.iou[0, 0] == pytest.approx(4 / 8)


def test_difficult_truth_takes_any_number_and_counts_none() -> None:
    one = clip(truth([(0, A), (0, B)], ignore=[0]))
    table = match_clip(one, detections([(0, A, 0.9), (0, A, 0.8), (0, B, 0.7)]), IOU, "voc")
    assert table.truth_index.tolist() == [[0, 0, 1]]
    assert table.ignored.tolist() == [[True, True, False]]
    assert table.truth_counts.tolist() == [False, True]


def test_what_is_never_false() -> None:
    region = np.array([[90.0, -10.0], [150.0, -10.0], [150.0, 50.0], [90.0, 50.0]])
    annotated = np.array([True, False])
    one = clip(
        truth([]),
        n_frames=2,
        annotated=annotated,
        exhaustive=(True, False),
        ignore_regions=(region,),
    )
    found = detections([(0, A, 0.9), (0, B, 0.8), (0, A, 0.7), (1, A, 0.6)], class_id=[0, 0, 1, 0])
    assert never_false(one, found).tolist() == [False, True, True, True]
