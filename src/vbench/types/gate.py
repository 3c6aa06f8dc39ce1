"""Gates and what they decided."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from vbench.types.metric import Metric, Slice

GateForm = Literal["min", "max", "max_drop", "max_rise"]
GateLevel = Literal["error", "warn"]


class Verdict(StrEnum):
    """What a gate, a pipeline or a run comes to."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Gate:
    """A rule over one metric."""

    metric: str
    form: GateForm
    limit: float
    class_name: str | None
    slice: Slice
    clip: str | None
    level: GateLevel
    pipelines: tuple[str, ...] | None
    """Pipelines that it judges; None: all."""
    golden_set: str | None
    """The golden set that it judges on; None: each."""
    versus: str | None
    """The pipeline of this run to compare with; None: the benchmark's baseline."""
    source: str
    """``file:line`` of the rule, for messages and annotations."""

    def title(self) -> str:
        """``recall[person] daypart=night >= 0.8``: the rule as a reader would write it."""
        subject = self.metric if self.class_name is None else f"{self.metric}[{self.class_name}]"
        where = [f"{key}={value}" for key, value in self.slice]
        if self.clip is not None:
            where.append(f"clip={self.clip}")
        rule = {
            "min": f">= {self.limit:g}",
            "max": f"<= {self.limit:g}",
            "max_drop": f"drops at most {self.limit:g}",
            "max_rise": f"rises at most {self.limit:g}",
        }[self.form]
        return " ".join([subject, *where, rule])


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate applied to one pipeline on one golden set."""

    gate: Gate
    pipeline: str
    golden_set: str
    observed: Metric | None
    """None where the run has no such metric at all."""
    baseline: Metric | None
    """What `max_drop` and `max_rise` compared with."""
    baseline_name: str | None
    verdict: Verdict
    explanation: str
    """One sentence: expected, found, and why."""
