"""Intervals, verdicts with confidence, and causes of a made run: normal, slow and obvious."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist

from tests.report.made_plan import RunPlan
from vbench.types import (
    COMPARING,
    Cause,
    Change,
    GateResult,
    Interval,
    Metric,
    Verdict,
)

BOXES_PER_LOOK = 20
"""So many boxes are worth one independent look."""
N_BLOCKS = 65


def with_interval(metric: Metric) -> Metric:
    """A 95 % interval for shares between 0 and 1; a reason for all else that is defined."""
    if metric.value is None:
        return metric
    half = 1.96 * _error(metric)
    if not half:
        return replace(metric, no_interval="not resampled in this made run")
    low, high = max(0.0, metric.value - half), min(1.0, metric.value + half)
    n_effective = metric.n / BOXES_PER_LOOK
    return replace(metric, interval=Interval(low, high, 0.95, "blocks", N_BLOCKS, n_effective))


def _error(metric: Metric) -> float:
    if metric.unit != "ratio" or metric.value is None or not 0 < metric.value < 1:
        return 0.0
    return math.sqrt(metric.value * (1 - metric.value) * BOXES_PER_LOOK / metric.n)


def decided(plan: RunPlan, result: GateResult, metrics: Sequence[Metric]) -> GateResult:
    """The verdict with the confidence that is asked, and everything that explains it."""
    gate = result.gate
    quarantine = gate.quarantine
    held = quarantine is not None and plan.today <= quarantine.expires
    result = replace(_with_confidence(_with_change(result)), in_quarantine=held)
    if result.verdict is Verdict.PASS:
        return result
    causes = _causes(plan, result, metrics)
    clips = " ".join(f"--clip {cause.name}" for cause in causes if cause.kind == "clip")
    rerun = f"vbench run {plan.benchmark_file} --pipeline {result.pipeline} {clips}".strip()
    return replace(result, causes=causes, rerun=rerun)


def _with_change(result: GateResult) -> GateResult:
    observed, before = result.observed, result.baseline
    if observed is None or before is None or observed.value is None or before.value is None:
        return result
    value = observed.value - before.value
    error = math.hypot(_error(observed), _error(before)) / 2
    if not error:
        change = Change(value, None, "the values were not resampled", None)
        return replace(result, change=change)
    low, high = value - 1.96 * error, value + 1.96 * error
    p_value = 2 * (1 - NormalDist().cdf(abs(value) / error))
    interval = Interval(low, high, 0.95, "blocks", N_BLOCKS, observed.n / BOXES_PER_LOOK)
    return replace(result, change=Change(value, interval, "", p_value))


def _with_confidence(result: GateResult) -> GateResult:
    """Higher is better in all gates with confidence of the made runs."""
    gate, observed = result.gate, result.observed
    if gate.confidence is None or observed is None or observed.value is None:
        return result
    if gate.form in COMPARING:
        if result.change is None or result.change.interval is None:
            return result
        value, limit = result.change.value, -gate.limit
        error = (result.change.interval.high - value) / 1.96
    else:
        value, limit, error = observed.value, gate.limit, _error(observed)
    sure = NormalDist().inv_cdf(gate.confidence)
    bound = value - sure * error
    p_value = NormalDist().cdf((value - limit) / error)
    p_adjusted = min(1.0, 3 * p_value)
    if bound >= limit:
        verdict = Verdict.PASS
    else:
        failed = p_adjusted <= 1 - gate.confidence
        verdict = Verdict.FAIL if failed else Verdict.INCONCLUSIVE
    more = (sure * error / (value - limit)) ** 2 if verdict is Verdict.INCONCLUSIVE else None
    return replace(
        result,
        verdict=verdict,
        bound=bound,
        p_value=p_value,
        p_adjusted=p_adjusted,
        more_footage=more,
        explanation=f"{gate.title()}: found {observed.value:.3f}, bound {bound:.3f}",
    )


def _causes(plan: RunPlan, result: GateResult, metrics: Sequence[Metric]) -> tuple[Cause, ...]:
    """The two clips with most misses; a size, an error kind and a stretch that are made up."""
    gate = result.gate
    if gate.metric not in ("recall", "f1") or gate.form == "require":
        return ()
    missed = {
        metric.clip: int(metric.value or 0)
        for metric in metrics
        if (metric.pipeline, metric.name, metric.class_name, metric.slice)
        == (result.pipeline, "fn", gate.class_name, ())
        and metric.clip is not None
    }
    total = sum(missed.values())
    if not total:
        return ()
    worst = sorted(missed, key=lambda clip: -missed[clip])[:2]
    clips = [
        Cause("clip", clip, None, missed[clip], missed[clip] / total, 0.8 + 0.05 * k)
        for k, clip in enumerate(worst)
    ]
    return (
        *clips,
        Cause("slice", "daypart=night", None, total // 2, 0.5, 0.871),
        Cause("size", "size=small", None, round(0.71 * total), 0.71, 0.93),
        Cause("error", "missed", None, total, 1.0, 1.0),
        Cause("stretch", worst[0], (183, 212), total // 9, 1 / 9, 0.66),
    )
