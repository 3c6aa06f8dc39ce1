"""What gates decide; always on unrounded values, and undefined never passes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from vbench.gates.baseline import Baseline, Reference, RowKey, indexed, is_timing, reference
from vbench.gates.claim import claim_of
from vbench.gates.compare import NOT_RESAMPLED, stopped, with_change
from vbench.gates.decide import OpenGate, decide
from vbench.gates.exempt import on_noisy_machine, with_quarantine
from vbench.gates.explain import decided_by_value, nothing_changed, subject, unknown
from vbench.gates.judge_require import judge_required
from vbench.gates.statistics import NO_STATISTICS, Statistics
from vbench.types import COMPARING, Change, Gate, GateResult, MachineLoad, Metric, Verdict

__all__ = ["Baseline", "judge", "overall"]


@dataclass(frozen=True, slots=True)
class _Measured:
    """What gates look at."""

    rows: Mapping[str, Mapping[RowKey, Metric]]
    """Pipeline -> its rows."""
    baseline: Reference | None
    statistics: Statistics
    confidence: float
    """Of the intervals that are shown."""

    def against(self, gate: Gate, pipeline: str) -> Reference | None:
        """What a pipeline's row is compared with; None for the baseline's own rows."""
        found = self.baseline
        if gate.versus is not None:
            found = Reference(gate.versus, gate.versus, self.rows.get(gate.versus, {}))
        return None if found is None or found.pipeline == pipeline else found


def judge(
    gates: Sequence[Gate],
    metrics: Iterable[Metric],
    pipelines: Sequence[str],
    golden_sets: Sequence[str],
    baseline: Baseline | None,
    *,
    statistics: Statistics = NO_STATISTICS,
    today: date | None = None,
    load: MachineLoad | None = None,
    confidence: float = 0.95,
) -> tuple[GateResult, ...]:
    """Apply every gate to every pipeline and golden set that it judges.

    A comparing gate is not applied to the pipeline that it compares with. The order is gates as
    written, then pipelines, then golden sets.

    Args:
        gates: the rules.
        metrics: rows of the run.
        pipelines: all of the run.
        golden_sets: all of the run.
        baseline: what comparing gates without `versus` look at; others show their change.
        statistics: how sure the rows are; gates with a confidence are inconclusive without.
        today: quarantines hold up to their day; None: none holds.
        load: what else the machine did while pipelines were timed.
        confidence: of the intervals of changes, in (0, 1).
    """
    by_pipeline: dict[str, list[Metric]] = {}
    for metric in metrics:
        by_pipeline.setdefault(metric.pipeline, []).append(metric)
    measured = _Measured(
        rows={name: indexed(rows) for name, rows in by_pipeline.items()},
        baseline=None if baseline is None else reference(baseline),
        statistics=statistics,
        confidence=confidence,
    )
    items = [
        _apply(gate, pipeline, golden_set, measured)
        for gate in gates
        for pipeline in gate.pipelines or pipelines
        if not _is_own_baseline(gate, pipeline, baseline)
        for golden_set in golden_sets
        if gate.golden_set in (None, golden_set)
    ]
    return tuple(with_quarantine(on_noisy_machine(result, load), today) for result in decide(items))


def overall(results: Iterable[GateResult]) -> Verdict:
    """The verdict of a set of gate results; warnings and quarantined gates do not count."""
    verdicts = {
        result.verdict
        for result in results
        if result.gate.level == "error" and not result.in_quarantine
    }
    if Verdict.FAIL in verdicts:
        return Verdict.FAIL
    if Verdict.INCONCLUSIVE in verdicts:
        return Verdict.INCONCLUSIVE
    return Verdict.PASS


def _is_own_baseline(gate: Gate, pipeline: str, baseline: Baseline | None) -> bool:
    """Whether a comparing gate would compare a pipeline with itself."""
    if gate.form not in COMPARING:
        return False
    if gate.versus is not None:
        return gate.versus == pipeline
    return baseline is not None and baseline.pipeline == pipeline


def _apply(
    gate: Gate, pipeline: str, golden_set: str, measured: _Measured
) -> GateResult | OpenGate:
    rows = measured.rows.get(pipeline, {})
    observed = rows.get((golden_set, gate.metric, gate.class_name, gate.clip, gate.slice))
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
    if gate.form == "require":
        return judge_required(result, [row for key, row in rows.items() if key[0] == golden_set])
    if observed is None:
        return replace(result, explanation=f"{subject(gate)} was not measured on this golden set")
    if observed.value is None:
        return replace(result, explanation=f"{subject(gate)} is undefined: {observed.reason}")
    return _judge_value(result, observed, observed.value, measured)


def _judge_value(
    result: GateResult, observed: Metric, value: float, measured: _Measured
) -> GateResult | OpenGate:
    """A gate whose row has a value."""
    gate = result.gate
    against = measured.against(gate, result.pipeline)
    if gate.form in COMPARING and (end := stopped(result, observed, against)) is not None:
        return end
    result, paired = with_change(
        result, observed, against, measured.statistics, measured.confidence
    )
    if gate.min_n is not None and observed.n < gate.min_n:
        return _too_few(result, observed.n, gate.min_n)
    before = None if result.baseline is None else result.baseline.value
    claim = claim_of(gate, observed, value, before)
    if gate.form in COMPARING and _same_answers(result, measured.statistics):
        verdict = Verdict.PASS if claim.holds() else Verdict.FAIL
        text = nothing_changed(result, claim)
        none = Change(0.0, None, "both gave the very same answers", None)
        return replace(result, verdict=verdict, change=none, explanation=text)
    if gate.confidence is None:
        verdict = Verdict.PASS if claim.holds() else Verdict.FAIL
        return replace(result, verdict=verdict, explanation=decided_by_value(result, claim))
    spread = paired if gate.form in COMPARING else measured.statistics.spread(observed)
    if spread is None:
        known = result.change if gate.form in COMPARING else None
        reason = known.reason if known is not None else observed.no_interval or NOT_RESAMPLED
        text = unknown(result, claim, reason)
        return replace(result, verdict=Verdict.INCONCLUSIVE, explanation=text)
    return OpenGate(result, claim, spread, gate.confidence)


def _same_answers(result: GateResult, statistics: Statistics) -> bool:
    """Whether the two pipelines differ in nothing that the metric could see."""
    observed, baseline = result.observed, result.baseline
    if observed is None or baseline is None or is_timing(observed.name):
        return False
    return statistics.same_answers(observed, baseline)


def _too_few(result: GateResult, n: int, min_n: int) -> GateResult:
    return replace(
        result,
        verdict=Verdict.INCONCLUSIVE,
        more_footage=min_n / n if n > 0 else None,
        explanation=f"{subject(result.gate)} cannot be decided: it rests on n = {n:,} and needs at"
        f" least {min_n:,}, {min_n - n:,} more",
    )
