"""Gates and what they decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from vbench.types.cause import Cause
from vbench.types.metric import Metric, Slice
from vbench.types.sampling import Change

GateForm = Literal["min", "max", "max_drop", "max_rise", "not_worse", "require"]
GateLevel = Literal["error", "warn"]

COMPARING: tuple[GateForm, ...] = ("max_drop", "max_rise", "not_worse")
"""Forms that look at a baseline."""


class Verdict(StrEnum):
    """What a gate, a pipeline or a run comes to."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Quarantine:
    """A gate that may fail for a while; measured and shown all the same."""

    owner: str
    reason: str
    expires: date
    """The last day on which it holds."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A rule over one metric."""

    metric: str
    form: GateForm
    limit: float
    """Of `not_worse` the margin; of `require` the least number of truth boxes."""
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
    confidence: float | None = None
    """How sure the verdict must be, in (0, 1); None: the value alone decides."""
    min_n: int | None = None
    """Least support for a verdict."""
    quarantine: Quarantine | None = None
    preset: str | None = None
    """Name of the preset that it comes from."""

    def title(self) -> str:
        """``recall[person] daypart=night >= 0.8``: the rule as a reader would write it."""
        subject = self.metric if self.class_name is None else f"{self.metric}[{self.class_name}]"
        where = [f"{key}={value}" for key, value in self.slice]
        if self.clip is not None:
            where.append(f"clip={self.clip}")
        if self.form == "require":
            of_class = [] if self.class_name is None else [self.class_name]
            return " ".join(["require", *of_class, *where, f"n >= {self.limit:g}"])
        rule = {
            "min": f">= {self.limit:g}",
            "max": f"<= {self.limit:g}",
            "max_drop": f"drops at most {self.limit:g}",
            "max_rise": f"rises at most {self.limit:g}",
            "not_worse": f"not worse by {self.limit:g}",
        }[self.form]
        sure = [] if self.confidence is None else [f"({100 * self.confidence:g} % sure)"]
        return " ".join([subject, *where, rule, *sure])


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate applied to one pipeline on one golden set."""

    gate: Gate
    pipeline: str
    golden_set: str
    observed: Metric | None
    """None where the run has no such metric at all."""
    baseline: Metric | None
    """What a comparing gate compared with."""
    baseline_name: str | None
    verdict: Verdict
    explanation: str
    """One sentence: expected, found, and why."""
    change: Change | None = None
    """Against the baseline; also of a gate that does not compare, where there is one."""
    bound: float | None = None
    """The one-sided bound that `Gate.confidence` is about: of the value, or of the change."""
    p_value: float | None = None
    """One-sided, of the rule being met; only with `Gate.confidence`."""
    p_adjusted: float | None = None
    """The same after Holm's correction over the gates of the pipeline on the golden set."""
    more_footage: float | None = None
    """How many times the footage, about, would decide an inconclusive gate."""
    in_quarantine: bool = False
    """Whether a quarantine that still holds keeps it from counting."""
    causes: tuple[Cause, ...] = ()
    """What carries the loss, most telling first within each kind; of gates that did not pass."""
    rerun: str = ""
    """The command that runs only what matters to it again; of gates that did not pass."""
