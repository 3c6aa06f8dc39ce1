"""A named number with everything needed to read it right."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from vbench.types.sampling import Interval

Better = Literal["higher", "lower", "neither"]

Slice = tuple[tuple[str, str], ...]
"""Key and value pairs that all hold, ``(("daypart", "night"),)``; empty: everything."""


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """The score thresholds and IoU at which precision, recall and false positives are stated."""

    iou: float
    scores: tuple[tuple[str, float], ...]
    """(class name, score threshold) in taxonomy order; a detection counts at score >= threshold."""

    def score_for(self, class_name: str) -> float:
        """Threshold of one class; raises KeyError for a class that is not listed."""
        return dict(self.scores)[class_name]

    def text(self) -> str:
        """Short form for tables: ``score >= 0.3, IoU >= 0.5``."""
        values = sorted({score for _, score in self.scores})
        if len(values) == 1:
            return f"score >= {values[0]:g}, IoU >= {self.iou:g}"
        each = ", ".join(f"{name} {score:g}" for name, score in self.scores)
        return f"score >= ({each}), IoU >= {self.iou:g}"


@dataclass(frozen=True, slots=True)
class Metric:
    """One value, or None with the reason why it is undefined."""

    name: str
    value: float | None
    reason: str | None
    """Why `value` is None; None where it is defined."""
    unit: str
    """For example ``ratio``, ``count``, ``ms``, ``frames/s``, ``1/camera-hour``."""
    better: Better
    n: int
    """Support: how many truth boxes, frames or detections the value rests on."""
    pipeline: str
    golden_set: str
    class_name: str | None = None
    """None: all classes together."""
    clip: str | None = None
    """None: all clips together."""
    slice: Slice = ()
    interval: Interval | None = None
    no_interval: str = ""
    """Why a defined value has no interval; empty where it has one, or was not resampled."""
    operating_point: OperatingPoint | None = None
    signature: str = ""
    """The settings that pin the value's meaning, for example ``match:coco|iou:0.5|score:0.3``."""

    def __post_init__(self) -> None:
        if (self.value is None) == (self.reason is None):
            raise ValueError(f"Metric {self.name}: exactly one of value and reason must be given")
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"Metric {self.name}: value {self.value} is not finite")
