"""Where names stand beside points, so that they cover neither points nor one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

LETTER_PX = 6.6
"""Width of a letter, about; drawings are made before anyone knows the reader's font."""
HEIGHT_PX = 14.0
_GAP_PX = 9.0
_POINT_PX = 8.0
_LIFTS_PX = (-5.0, 17.0, -20.0, 32.0, -35.0)
"""Bottom of the text below the point: above it, below it, then further away."""
_OUTSIDE = 4
"""How much worse it is to leave the drawing than to cover something."""

_Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class LabelPlace:
    """Where a name stands."""

    side: Literal["left", "right"]
    """Of its point."""
    dy_px: float
    """Bottom of the text below the point."""


def place_labels(
    points_px: Sequence[tuple[float, float]],
    labels: Sequence[str],
    size_px: tuple[float, float],
    max_width_px: float,
) -> tuple[LabelPlace, ...]:
    """A place for each label: of all that are tried, one that covers least, in order of points.

    Args:
        points_px: (x, y) of each point, y downwards.
        labels: of each point; empty for none.
        size_px: width and height of the drawing.
        max_width_px: longer labels are cut.
    """
    points = [_around(point) for point in points_px]
    taken: list[_Box] = []
    places = []
    for number, (point, label) in enumerate(zip(points_px, labels, strict=True)):
        others = [*points[:number], *points[number + 1 :], *taken]
        width_px = min(max_width_px, len(label) * LETTER_PX)
        tried = [
            (_cost(box, others, size_px), order, place, box)
            for order, (place, box) in enumerate(_candidates(point, width_px))
        ]
        _, _, place, box = min(tried, key=lambda item: item[:2])
        places.append(place)
        if label:
            taken.append(box)
    return tuple(places)


def _candidates(point: tuple[float, float], width_px: float) -> list[tuple[LabelPlace, _Box]]:
    x, y = point
    found = []
    for dy_px in _LIFTS_PX:
        bottom = y + dy_px
        for side in ("right", "left"):
            left = x + _GAP_PX if side == "right" else x - _GAP_PX - width_px
            box = (left, bottom - HEIGHT_PX, left + width_px, bottom)
            found.append((LabelPlace("right" if side == "right" else "left", dy_px), box))
    return found


def _cost(box: _Box, others: Sequence[_Box], size_px: tuple[float, float]) -> int:
    outside = box[0] < 0 or box[1] < 0 or box[2] > size_px[0] or box[3] > size_px[1]
    return _OUTSIDE * outside + sum(_overlap(box, other) for other in others)


def _overlap(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _around(point: tuple[float, float]) -> _Box:
    x, y = point
    return (x - _POINT_PX, y - _POINT_PX, x + _POINT_PX, y + _POINT_PX)
