"""Candidates above the floor against an obvious twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vbench.kernels.filter_classes import strong_columns
from vbench.types import F32


def twin(table: F32, floor: np.float32) -> tuple[list[list[float]], list[float], list[int]]:
    """Column by column, with all its numbers in the table's precision."""
    boxes, scores, classes = [], [], []
    for column in table.T:
        cx, cy, w, h = column[:4]
        of_class = column[4:].tolist()
        if max(of_class) < floor:
            continue
        half_w, half_h = np.float32(w / 2), np.float32(h / 2)
        boxes.append([float(v) for v in (cx - half_w, cy - half_h, cx + half_w, cy + half_h)])
        scores.append(max(of_class))
        classes.append(of_class.index(max(of_class)))
    return boxes, scores, classes


def expect_twin(table: F32, floor: np.float32) -> None:
    boxes_xyxy, scores, class_index, finite = strong_columns(table, floor)
    assert finite
    assert boxes_xyxy.dtype == scores.dtype == np.float32
    assert class_index.dtype == np.int64
    boxes, expected_scores, classes = twin(table, floor)
    assert boxes_xyxy.shape == (len(boxes), 4)
    # Equal and not close: detections must not depend on how they were computed.
    assert boxes_xyxy.tolist() == boxes
    assert scores.tolist() == expected_scores
    assert class_index.tolist() == classes


@st.composite
def tables(draw: st.DrawFn) -> F32:
    """Coarse scores, so that ties are common; boxes whose corners need rounding."""
    n_classes = draw(st.integers(1, 10))
    n_columns = draw(st.sampled_from([0, 1, 2, 17, 255, 600]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    boxes = random.normal(0, 1000, (4, n_columns))
    scores = random.integers(0, draw(st.integers(2, 50)), (n_classes, n_columns)) / 49
    return np.concatenate([boxes, scores]).astype(np.float32)


@settings(deadline=None, max_examples=60)
@given(table=tables(), step=st.integers(0, 50))
def test_equals_its_twin(table: F32, step: int) -> None:
    # The floor is often exactly a score, and sometimes above all of them or below none.
    expect_twin(table, np.float32(step / 49))


def test_first_of_equal_classes_wins_in_every_column() -> None:
    table = np.zeros((4 + 3, 300), np.float32)
    table[5:] = 0.5
    _boxes, scores, class_index, _finite = strong_columns(table, np.float32(0.5))
    assert scores.tolist() == [0.5] * 300
    assert class_index.tolist() == [1] * 300


def test_negative_scores_and_floor_zero() -> None:
    table = np.array([[0, 0], [0, 0], [1, 1], [1, 1], [-2, -1], [-1, 0]], np.float32)
    _boxes, scores, class_index, _finite = strong_columns(table, np.float32(0))
    assert (scores.tolist(), class_index.tolist()) == ([0.0], [1])


@settings(deadline=None, max_examples=40)
@given(table=tables(), step=st.integers(-60, 50), shift=st.integers(-49, 0))
def test_negative_scores_and_both_zeros(table: F32, step: int, shift: int) -> None:
    table[4:] += np.float32(shift / 49)
    table[4:, ::3] *= np.float32(-1)  # makes 0 to -0, which is equal to it
    expect_twin(table, np.float32(step / 49))


@pytest.mark.parametrize("n_classes", [1, 2, 3, 4, 5, 80])
@pytest.mark.parametrize("bad", [np.nan, -np.nan, np.inf, -np.inf])
def test_one_number_that_is_not_finite_is_noticed_anywhere(n_classes: int, bad: float) -> None:
    random = np.random.default_rng(n_classes)
    good = random.random((4 + n_classes, 300)).astype(np.float32)
    assert strong_columns(good, np.float32(0.9))[3]
    for row in range(4 + n_classes):
        for sign in (1, -1):
            table = good.copy()
            table[4:] *= np.float32(sign)
            table[row, random.integers(300)] = bad
            boxes_xyxy, scores, class_index, finite = strong_columns(table, np.float32(0.9))
            assert not finite
            assert len(boxes_xyxy) == len(scores) == len(class_index) == 0


@pytest.mark.parametrize("highest", [np.finfo(np.float32).max, np.finfo(np.float32).tiny / 2])
def test_the_largest_and_the_smallest_numbers_are_finite(highest: float) -> None:
    table = np.zeros((6, 5), np.float32)
    table[5, 2] = highest
    _boxes, scores, class_index, finite = strong_columns(table, np.float32(highest))
    assert (scores.tolist(), class_index.tolist(), finite) == ([np.float32(highest)], [1], True)
