"""What gates compare with, and what may be compared with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from vbench.types import Metric, Slice

RowKey: TypeAlias = tuple[str, str, str | None, str | None, Slice]
"""Golden set, metric, class, clip, slice: a row of one pipeline; slice keys sorted."""

_TIMINGS = ("latency_", "throughput_")


@dataclass(frozen=True, slots=True)
class Baseline:
    """What `max_drop`, `max_rise` and `not_worse` compare with."""

    name: str
    """For messages: a pipeline's name, with the run's where it is an earlier one."""
    pipeline: str | None
    """The pipeline of this run that it is; None for an earlier run's."""
    metrics: tuple[Metric, ...]
    """Rows of the baseline pipeline."""
    not_comparable: Mapping[str, str] = field(default_factory=dict)
    """Golden set -> why nothing can be compared on it, such as ``it has changed since``."""
    other_machine: str = ""
    """How the machine of an earlier run differs, such as ``n_cpus is 8 and 2``."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What a gate compares with, rows at hand; the fields are those of `Baseline`."""

    name: str
    pipeline: str | None
    rows: Mapping[RowKey, Metric]
    not_comparable: Mapping[str, str] = field(default_factory=dict)
    other_machine: str = ""

    def obstacle(self, metric: str, golden_set: str) -> str:
        """Why a metric cannot be compared on a golden set; empty where it can."""
        reason = self.not_comparable.get(golden_set)
        if reason is not None:
            return f"golden set {golden_set}: {reason}"
        if self.pipeline is None and is_timing(metric):
            other = self.other_machine
            machine = f" (that was another machine: {other})" if other else ""
            return (
                f"speed is comparable only within one run, on one machine{machine}; name a pipeline"
                " of this run in `versus`"
            )
        return ""


def reference(baseline: Baseline) -> Reference:
    """The baseline with its rows indexed."""
    rows = indexed(baseline.metrics)
    return Reference(
        name=baseline.name,
        pipeline=baseline.pipeline,
        rows=rows,
        not_comparable=baseline.not_comparable,
        other_machine=baseline.other_machine,
    )


def indexed(metrics: Iterable[Metric]) -> dict[RowKey, Metric]:
    """Rows of one pipeline by what they are about."""
    return {row_key(metric): metric for metric in metrics}


def row_key(metric: Metric) -> RowKey:
    """What a row is about, but for its pipeline."""
    where = tuple(sorted(metric.slice))
    return metric.golden_set, metric.name, metric.class_name, metric.clip, where


def is_timing(metric: str) -> bool:
    """Whether a metric depends on the machine and on what else it does."""
    return metric.startswith(_TIMINGS)
