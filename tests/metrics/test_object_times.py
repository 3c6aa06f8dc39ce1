"""Objects over time by hand: first found, lost, back again, never, and how boxes shake."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.scenes import (
    FAR,
    A,
    B,
    Box,
    Rows,
    clip,
    detections,
    evaluate,
    golden_set,
    point,
    truth,
)
from vbench.metrics.object_times import TIME_NAMES
from vbench.types import Clip

FPS = 2.0


def seen(pattern: str, *, box: Box = A, n_frames: int | None = None) -> Rows:
    """One object that is there in every frame; ``x`` finds it, ``.`` misses it."""
    frames = range(len(pattern))
    one = clip(
        truth([(f, box) for f in frames], track_id=[1] * len(pattern)),
        n_frames=n_frames or len(pattern),
        fps=FPS,
    )
    found = detections([(f, box, 0.9) for f in frames if pattern[f] == "x"])
    return evaluate(golden_set(one), [found], point(0.3))


@pytest.mark.parametrize(
    ("pattern", "first_s", "longest_s", "n_gaps"),
    [
        ("xxxxxx", 0.0, 0.0, 0),
        ("...xxx", 1.5, 0.0, 0),
        ("x..x.x", 0.0, 1.0, 2),
        (".x...x", 0.5, 1.5, 1),
        ("xx....", 0.0, 2.0, 0),  # lost for good: a gap, but nothing flickers
        ("x.x.x.", 0.0, 0.5, 2),
    ],
)
def test_one_object(pattern: str, first_s: float, longest_s: float, n_gaps: int) -> None:
    rows = seen(pattern)
    assert rows.value("first_detection_s_mean") == pytest.approx(first_s)
    assert rows.value("first_detection_s_p95") == pytest.approx(first_s)
    assert rows.value("longest_gap_s_mean") == pytest.approx(longest_s)
    assert rows.value("longest_gap_s_max") == pytest.approx(longest_s)
    minutes = len(pattern) / FPS / 60
    assert rows.value("flicker_per_object_minute") == pytest.approx(n_gaps / minutes)
    assert rows.value("never_seen_share") == 0.0
    values = [metric.value for metric in rows.metrics if metric.name in TIME_NAMES]
    assert {type(value) for value in values if value is not None} == {float}


def test_an_object_that_is_never_found() -> None:
    rows = seen("....")
    assert rows.value("never_seen_share") == 1.0
    assert rows.value("flicker_per_object_minute") == 0.0
    reason = "no object is ever found at score >= 0.3"
    assert rows.reason("first_detection_s_mean") == reason
    assert rows.reason("longest_gap_s_max") == reason
    assert rows.reason("box_jitter") == ("no object is found in two neighbouring annotated frames")


def test_time_away_does_not_count() -> None:
    """There in frames 0, 1 and 8, 9; found in the last only: 1.5 s, not 4.5 s."""
    one = clip(truth([(f, A) for f in (0, 1, 8, 9)], track_id=[1] * 4), n_frames=10, fps=FPS)
    rows = evaluate(golden_set(one), [detections([(9, A, 0.9)])], point(0.3))
    assert rows.value("first_detection_s_mean") == pytest.approx(1.5)
    minutes = 4 / FPS / 60
    back = detections([(0, A, 0.9), (9, A, 0.9)])
    rows = evaluate(golden_set(one), [back], point(0.3))
    assert rows.value("longest_gap_s_max") == pytest.approx(1.0)
    assert rows.value("flicker_per_object_minute") == pytest.approx(1 / minutes)


def test_sparse_annotation_stands_for_the_frames_between() -> None:
    """Every fifth frame is annotated: a missed box stands for 2.5 s."""
    annotated = np.zeros(20, np.bool_)
    annotated[::5] = True
    one = clip(
        truth([(f, A) for f in (0, 5, 10, 15)], track_id=[1] * 4),
        n_frames=20,
        fps=FPS,
        annotated=annotated,
    )
    rows = evaluate(golden_set(one), [detections([(0, A, 0.9), (10, A, 0.9)])], point(0.3))
    assert rows.value("longest_gap_s_max") == pytest.approx(2.5)
    assert rows.value("flicker_per_object_minute") == pytest.approx(1 / (10 / 60))


def test_a_hole_in_the_annotation_is_no_footage() -> None:
    annotated = np.zeros(100, np.bool_)
    annotated[[0, 1, 2, 90, 91, 92]] = True
    one = clip(
        truth([(f, A) for f in (0, 2, 90, 91)], track_id=[1] * 4),
        n_frames=100,
        fps=FPS,
        annotated=annotated,
    )
    rows = evaluate(golden_set(one), [detections([(0, A, 0.9), (91, A, 0.9)])], point(0.3))
    assert rows.value("longest_gap_s_max") == pytest.approx(1.0)


def test_what_does_not_count_is_no_object() -> None:
    one = clip(
        truth([(0, A), (0, B), (1, A)], track_id=[1, 2, -1], ignore=[1]), n_frames=2, fps=FPS
    )
    rows = evaluate(golden_set(one), [detections([(0, A, 0.9)])], point(0.3))
    assert rows.get("never_seen_share").n == 1


def test_the_score_decides_what_is_found() -> None:
    one = clip(truth([(0, A), (1, A)], track_id=[1, 1]), n_frames=2, fps=FPS)
    found = detections([(0, A, 0.2), (1, A, 0.9)])
    assert evaluate(golden_set(one), [found], point(0.3)).value(
        "first_detection_s_mean"
    ) == pytest.approx(0.5)
    assert evaluate(golden_set(one), [found], point(0.1)).value("first_detection_s_mean") == 0.0


def test_objects_of_clips_and_classes() -> None:
    def walk(name: str, day: str) -> Clip:
        boxes = truth([(0, A), (0, B), (1, A)], class_id=[0, 1, 0], track_id=[1, 1, 1])
        return clip(
            boxes, id=name, n_frames=2, fps=FPS, exhaustive=(True, True), tags=(("daypart", day),)
        )

    two = ("person", "forklift")
    found = [
        detections([(1, A, 0.9), (0, B, 0.9)], class_id=[0, 1]),
        detections([(0, A, 0.9), (1, A, 0.9)]),
    ]
    golden = golden_set(walk("d", "day"), walk("n", "night"), classes=two)
    rows = evaluate(golden, found, point(0.3, 0.3, classes=two), ["daypart"])
    assert rows.value("never_seen_share") == pytest.approx(1 / 4)
    assert rows.value("never_seen_share", "forklift") == pytest.approx(1 / 2)
    assert rows.value("never_seen_share", "forklift", clip="n") == 1.0
    assert rows.value("first_detection_s_mean", "person") == pytest.approx(0.25)
    assert rows.value("first_detection_s_mean", slice=(("daypart", "day"),)) == pytest.approx(0.25)
    reason = "no object of class forklift in daypart=night is ever found at score >= 0.3"
    assert rows.reason("longest_gap_s_max", "forklift", slice=(("daypart", "night"),)) == reason


def test_truth_without_tracks() -> None:
    rows = evaluate(golden_set(clip(truth([(0, A)]))), [detections([(0, A, 0.9)])], point(0.3))
    assert {rows.reason(name) for name in TIME_NAMES} == {"truth has no track ids"}
    tracked = clip(truth([(0, A)], track_id=[1]))
    empty = clip(truth([]), id="empty")
    rows = evaluate(golden_set(tracked, empty), [detections([(0, A, 0.9)])] * 2, point(0.3))
    assert rows.reason("never_seen_share", clip="empty") == (
        "no truth boxes with a track id in clip empty"
    )


def shaken(boxes: list[Box], truth_boxes: list[Box] | None = None) -> float:
    places = truth_boxes or [A] * len(boxes)
    one = clip(
        truth([(f, box) for f, box in enumerate(places)], track_id=[1] * len(places)),
        n_frames=len(places),
    )
    found = detections([(f, box, 0.9) for f, box in enumerate(boxes) if box is not FAR])
    return evaluate(golden_set(one), [found], point(0.3)).value("box_jitter")


def moved(box: Box, x: float, y: float = 0.0) -> Box:
    return (box[0] + x, box[1] + y, box[2] + x, box[3] + y)


def test_jitter() -> None:
    # A is 40 x 40: four pixels to the right move two of four edges by a tenth.
    assert shaken([A, A, A]) == 0.0
    assert shaken([A, moved(A, 4.0), A]) == pytest.approx(0.05)
    assert shaken([moved(A, 4.0)] * 3) == 0.0  # a constant offset is no jitter
    assert shaken([A, moved(A, 4.0, 4.0)]) == pytest.approx(0.1)


def test_the_movement_of_the_object_is_no_jitter() -> None:
    path = [moved(A, 7.0 * f, 3.0 * f) for f in range(4)]
    assert shaken(path, path) == pytest.approx(0.0)
    wide = [moved((0.0, 0.0, 80.0, 40.0), 5.0 * f) for f in range(2)]
    assert shaken([wide[0], moved(wide[1], 8.0)], wide) == pytest.approx(0.05)


def test_jitter_needs_neighbouring_frames() -> None:
    assert shaken([A, moved(A, 4.0), FAR, A, A]) == pytest.approx(0.05 / 2)


def test_mean_iou_of_matches() -> None:
    half = (0.0, 0.0, 40.0, 20.0)
    one = clip(truth([(0, A), (1, A), (2, A)]))
    found = detections([(0, A, 0.9), (1, half, 0.9), (2, FAR, 0.9)])
    rows = evaluate(golden_set(one), [found], point(0.3), ["size"])
    assert rows.value("mean_iou") == pytest.approx(0.75)
    assert rows.get("mean_iou").n == 2
    assert rows.value("mean_iou", slice=(("size", "medium"),)) == pytest.approx(0.75)
    assert rows.reason("mean_iou", slice=(("size", "large"),)) == (
        "no detection in size=large at score >= 0.3 matches the truth"
    )


@settings(deadline=None, max_examples=100, derandomize=True)
@given(st.text(alphabet="x. ", min_size=1, max_size=14).filter(lambda text: text.strip()))
def test_times_equal_a_walk_through_the_boxes(pattern: str) -> None:
    """``x`` found, ``.`` missed, a blank where the object is away; step by step."""
    there = [f for f, mark in enumerate(pattern) if mark != " "]
    one = clip(
        truth([(f, A) for f in there], track_id=[1] * len(there)), n_frames=len(pattern), fps=FPS
    )
    found = detections([(f, A, 0.9) for f in there if pattern[f] == "x"])
    rows = evaluate(golden_set(one), [found], point(0.3))
    marks = [pattern[f] for f in there]
    if "x" not in marks:
        assert rows.value("never_seen_share") == 1.0
        return
    first = marks.index("x")
    run = longest = gaps = 0
    for mark in marks[first:]:
        gaps += mark == "x" and run > 0
        run = 0 if mark == "x" else run + 1
        longest = max(longest, run)
    assert rows.value("first_detection_s_mean") == pytest.approx(first / FPS)
    assert rows.value("longest_gap_s_max") == pytest.approx(longest / FPS)
    assert rows.value("flicker_per_object_minute") == pytest.approx(gaps / (len(marks) / FPS / 60))
