"""What gates decide; always on unrounded values, and undefined never passes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from vbench.types import Gate, GateResult, Metric, Slice, Verdict

_Key = tuple[str, str, str, str | None, str | None, Slice]


@dataclass(frozen=True, slots=True)
class Baseline:
    """What `max_drop` and `max_rise` compare with."""

    name: str
    """For messages: a pipeline's name, with the run's where it is an earlier one."""
    pipeline: str | None
    """The pipeline of this run that it is; None for an earlier run's."""
    metrics: tuple[Metric, ...]
    """Rows of the baseline pipeline."""


def judge(
    gates: Sequence[Gate],
    metrics: Iterable[Metric],
    pipelines: Sequence[str],
    golden_sets: Sequence[str],
    baseline: Baseline | None,
) -> tuple[GateResult, ...]:
    """Apply every gate to every pipeline and golden set that it judges.

    A comparing gate is not applied to the pipeline that it compares with. The order is gates as
    written, then pipelines, then golden sets.
    """
    rows = {_key(metric): metric for metric in metrics}
    results = []
    for gate in gates:
        against = _against(gate, rows, baseline)
        for pipeline in gate.pipelines or pipelines:
            if gate.form in ("max_drop", "max_rise") and against and against.pipeline == pipeline:
                continue
            for golden_set in golden_sets:
                if gate.golden_set in (None, golden_set):
                    results.append(_apply(gate, pipeline, golden_set, rows, against))
    return tuple(results)


def overall(results: Iterable[GateResult]) -> Verdict:
    """The verdict of a set of gate results; warnings do not count."""
    verdicts = {result.verdict for result in results if result.gate.level == "error"}
    if Verdict.FAIL in verdicts:
        return Verdict.FAIL
    if Verdict.INCONCLUSIVE in verdicts:
        return Verdict.INCONCLUSIVE
    return Verdict.PASS


def _against(gate: Gate, rows: Mapping[_Key, Metric], baseline: Baseline | None) -> Baseline | None:
    if gate.versus is None:
        return baseline
    metrics = tuple(metric for metric in rows.values() if metric.pipeline == gate.versus)
    return Baseline(gate.versus, gate.versus, metrics)


def _apply(
    gate: Gate,
    pipeline: str,
    golden_set: str,
    rows: Mapping[_Key, Metric],
    against: Baseline | None,
) -> GateResult:
    observed = rows.get(_wanted(gate, pipeline, golden_set))
    result = GateResult(
        gate=gate,
        pipeline=pipeline,
        golden_set=golden_set,
        observed=observed,
        baseline=None,
        baseline_name=None,
        verdict=Verdict.FAIL,
        explanation="",
    )
    if observed is None:
        return replace(result, explanation=f"{_subject(gate)} was not measured on this golden set")
    if observed.value is None:
        return replace(result, explanation=f"{_subject(gate)} is undefined: {observed.reason}")
    if gate.form in ("min", "max"):
        passes = (
            observed.value >= gate.limit if gate.form == "min" else observed.value <= gate.limit
        )
        return replace(
            result,
            verdict=Verdict.PASS if passes else Verdict.FAIL,
            explanation=_absolute_text(gate, observed, observed.value, passes),
        )
    return _compare(result, observed, observed.value, against)


def _compare(
    result: GateResult, observed: Metric, value: float, against: Baseline | None
) -> GateResult:
    gate = result.gate
    if against is None:
        return replace(result, explanation=f"{_subject(gate)} has no baseline to compare with")
    wanted = {_key(metric)[1:]: metric for metric in against.metrics}
    baseline = wanted.get(_key(observed)[1:])
    result = replace(result, baseline=baseline, baseline_name=against.name)
    if baseline is None or baseline.value is None:
        reason = "was not measured" if baseline is None else f"is undefined: {baseline.reason}"
        return replace(
            result, explanation=f"{_subject(gate)} of the baseline {against.name} {reason}"
        )
    change = value - baseline.value
    worse = -change if gate.form == "max_drop" else change
    passes = worse <= gate.limit
    direction = "rose" if change > 0 else "dropped" if change < 0 else "did not change"
    moved = f"{direction} by {abs(change):.4g}" if change else direction
    allowed = "drop" if gate.form == "max_drop" else "rise"
    explanation = (
        f"{_subject(gate)} {moved} against {against.name} "
        f"({baseline.value:.4g} to {value:.4g}, n = {observed.n}); "
        f"it may {allowed} by {gate.limit:g}"
    )
    return replace(
        result, verdict=Verdict.PASS if passes else Verdict.FAIL, explanation=explanation
    )


def _absolute_text(gate: Gate, observed: Metric, value: float, passes: bool) -> str:
    shown = _shown(value, gate.limit)
    bound = "at least" if gate.form == "min" else "at most"
    verb = "and must be" if passes else "but must be"
    return f"{_subject(gate)} is {shown} (n = {observed.n}) {verb} {bound} {gate.limit:g}"


def _shown(value: float, limit: float) -> str:
    """Enough digits that a value beside the limit does not look equal to it."""
    for digits in (4, 6, 9):
        text = f"{value:.{digits}g}"
        if value == limit or float(text) != limit:
            return text
    return repr(value)


def _subject(gate: Gate) -> str:
    """``recall of person at daypart=night``."""
    text = gate.metric
    if gate.class_name is not None:
        text += f" of {gate.class_name}"
    if gate.slice:
        text += " at " + ", ".join(f"{key}={value}" for key, value in gate.slice)
    if gate.clip is not None:
        text += f" in clip {gate.clip}"
    return text


def _key(metric: Metric) -> _Key:
    return (
        metric.pipeline,
        metric.golden_set,
        metric.name,
        metric.class_name,
        metric.clip,
        tuple(sorted(metric.slice)),
    )


def _wanted(gate: Gate, pipeline: str, golden_set: str) -> _Key:
    return (pipeline, golden_set, gate.metric, gate.class_name, gate.clip, gate.slice)
