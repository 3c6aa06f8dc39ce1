"""Area of a box inside a polygon against integration by strips."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vbench.kernels.polygon import overlap_area
from vbench.types import F64


def twin_area(box: F64, polygon: F64) -> float:
    """Between all x where something changes, the covered height is linear: midpoint rule."""
    x0, y0, x1, y1 = box
    edges = list(zip(polygon, np.roll(polygon, -1, axis=0), strict=True))
    breaks = {x0, x1, *polygon[:, 0]}
    for (ax, ay), (bx, by) in edges:
        for y in (y0, y1):
            if (ay - y) * (by - y) < 0:
                breaks.add(ax + (y - ay) / (by - ay) * (bx - ax))
    inside = sorted(x for x in breaks if x0 <= x <= x1)
    area = 0.0
    for left, right in pairwise(inside):
        middle = (left + right) / 2
        crossings = sorted(
            ay + (middle - ax) / (bx - ax) * (by - ay)
            for (ax, ay), (bx, by) in edges
            if (ax < middle) != (bx < middle)
        )
        for low, high in zip(crossings[::2], crossings[1::2], strict=True):
            area += max(0.0, min(high, y1) - max(low, y0)) * (right - left)
    return area


@st.composite
def stars(draw: st.DrawFn) -> F64:
    """Simple polygons, often concave: a radius for each of some directions."""
    n = draw(st.integers(3, 9))
    radii = np.array([draw(st.floats(1.0, 30.0)) for _ in range(n)])
    angle = np.arange(n) * 2 * np.pi / n + 0.1
    return np.stack([20 + radii * np.cos(angle), 20 + radii * np.sin(angle)], axis=1)


@settings(deadline=None, max_examples=200, derandomize=True)
@given(
    stars(),
    st.tuples(st.floats(-10, 50), st.floats(-10, 50), st.floats(0, 40), st.floats(0, 40)),
    st.booleans(),
)
def test_equals_twin(
    polygon: F64, xywh: tuple[float, float, float, float], clockwise: bool
) -> None:
    x, y, width, height = xywh
    box = np.array([x, y, x + width, y + height])
    if clockwise:
        polygon = polygon[::-1].copy()
    (area,) = overlap_area(box[None], polygon)
    assert area == pytest.approx(twin_area(box, polygon), abs=1e-8)


def test_concave_polygon_by_hand() -> None:
    notched = np.array([[0.0, 0], [10, 0], [10, 10], [5, 5], [0, 10]])
    boxes = np.array([[0.0, 0, 10, 10], [0, 6, 10, 10], [20, 20, 30, 30], [2, 2, 4, 3]])
    assert overlap_area(boxes, notched).tolist() == pytest.approx([75.0, 16.0, 0.0, 2.0])
