"""Which point stands for an object, and whether it lies in a zone."""

from __future__ import annotations

from typing import Literal

import numpy as np

from vbench.types.arrays import F64, Bool

_BORDER_PX = 1e-6
"""Closer to the border than this lies on it; only rounding."""


def inside(points: F64, zone: F64) -> Bool:
    """(N,) points inside a polygon or on its border; even-odd rule.

    Args:
        points: (N, 2) px.
        zone: (K, 2) px, corners in order, either way round.
    """
    x, y = points[:, :1], points[:, 1:]
    (ax, ay), (bx, by) = zone.T, np.roll(zone, -1, axis=0).T
    side = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
    # An edge is met by the ray to the right where it spans y and the point is on its left.
    spans = (ay > y) != (by > y)
    met = spans & ((side > 0) == (by > ay))
    odd: Bool = np.sum(met, axis=1) % 2 == 1
    length = np.hypot(bx - ax, by - ay)
    along = (x - ax) * (bx - ax) + (y - ay) * (by - ay)
    on_edge = (np.abs(side) <= _BORDER_PX * length) & (along >= 0) & (along <= length**2)
    on_border: Bool = np.any(on_edge, axis=1)
    return odd | on_border


def anchors(boxes_xyxy: F64, anchor: Literal["bottom_center", "center"]) -> F64:
    """(N, 2) px: the point of each of (N, 4) boxes that stands for the object."""
    x = (boxes_xyxy[:, 0] + boxes_xyxy[:, 2]) / 2
    bottom = boxes_xyxy[:, 3]
    y = bottom if anchor == "bottom_center" else (boxes_xyxy[:, 1] + bottom) / 2
    return np.stack([x, y], axis=1)
