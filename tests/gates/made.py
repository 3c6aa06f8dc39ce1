"""Gates, rows and spreads made up for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from vbench.types import Gate, Metric, Scale, Spread

GATE = Gate(
    metric="recall",
    form="min",
    limit=0.9,
    class_name=None,
    slice=(),
    clip=None,
    level="error",
    pipelines=None,
    golden_set=None,
    versus=None,
    source="benchmark.yaml:9",
)


def gate(**changes: object) -> Gate:
    return replace(GATE, **changes)  # type: ignore[arg-type]


def metric(value: float | None, pipeline: str = "v2", **changes: object) -> Metric:
    row = Metric(
        name="recall",
        value=value,
        reason=None if value is not None else "no truth boxes of class person",
        unit="ratio",
        better="higher",
        n=200,
        pipeline=pipeline,
        golden_set="dock",
    )
    return replace(row, **changes)  # type: ignore[arg-type]


def spread(value: float, error: float, scale: Scale = "identity", degrees: float = 1e6) -> Spread:
    return Spread(value, error, scale, degrees, "clips", 20, None)


@dataclass(frozen=True)
class FixedStatistics:
    """Standard errors given by metric name; nothing is known of a metric that is not listed."""

    of_values: Mapping[str, float] = field(default_factory=dict)
    of_changes: Mapping[str, float] = field(default_factory=dict)
    same: bool = False
    """Whether all pipelines answered the same."""

    def same_answers(self, row: Metric, baseline: Metric) -> bool:
        return self.same

    def spread(self, row: Metric) -> Spread | None:
        error = self.of_values.get(row.name)
        return None if error is None or row.value is None else spread(row.value, error)

    def change(self, row: Metric, baseline: Metric) -> Spread | None:
        error = self.of_changes.get(row.name)
        if error is None or row.value is None or baseline.value is None:
            return None
        return spread(row.value - baseline.value, error)
