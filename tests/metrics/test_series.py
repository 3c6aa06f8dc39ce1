"""Counts minute by minute."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.scenes import FAR, A, B, clip, detections, point, table, truth
from vbench.metrics.frames import frame_counts, frame_outcomes
from vbench.metrics.series import minute_series
from vbench.types import Clip, Detections

TWO = ("person", "forklift")


def test_objects_and_frames_by_hand() -> None:
    # 1 frame in 10 s: minutes of 6 frames; 14 frames are two whole minutes and two frames.
    annotated = np.ones(14, np.bool_)
    annotated[[4, 5]] = False
    rows = [(0, A), (0, B), (3, A), (5, A), (6, A), (13, B)]
    one = clip(truth(rows), n_frames=14, fps=0.1, annotated=annotated)
    boxes = [(0, A), (3, FAR), (5, A), (6, A), (6, FAR), (7, B), (12, A)]
    found = detections([*((frame, box, 0.9) for frame, box in boxes), (13, B, 0.1)])
    series = minute_series(one, found, table(one, found), point(0.3))
    assert series.start_s.tolist() == [0.0, 60.0, 120.0]
    assert series.n_frames.tolist() == [4, 6, 2]
    assert series.tp.tolist() == [[1], [1], [0]]
    assert series.fn.tolist() == [[2], [0], [1]]
    assert series.fp.tolist() == [[1], [2], [1]]
    # Minute 0: frame 0 and 3 positive and predicted, 1 and 2 neither.
    assert series.frames_tp.tolist() == [[2], [1], [0]]
    assert series.frames_fp.tolist() == [[0], [1], [1]]
    assert series.frames_fn.tolist() == [[0], [0], [1]]
    assert series.frames_tn.tolist() == [[2], [4], [0]]


def test_a_frame_at_the_full_minute_is_in_the_next() -> None:
    one = clip(truth([(59, A), (60, A)]), n_frames=61, fps=1.0)
    series = minute_series(one, Detections.empty(), table(one, Detections.empty()), point(0.3))
    assert series.fn.tolist() == [[1], [1]]
    assert series.n_frames.tolist() == [60, 1]


def test_classes_have_columns_and_thresholds_of_their_own() -> None:
    boxes = truth([(0, A), (0, B)], class_id=[0, 1])
    one = clip(boxes, exhaustive=(True, False))
    found = detections([(0, A, 0.5), (0, B, 0.5), (1, FAR, 0.9)], class_id=[0, 1, 1])
    series = minute_series(one, found, table(one, found), point(0.3, 0.6, classes=TWO))
    assert series.tp.tolist() == [[1, 0]]
    assert series.fn.tolist() == [[0, 1]]
    assert series.fp.tolist() == [[0, 0]]
    assert series.exhaustive.tolist() == [True, False]


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Clip, Detections]:
    """Two classes over some minutes at one frame per 20 s."""
    place = st.sampled_from([A, B, FAR])
    row = st.tuples(st.integers(0, 9), place, st.integers(0, 1))
    rows = sorted(draw(st.lists(row, max_size=8)), key=lambda one: one[0])
    ignored = [k for k in range(len(rows)) if draw(st.integers(0, 4)) == 0]
    boxes = truth([row[:2] for row in rows], class_id=[row[2] for row in rows], ignore=ignored)
    annotated = np.array([draw(st.integers(0, 4)) > 0 for _ in range(10)])
    one = clip(boxes, n_frames=10, fps=0.05, annotated=annotated, exhaustive=(True, True))
    found = draw(st.lists(st.tuples(row, st.sampled_from([0.2, 0.5, 0.9])), max_size=8))
    found.sort(key=lambda one: (one[0][0], -one[1]))
    return one, detections(
        [(frame, box, score) for (frame, box, _), score in found],
        class_id=[class_id for (_, _, class_id), _ in found],
    )


@settings(max_examples=150, deadline=None)
@given(scenes())
def test_minutes_add_up_to_the_clip(scene: tuple[Clip, Detections]) -> None:
    one, found = scene
    at = point(0.3, 0.6, classes=TWO)
    matches = table(one, found)
    series = minute_series(one, found, matches, at)
    outcomes = frame_outcomes(one, found, matches, at)
    frames = frame_counts(one, found, matches, at)
    # 3 frames a minute: the twin adds up slices of the frame-by-frame outcomes.
    for minute in range(4):
        part = slice(3 * minute, 3 * minute + 3)
        assert series.tp[minute].sum() == outcomes.tp[part].sum()
        assert series.fp[minute].sum() == outcomes.fp[part].sum()
        assert series.fn[minute].sum() == outcomes.fn[part].sum()
        assert series.n_frames[minute] == one.annotated[part].sum()
    assert series.frames_tp.sum(axis=0).tolist() == frames.tp.tolist()
    assert series.frames_fp.sum(axis=0).tolist() == frames.fp.tolist()
    assert series.frames_fn.sum(axis=0).tolist() == frames.fn.tolist()
    assert series.frames_tn.sum(axis=0).tolist() == frames.tn.tolist()


def test_refuses_a_table_of_other_detections() -> None:
    one = clip(truth([]))
    with pytest.raises(ValueError, match="other detections"):
        minute_series(one, detections([(0, A, 0.5)]), table(one, Detections.empty()), point(0.3))
