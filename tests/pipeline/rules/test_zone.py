from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vbench.kernels.polygon import overlap_area
from vbench.pipeline.rules.zone import anchors, inside
from vbench.types import F64


def zone(*points: tuple[float, float]) -> F64:
    return np.array(points, np.float64)


SQUARE = zone((0, 300), (640, 300), (640, 480), (0, 480))
NOTCHED = zone((0, 0), (10, 0), (10, 10), (5, 5), (0, 10))


def test_inside_outside_and_the_border() -> None:
    points = np.array([[320.0, 400], [320, 299.9], [320, 300], [320, 480], [0, 480], [640.1, 400]])
    assert inside(points, SQUARE).tolist() == [True, False, True, True, True, False]


def test_a_concave_zone() -> None:
    points = np.array([[5.0, 4.9], [5, 5], [5, 5.1], [2, 7], [8, 7], [5, 10]])
    assert inside(points, NOTCHED).tolist() == [True, True, False, True, True, False]


def test_either_way_round_and_from_any_corner() -> None:
    points = np.random.default_rng(0).uniform(-2, 12, (200, 2))
    expected = inside(points, NOTCHED).tolist()
    assert 0 < sum(expected) < 200
    assert inside(points, NOTCHED[::-1]).tolist() == expected
    assert inside(points, np.roll(NOTCHED, 2, axis=0)).tolist() == expected


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 9))
def test_equals_the_area_of_a_small_box(seed: int, n_corners: int) -> None:
    random = np.random.default_rng(seed)
    angle = np.arange(n_corners) * 2 * np.pi / n_corners + 0.1
    radius = random.uniform(1, 30, n_corners)
    star = np.stack([20 + radius * np.cos(angle), 20 + radius * np.sin(angle)], axis=1)
    points = random.uniform(-10, 50, (50, 2))
    half = 1e-4
    share = overlap_area(np.concatenate([points - half, points + half], axis=1), star)
    share /= 4 * half**2
    clear = (share < 1e-3) | (share > 1 - 1e-3)
    assert inside(points, star)[clear].tolist() == (share > 0.5)[clear].tolist()


def test_no_points() -> None:
    assert inside(np.zeros((0, 2)), SQUARE).tolist() == []


def test_anchors() -> None:
    boxes = np.array([[10.0, 20, 30, 60]])
    assert anchors(boxes, "bottom_center").tolist() == [[20, 60]]
    assert anchors(boxes, "center").tolist() == [[20, 40]]
