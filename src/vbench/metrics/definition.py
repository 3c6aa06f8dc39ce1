"""What the definition of a metric consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vbench.types import Better

Family = Literal[
    "objects",
    "frames",
    "average precision",
    "calibration",
    "error cost",
    "clear",
    "identity",
    "hota",
    "time",
    "events",
    "latency",
    "throughput",
]
"""Metrics that are computed in the same way, from the same counts."""


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """One metric as a reader needs it."""

    name: str
    family: Family
    unit: str
    better: Better
    meaning: str
    """One sentence without jargon."""
    formula: str
