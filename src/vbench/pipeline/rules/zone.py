"""Which point stands for an object, whether it lies in a zone, and whether that can ever be."""

from __future__ import annotations

from typing import Literal

import numpy as np

from vbench.errors import ConfigError
from vbench.types.arrays import F64, Bool
from vbench.types.golden import Clip

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


def check_in_frame(points: F64, clip: Clip, where: str) -> None:
    """Raise ConfigError where a zone or line lies outside of a clip's frame: nothing gets there.

    Args:
        points: (K, 2) px.
        clip: knows the frame's size.
        where: ``file:line: key`` of the zone or line.
    """
    size = np.array([clip.facts.width_px, clip.facts.height_px])
    if np.any(points.max(axis=0) < 0) or np.any(points.min(axis=0) > size):
        raise ConfigError(
            f'all of it lies outside of the frame of clip "{clip.id}", {size[0]}x{size[1]}',
            where=where,
            hint="give pixels of the source frame; was it drawn in another size?",
        )
