"""A gate result line by line: expected, found, how sure, what carries the loss, what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vbench.metrics.cause_scope import ERROR_SIDES
from vbench.report import wording
from vbench.report.cause_wording import cause_sentences
from vbench.report.footage import more_footage_text
from vbench.report.lookup import gate_clips
from vbench.report.numbers import (
    MINUS,
    limit_text,
    number_text,
    number_with_unit,
    plural,
    unit_suffix,
)
from vbench.types import COMPARING, Change, GateResult, Interval, Metric, Run, Verdict


@dataclass(frozen=True, slots=True)
class Fact:
    """One line about a gate result."""

    label: str
    text: str


def gate_facts(run: Run, result: GateResult) -> tuple[Fact, ...]:
    """Everything that is known of a gate result besides its sentence, most important first.

    Only what is there: a gate without a baseline has no line about one.

    Args:
        run: what the gate was judged on.
        result: one of its gates.
    """
    gate, metric = result.gate, result.observed
    found = [
        Fact("expected", _expected(result)),
        Fact("found", _found(run, result)),
        *(Fact("baseline", text) for text in _baseline(result)),
        *_certainty(run, result),
        *(Fact("why", text) for text in why_sentences(run, result)),
        *(Fact("quarantine", text) for text in _quarantine(result)),
    ]
    if metric is not None and metric.operating_point is not None:
        found.append(Fact("operating point", metric.operating_point.text()))
    preset = f" (preset {gate.preset})" if gate.preset else ""
    found.append(Fact("rule", f"{gate.title()}, {gate.source}{preset}"))
    return tuple(found)


def why_sentences(run: Run, result: GateResult) -> tuple[str, ...]:
    """What carries the loss of a gate that did not pass; nothing where that is not known."""
    clips = gate_clips(run, result)
    return cause_sentences(
        result.causes,
        result.gate.metric,
        len(clips),
        {clip.id: clip.facts.fps for clip in clips},
        new_only=is_about_new_errors(result),
    )


def is_about_new_errors(result: GateResult) -> bool:
    """Whether the causes of a gate are errors that the baseline does not have."""
    compared = result.gate.form in COMPARING and result.baseline is not None
    return compared and result.gate.metric in ERROR_SIDES


def interval_text(interval: Interval, unit: str) -> str:
    """``95 % interval 0.571 to 0.655``."""
    low, high = (number_text(value, unit) for value in (interval.low, interval.high))
    return f"{100 * interval.confidence:g} % interval {low} to {high}{unit_suffix(unit)}"


def p_text(p_value: float) -> str:
    """``p = 0.004``, ``p < 0.001``."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.2g}"


def is_judged(result: GateResult) -> bool:
    """Whether there was a value to judge; a required slice that is missing is a judgement too."""
    if result.gate.form == "require":
        return True
    return result.observed is not None and result.observed.value is not None


def _expected(result: GateResult) -> str:
    least = result.gate.min_n
    support = "" if least is None else f", with support of {least:,} or more"
    return f"{wording.gate_limit(result.gate)}{support}"


def _found(run: Run, result: GateResult) -> str:
    metric = result.observed
    if result.gate.form == "require":
        return "nothing" if metric is None else plural(metric.n, "truth box", "truth boxes")
    if metric is None:
        return wording.NOT_MEASURED
    if metric.value is None:
        return f"undefined: {metric.reason}"
    support = "; ".join(_support(metric, len(gate_clips(run, result))))
    return f"{wording.gate_observed(result)} ({support})"


def _support(metric: Metric, n_clips: int) -> Iterator[str]:
    """How sure a value is, and on what it rests."""
    interval = metric.interval
    if interval is not None:
        yield f"{interval_text(interval, metric.unit)}{_units(interval, n_clips)}"
    elif metric.no_interval:
        yield f"no interval: {metric.no_interval}"
    n = f"n = {metric.n:,}"
    if interval is not None and interval.n_effective is not None:
        n += f", worth about {interval.n_effective:,.0f} independent ones"
    yield n


def _units(interval: Interval, n_clips: int) -> str:
    """What was resampled, and what that leaves unsaid."""
    if not interval.n_units:
        return ""
    if interval.units == "clips":
        return f", from {plural(interval.n_units, 'clip')}"
    blocks = f", from {plural(interval.n_units, 'block')} of {plural(n_clips, 'clip')}"
    return f"{blocks}: says nothing about other scenes"


def _baseline(result: GateResult) -> list[str]:
    change, baseline = result.change, result.baseline
    if change is None and baseline is None:
        return []
    unit = wording.metric_unit(result.gate.metric)
    name = result.baseline_name or "the baseline"
    if baseline is None:
        before = name
    elif baseline.value is None:
        before = f"undefined at {name}: {baseline.reason}"
    else:
        before = f"{number_with_unit(baseline.value, unit)} of {name}"
    return [before if change is None else f"{before}; {_change(change, unit)}"]


def _change(change: Change, unit: str) -> str:
    sign = MINUS if change.value < 0 else "+" if change.value > 0 else ""
    amount = f"{sign}{limit_text(float(f'{abs(change.value):.3g}'), unit)}"
    if change.interval is None:
        return f"changed by {amount}{f', not paired: {change.reason}' if change.reason else ''}"
    sure = [interval_text(change.interval, unit)]
    if change.p_value is not None:
        sure.append(f"{p_text(change.p_value)} of no change")
    return f"changed by {amount} ({', '.join(sure)})"


def _certainty(run: Run, result: GateResult) -> Iterator[Fact]:
    if result.p_value is not None and result.verdict is not Verdict.PASS:
        text = f"{p_text(result.p_value)} if the rule were met"
        if result.p_adjusted is not None:
            text += f", {p_text(result.p_adjusted)} after Holm's correction for several gates"
        yield Fact("certainty", text)
    more = more_footage_text(run, result)
    if more:
        yield Fact("footage", more)


def _quarantine(result: GateResult) -> list[str]:
    quarantine = result.gate.quarantine
    if quarantine is None:
        return []
    until = "does not count until" if result.in_quarantine else "expired on"
    return [f"{until} {quarantine.expires.isoformat()}, {quarantine.owner}: {quarantine.reason}"]
