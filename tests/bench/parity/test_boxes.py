"""Boxes of two sides compared and explained; each cause planted in the boxes themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbench.bench.parity.boxes import BoxPair, explain_boxes
from vbench.bench.parity.measure import (
    Boxes,
    Tolerances,
    array_difference,
    box_difference,
    box_distance,
    paired,
)

TOLERANCES = Tolerances()
N_CLASSES = 4


def boxes(seed: int = 0, n: int = 12) -> Boxes:
    rng = np.random.default_rng(seed)
    low = rng.uniform(10, 300, (n, 2))
    size = rng.uniform(20, 90, (n, 2))
    xyxy = np.concatenate([low, low + size], axis=1)
    return Boxes.of(xyxy, rng.uniform(0.1, 1.0, n), rng.integers(0, N_CLASSES, n))


def pair(change: Callable[[Boxes], Boxes]) -> BoxPair:
    have = (boxes(1), boxes(2))
    return BoxPair("A", have, tuple(map(change, have)), TOLERANCES, 0.01, N_CLASSES)


def shifted(one: Boxes) -> Boxes:
    rows = np.flatnonzero(one.classes > 0)
    return Boxes(one.xyxy[rows], one.scores[rows], one.classes[rows] - 1)


def exchanged(one: Boxes) -> Boxes:
    return replace(one, classes=np.array([2, 0, 1, 3])[one.classes])


def as_sizes(one: Boxes) -> Boxes:
    """Corners taken for corner and size."""
    low, high = one.xyxy[:, :2], one.xyxy[:, 2:]
    return replace(one, xyxy=np.concatenate([low, low + high], axis=1))


def as_corners(one: Boxes) -> Boxes:
    """Centre and size taken for corners."""
    low, high = one.xyxy[:, :2], one.xyxy[:, 2:]
    return replace(one, xyxy=np.concatenate([(low + high) / 2, high - low], axis=1))


def swapped_axes(one: Boxes) -> Boxes:
    return replace(one, xyxy=one.xyxy[:, [1, 0, 3, 2]])


def normalized(one: Boxes) -> Boxes:
    return replace(one, xyxy=one.xyxy / np.array([640, 480, 640, 480]))


def moved(one: Boxes) -> Boxes:
    return replace(one, xyxy=one.xyxy * 1.5 + np.array([0, -52, 0, -52]))


def cut(one: Boxes) -> Boxes:
    rows = np.flatnonzero(one.scores >= 0.4)
    return Boxes(one.xyxy[rows], one.scores[rows], one.classes[rows])


def squashed(one: Boxes) -> Boxes:
    return replace(one, scores=1 / (1 + np.exp(-one.scores)))


@pytest.mark.parametrize(
    ("change", "kind", "value_b"),
    [
        (shifted, "class_offset", "-1"),
        (exchanged, "class_map", "0 is 2, 1 is 0, 2 is 1"),
        (as_sizes, "box_form", "xywh"),
        (as_corners, "box_form", "xyxy"),
        (swapped_axes, "axes_swapped", "yxyx"),
        (normalized, "box_scale", None),
        (moved, "box_mapping", "times 1.5, 1.5, plus 0.0, -52.0 px"),
        (cut, "score_floor", None),
        (squashed, "sigmoid", "sigmoid(score)"),
        (lambda one: swapped_axes(shifted(one)), "class_offset", "-1"),
    ],
)
def test_causes(change: Callable[[Boxes], Boxes], kind: str, value_b: str | None) -> None:
    found = explain_boxes(pair(change))
    kinds = [cause.kind for cause in found.causes]
    assert kind in kinds
    assert found.exact
    assert found.explained == pytest.approx(1.0)
    if value_b is not None:
        assert found.causes[kinds.index(kind)].value_b == value_b


def test_one_cause_is_enough() -> None:
    assert len(explain_boxes(pair(shifted)).causes) == 1
    both = explain_boxes(pair(lambda one: swapped_axes(shifted(one))))
    assert sorted(cause.kind for cause in both.causes) == ["axes_swapped", "class_offset"]


def test_other_boxes_are_unknown() -> None:
    found = explain_boxes(BoxPair("A", (boxes(1),), (boxes(9),), TOLERANCES, 0.01, N_CLASSES))
    assert found.causes == ()


@given(st.integers(0, 50), st.integers(0, 20))
def test_a_box_is_its_own_partner(seed: int, n: int) -> None:
    one = boxes(seed, n)
    rows, partners = paired(one, one)
    np.testing.assert_array_equal(rows, np.arange(n))
    np.testing.assert_array_equal(partners, np.arange(n))
    assert box_distance(one, one) == pytest.approx(0.0, abs=1e-12)
    assert box_difference(one, one, TOLERANCES, 0.01).equal


@given(st.integers(0, 50))
def test_order_does_not_matter(seed: int) -> None:
    """Equal scores may come in any order: NMS of two engines breaks ties in its own way."""
    one = boxes(seed)
    one = replace(one, scores=np.full(len(one), 0.5))
    order = np.random.default_rng(seed).permutation(len(one))
    other = Boxes(one.xyxy[order], one.scores[order], one.classes[order])
    assert box_difference(one, other, TOLERANCES, 0.01).equal


def test_a_weak_box_may_be_missing() -> None:
    """At the floor it is chance on which side of it a score falls."""
    one = boxes()
    weak = Boxes(
        np.concatenate([one.xyxy, [[0.0, 0.0, 9.0, 9.0]]]),
        np.concatenate([one.scores, [0.015]]),
        np.concatenate([one.classes, [0]]),
    )
    assert box_difference(one, weak, TOLERANCES, 0.01).equal
    strong = replace(weak, scores=np.concatenate([one.scores, [0.05]]))
    found = box_difference(one, strong, TOLERANCES, 0.01)
    assert not found.equal
    assert found.text == "12 against 13 boxes"


@pytest.mark.parametrize(("by", "equal"), [(0.4, True), (0.6, False)])
def test_boxes_within_the_tolerance(by: float, equal: bool) -> None:
    one = boxes()
    found = box_difference(one, replace(one, xyxy=one.xyxy + by), TOLERANCES, 0.01)
    assert found.equal is equal
    assert found.max_abs == pytest.approx(by)


def test_scores_beyond_the_tolerance_are_told() -> None:
    one = boxes()
    found = box_difference(one, replace(one, scores=one.scores - 0.05), TOLERANCES, 0.01)
    assert not found.equal
    assert found.text == "scores up to 0.05 apart"


def test_nothing_pairs() -> None:
    found = box_difference(boxes(), boxes(n=0), TOLERANCES, 0.01)
    assert not found.equal
    assert np.isnan(found.max_abs)
    assert found.share == 1.0


def test_arrays() -> None:
    a = np.array([[0.0, 1.0], [2.0, 3.0]])
    found = array_difference(a, a + np.array([[0, 0], [0, 0.5]]), 0.1)
    assert (found.equal, found.max_abs, found.mean_abs, found.share) == (False, 0.5, 0.125, 0.25)
    assert array_difference(a, a + 0.1, 0.2).equal
    shapes = array_difference(a, np.zeros((2, 3)), 0.0)
    assert shapes.text == "A is 2x2, B is 2x3"
    assert not shapes.equal
    # Unsigned numbers do not wrap around.
    assert array_difference(np.array([0], np.uint8), np.array([255], np.uint8), 0).max_abs == 255
