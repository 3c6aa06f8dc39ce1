"""Probable label errors, each by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.metrics.scenes import FAR, A, B, C, clip, detections, golden_set, truth
from tests.report.errors.made_errors import Box, made_errors, shifted
from vbench.report.errors.label_errors import LabelErrors, find_label_errors
from vbench.types import Clip, Detections, Truth

CLASSES = ("person", "truck")
Rows = list[tuple[int, Box, float]]


def footage(boxes: Truth, n_frames: int = 100) -> Clip:
    return clip(boxes, n_frames=n_frames, fps=10.0, exhaustive=(True, True))


def found(one: Clip, *answers: Detections) -> LabelErrors:
    names = {f"p{k}": [answer] for k, answer in enumerate(answers)}
    return find_label_errors(made_errors(golden_set(one, classes=CLASSES), names))


def test_an_object_that_the_truth_lacks_is_told_once() -> None:
    one = footage(truth([(frame, A) for frame in range(20)]))
    there: Rows = [(frame, A, 0.9) for frame in range(20)]
    a = detections([*there, *((frame, FAR, 0.8) for frame in range(3, 13))])
    b = detections([*there, *((frame, shifted(FAR, 2), 0.6) for frame in range(3, 13))])
    (error,) = found(one, a, b).errors
    assert (error.kind, error.class_id, error.truth_class_id) == ("missing", 0, None)
    assert error.frame_index.tolist() == list(range(3, 13))
    assert error.boxes_xyxy[0].tolist() == list(shifted(FAR, 1))
    assert error.mean_score == pytest.approx(0.7)
    assert error.clearest == 0


def test_what_one_pipeline_does_not_see_is_no_label_error() -> None:
    one = footage(truth([]))
    seen = detections([(3, FAR, 0.9)])
    assert found(one, seen, seen, detections([])).errors == ()
    assert len(found(one, seen, seen, seen).errors) == 1


def test_below_an_operating_point_nothing_counts() -> None:
    one = footage(truth([]))
    assert found(one, detections([(3, FAR, 0.9)]), detections([(3, FAR, 0.2)])).errors == ()


def test_another_class_than_in_the_truth() -> None:
    one = footage(truth([(0, A)], class_id=[0]))
    say_truck = detections([(0, A, 0.9)], class_id=[1])
    (error,) = found(one, say_truck, say_truck).errors
    assert (error.kind, error.class_id, error.truth_class_id) == ("class", 1, 0)
    # Where one of them finds the object under its name, the other class is its own mistake.
    right = detections([(0, A, 0.9), (0, A, 0.8)], class_id=[0, 1])
    assert found(one, say_truck, right).errors == ()


def test_a_box_that_is_elsewhere() -> None:
    drawn = (0.0, 0.0, 40.0, 40.0)
    meant = (18.0, 0.0, 58.0, 40.0)  # IoU 0.38 with the truth
    one = footage(truth([(0, drawn)]))
    (error,) = found(
        one, detections([(0, meant, 0.9)]), detections([(0, shifted(meant, 1), 0.9)])
    ).errors
    assert (error.kind, error.truth_class_id) == ("box", 0)
    # Boxes that agree no better with each other than 0.8 say nothing about the truth.
    assert (
        found(one, detections([(0, meant, 0.9)]), detections([(0, shifted(meant, 6), 0.9)])).errors
        == ()
    )
    # Where the truth box was found by another answer, it is not misplaced.
    found_too = detections([(0, meant, 0.9), (0, drawn, 0.8)])
    assert found(one, found_too, detections([(0, meant, 0.9)])).errors == ()


def test_a_truth_box_that_fits_better_than_the_pipelines_agree_is_not_misplaced() -> None:
    wide = (0.0, 0.0, 100.0, 40.0)
    one = clip(truth([(0, wide)]), exhaustive=(True,))
    answers = {
        "a": [detections([(0, shifted(wide, 5), 0.9)])],  # IoU 0.90 with the truth, ...
        "b": [detections([(0, shifted(wide, -5), 0.9)])],  # ... 0.82 with each other
    }
    assert find_label_errors(made_errors(golden_set(one), answers, iou=0.95)).errors == ()


def test_beside_a_truth_box_an_object_may_still_be_missing() -> None:
    beside = (30.0, 0.0, 70.0, 40.0)  # IoU 0.14 with A
    one = footage(truth([(0, A)]))
    answer = detections([(0, A, 0.9), (0, beside, 0.8)])
    (error,) = found(one, answer, answer).errors
    assert error.kind == "missing"


def test_one_pipeline_must_be_sure() -> None:
    one = footage(truth([(0, A)]))
    alone = found(one, detections([(0, FAR, 0.91), (1, FAR, 0.89), (0, shifted(A, 18), 0.95)]))
    (error,) = alone.errors
    assert (error.kind, error.frame_index.tolist()) == ("missing", [0])
    assert alone.unseen == ()


def test_truth_that_nobody_comes_near() -> None:
    rows = [(frame, box) for frame in range(6) for box in (A, B, C)]
    boxes = truth(rows, class_id=[0, 0, 1] * 6, track_id=[7, 8, 7] * 6)
    one = footage(boxes)
    # B is seen once by one pipeline; C once, but under another name.
    a = detections([(2, B, 0.9)])
    b = detections([(4, C, 0.9)], class_id=[0])
    (unseen,) = found(one, a, b).unseen
    assert (unseen.class_id, unseen.track_id) == (0, 7)
    assert unseen.frame_index.tolist() == list(range(6))
    assert unseen.boxes_xyxy[0].tolist() == list(A)


def test_truth_without_tracks_is_folded_over_time() -> None:
    one = footage(truth([(frame, A) for frame in range(10)]))
    seen = detections([(frame, A, 0.9) for frame in (4, 5)])
    (unseen,) = found(one, seen, detections([])).unseen
    assert unseen.frame_index.tolist() == [0, 1, 2, 3, 6, 7, 8, 9]
    assert unseen.track_id == -1


def test_truth_that_does_not_count_is_never_unseen() -> None:
    one = footage(truth([(0, A), (1, A)], track_id=[1, 1], ignore=[0, 1]))
    assert found(one, detections([]), detections([])).unseen == ()


def test_what_shows_most_comes_first() -> None:
    one = footage(truth([]))
    rows: Rows = [(0, FAR, 0.99), *((frame, A, 0.4) for frame in range(10, 20))]
    errors = found(one, detections(rows), detections(rows)).errors
    assert [len(error.frame_index) for error in errors] == [10, 1]


def test_nothing_at_all() -> None:
    nothing = found(footage(truth([])), detections([]), detections([]))
    assert nothing == LabelErrors((), ())


def test_many_pipelines_and_boxes_against_a_twin() -> None:
    """Slow and obvious: what every pipeline reports within a pixel, away from all truth."""
    rng = np.random.default_rng(3)
    centers = [(frame, 100.0 * k) for frame in range(0, 100, 20) for k in range(1, 6)]
    one = footage(truth([(frame, (x, 300.0, x + 30, 330.0)) for frame, x in centers[::3]]))
    answers, seen_by = [], []
    for _ in range(4):
        sees = [bool(rng.random() < 0.8) for _ in centers]
        seen_by.append(sees)
        rows: Rows = [
            (frame, (x + float(rng.random()), 300.0, x + 30, 330.0), 0.5)
            for (frame, x), saw in zip(centers, sees, strict=True)
            if saw
        ]
        answers.append(detections(rows))
    expected = [
        center for k, center in enumerate(centers) if all(sees[k] for sees in seen_by) and k % 3
    ]
    told = sorted(
        (int(frame), round(float(box[2])) - 30.0)
        for error in found(one, *answers).errors
        for frame, box in zip(error.frame_index, error.boxes_xyxy, strict=True)
    )
    assert told == sorted(expected)
    assert expected
