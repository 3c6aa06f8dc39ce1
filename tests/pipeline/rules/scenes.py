"""Rules and hand-made tracks for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from tests.pipeline.files import taxonomy
from vbench.config.rule_entries import ObjectRuleStage, PythonRuleStage, RuleStage
from vbench.pipeline.rules.registry import make_rule
from vbench.pipeline.stage import Rule
from vbench.types.alerts import Alert
from vbench.types.frame_detections import FrameDetections

FPS = 10.0
CLASSES = taxonomy("person", "forklift")
THRESHOLDS = np.array([0.5, 0.3])

TOP_LEFT, BOTTOM_RIGHT = np.array([-10.0, -40.0]), np.array([10.0, 0.0])

Point = tuple[float, float]
Frame = Mapping[int, Point]
"""Identity -> the foot point of an object of class person."""


def stage(
    type_: str, *, of: Sequence[str] = ("person",), **keys: object
) -> ObjectRuleStage | PythonRuleStage:
    entry = {"id": "alarm", "kind": "rule", "type": type_, **keys}
    if type_ != "python":
        entry["class"] = list(of)
    adapter: TypeAdapter[ObjectRuleStage | PythonRuleStage] = TypeAdapter(RuleStage)
    return adapter.validate_python(entry)


def rule(
    type_: str, *, folder: Path = Path(), of: Sequence[str] = ("person",), **keys: object
) -> Rule:
    def place(key: str) -> str:
        return f"pipeline.yaml:9: stages.2.{key}"

    return make_rule(stage(type_, of=of, **keys), CLASSES, THRESHOLDS, folder, place)


def found(
    frame: Frame, *, score: float = 0.9, class_id: int = 0, identified: bool = True
) -> FrameDetections:
    """Boxes of 20 x 40 px that stand on the points."""
    feet = np.array(list(frame.values()), np.float64).reshape(-1, 2)
    n = len(feet)
    return FrameDetections(
        np.concatenate([feet + TOP_LEFT, feet + BOTTOM_RIGHT], axis=1),
        np.full(n, score),
        np.full(n, class_id, np.int64),
        np.array(list(frame) if identified else [-1] * n, np.int64),
    )


def raised(tested: Rule, frames: Sequence[Frame | FrameDetections]) -> list[Alert]:
    """Every alert on frames at 10 per second."""
    alerts: list[Alert] = []
    for index, frame in enumerate(frames):
        detections = frame if isinstance(frame, FrameDetections) else found(frame)
        alerts.extend(tested.update(index / FPS, detections))
    return alerts


def times(tested: Rule, frames: Sequence[Frame | FrameDetections]) -> list[float]:
    """When alerts were raised."""
    return [alert.time_s for alert in raised(tested, frames)]
