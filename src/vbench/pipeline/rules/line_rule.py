"""``line_cross``: an object goes over a line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from vbench.config.rule_entries import LineCrossStage
from vbench.engines.protocol import KeyPlace
from vbench.pipeline.counted import Counted
from vbench.pipeline.rules.cooldown import Cooldown
from vbench.pipeline.rules.stays import TOLERANCE_S
from vbench.pipeline.rules.zone import anchors, check_in_frame
from vbench.types.alerts import Alert
from vbench.types.frame_detections import FrameDetections
from vbench.types.golden import Clip

Point: TypeAlias = tuple[float, float]

_LEFT, _ON, _RIGHT = -1, 0, 1
_SIDES = {"any": (_LEFT, _RIGHT), "left": (_LEFT,), "right": (_RIGHT,)}

_BORDER_PX = 1e-6
"""Closer to the line than this lies on it; only rounding."""


@dataclass(slots=True)
class _Path:
    """Where an object was seen."""

    side: int
    point: Point
    """Last point on `side`."""
    n_frames: int = 0
    """Frames that it has been seen on the other side since."""
    through: bool = False
    """Whether it went there through the line, not around its ends."""
    crossed_s: float | None = None
    """When it last crossed in a direction that counts."""


class LineRule:
    """One alert per crossing.

    An object is on the side on which it was last seen off the line. It has crossed when it was seen
    on the other side on `min_frames` frames, with none on the old side between them, and the
    straight way there goes through the line between its two points, which belong to it.
    """

    def __init__(self, stage: LineCrossStage, counted: Counted, place: KeyPlace) -> None:
        """Prepare for the first clip; `place` names a key of the stage in messages."""
        self._stage = stage
        self._counted = counted
        self._where = place("line")
        self._line = _Line(stage.line[0], stage.line[1])
        self._sides = _SIDES[stage.direction]
        self._paths: dict[int, _Path] = {}
        self._cooldown = Cooldown(stage.alert_kind, stage.zone_name, stage.cooldown_s)

    def begin_clip(self, clip: Clip) -> None:
        """Forget everything. Raises ConfigError where the line lies outside of the frame."""
        check_in_frame(np.array(self._stage.line, np.float64), clip, self._where)
        self._paths = {}
        self._cooldown.begin_clip()

    def update(self, time_s: float, found: FrameDetections) -> Sequence[Alert]:
        """What is raised on this frame, for the best-scored object first."""
        rows = self._counted.followed_rows(found)
        points = anchors(found.boxes_xyxy[rows], self._stage.anchor).tolist()
        alerts: list[Alert] = []
        for row, (x, y) in zip(rows, points, strict=True):
            if self._crosses(int(found.track_id[row]), (x, y), time_s):
                alerts.extend(self._cooldown.alert(time_s, int(found.class_id[row])))
        return alerts

    def _crosses(self, identity: int, point: Point, time_s: float) -> bool:
        """Whether an object that is seen at a point has now crossed, for an alert."""
        side = self._line.side(point)
        if side == _ON:
            return False
        path = self._paths.setdefault(identity, _Path(side, point))
        if side == path.side:
            path.point, path.n_frames = point, 0
            return False
        if path.n_frames == 0:
            path.through = self._line.is_between(path.point, point)
        path.n_frames += 1
        if path.n_frames < self._stage.min_frames:
            return False
        path.side, path.point, path.n_frames = side, point, 0
        if not path.through or side not in self._sides:
            return False
        before_s, path.crossed_s = path.crossed_s, time_s
        return before_s is None or time_s - before_s > self._stage.rearm_s + TOLERANCE_S


class _Line:
    """A line from a first to a second point, px."""

    def __init__(self, first: Point, second: Point) -> None:
        self._first = first
        self._dx, self._dy = second[0] - first[0], second[1] - first[1]
        self._length = math.hypot(self._dx, self._dy)

    def side(self, point: Point) -> int:
        """On which hand the point is for someone who looks along the line; y grows downwards."""
        distance = self._distance(point)
        if abs(distance) <= _BORDER_PX:
            return _ON
        return _RIGHT if distance > 0 else _LEFT

    def is_between(self, a: Point, b: Point) -> bool:
        """Whether the way between points on different sides goes through the line."""
        from_a, from_b = self._distance(a), self._distance(b)
        share = from_a / (from_a - from_b)
        x = a[0] + share * (b[0] - a[0]) - self._first[0]
        y = a[1] + share * (b[1] - a[1]) - self._first[1]
        along = (x * self._dx + y * self._dy) / self._length
        return -_BORDER_PX <= along <= self._length + _BORDER_PX

    def _distance(self, point: Point) -> float:
        x, y = point[0] - self._first[0], point[1] - self._first[1]
        return (self._dx * y - self._dy * x) / self._length
