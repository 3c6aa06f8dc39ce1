"""How much of a box lies inside a polygon."""

from __future__ import annotations

import numpy as np
from numba import njit

from vbench.types import F64


@njit(cache=True, nogil=True)
def _clip_half_plane(
    source: F64, n_source: int, target: F64, axis: int, bound: float, keep_above: bool
) -> int:
    """Cut a polygon along one box edge (Sutherland and Hodgman 1974); vertices left in `target`."""
    n_target = 0
    for i in range(n_source):
        before = source[i - 1 if i > 0 else n_source - 1]
        here = source[i]
        before_inside = before[axis] >= bound if keep_above else before[axis] <= bound
        here_inside = here[axis] >= bound if keep_above else here[axis] <= bound
        if before_inside != here_inside:
            share = (bound - before[axis]) / (here[axis] - before[axis])
            target[n_target, axis] = bound
            other = 1 - axis
            target[n_target, other] = before[other] + share * (here[other] - before[other])
            n_target += 1
        if here_inside:
            target[n_target, 0] = here[0]
            target[n_target, 1] = here[1]
            n_target += 1
    return n_target


@njit(cache=True, nogil=True)
def overlap_area(boxes_xyxy: F64, polygon: F64) -> F64:
    """Area of each box inside a simple polygon, which may be concave.

    Args:
        boxes_xyxy: (N, 4) pixels.
        polygon: (K, 2) vertices in order, either way round, K >= 3.

    Returns:
        (N,) square pixels.
    """
    n_boxes = len(boxes_xyxy)
    n_vertices = len(polygon)
    areas = np.zeros(n_boxes)
    # A half-plane adds at most one vertex for every two it is given: four of them 1.5^4 < 6 times.
    source = np.empty((6 * n_vertices + 8, 2))
    target = np.empty((6 * n_vertices + 8, 2))
    for row in range(n_boxes):
        n = n_vertices
        source[:n] = polygon
        for edge in range(4):
            n = _clip_half_plane(source, n, target, edge % 2, boxes_xyxy[row, edge], edge < 2)
            source, target = target, source
        # The box corner as origin keeps the products small.
        origin_x = boxes_xyxy[row, 0]
        origin_y = boxes_xyxy[row, 1]
        doubled = 0.0
        for i in range(n):
            before = source[i - 1 if i > 0 else n - 1]
            here = source[i]
            doubled += (before[0] - origin_x) * (here[1] - origin_y)
            doubled -= (here[0] - origin_x) * (before[1] - origin_y)
        areas[row] = abs(doubled) / 2.0
    return areas
