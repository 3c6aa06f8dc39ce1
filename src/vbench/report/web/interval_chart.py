"""A value with its interval beside the limit, as positions in per cent of the drawing's width."""

from __future__ import annotations

from dataclasses import dataclass, replace

from vbench.report.numbers import MINUS, limit_text, number_text
from vbench.report.wording import bound_text, gate_limit, is_floor, metric_unit
from vbench.types import COMPARING, GateResult, Interval

_MARGIN = 17.0
"""Room at both sides, for the numbers at the ends of the interval."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A point on the axis and its number."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class IntervalChart:
    """One gate drawn: of a comparing gate the change, of any other the value."""

    low: Mark
    high: Mark
    value: Mark
    limit: Mark
    allowed: tuple[float, float]
    """Start and width of the side where the rule is met."""
    baseline: Mark | None
    bound: Mark | None
    """What is sure at the confidence that the gate asks for."""
    is_change: bool
    interval_words: str
    """``95 % interval of the change``."""
    description: str
    """The drawing in words."""


def interval_chart(result: GateResult) -> IntervalChart | None:
    """The drawing of a gate; None for one without an interval."""
    gate = result.gate
    compared = gate.form in COMPARING
    value, interval = _number(result, compared)
    if value is None or interval is None or gate.form == "require":
        return None
    limit = _limit(result)
    baseline = _baseline(result, compared)
    points = [value, interval.low, interval.high, limit]
    points += [point for point in (baseline, result.bound) if point is not None]
    axis = _Axis(min(points), max(points), metric_unit(gate.metric), signed=compared)
    sure = bound_text(result)
    bound = Mark(axis.mark(result.bound).at, sure) if result.bound is not None and sure else None
    at_limit = axis.mark(limit)
    upward = is_floor(result)
    of = " of the change" if compared else ""
    words = f"{100 * interval.confidence:g} % interval{of}"
    low, high, found = (axis.mark(point) for point in (interval.low, interval.high, value))
    return IntervalChart(
        low=low,
        high=high,
        value=found,
        limit=Mark(at_limit.at, _limit_words(result)),
        allowed=(at_limit.at, 100 - at_limit.at) if upward else (0.0, at_limit.at),
        baseline=None if baseline is None else axis.mark(baseline),
        bound=bound,
        is_change=compared,
        interval_words=words,
        description=f"{found.text}, {words} {low.text} to {high.text}; {_limit_words(result)}",
    )


@dataclass(frozen=True, slots=True)
class _Axis:
    first: float
    last: float
    unit: str
    signed: bool

    def mark(self, point: float) -> Mark:
        span = self.last - self.first
        share = 0.5 if span <= 0 else (point - self.first) / span
        return Mark(round(_MARGIN + (100 - 2 * _MARGIN) * share, 2), self._text(point))

    def _text(self, point: float) -> str:
        text = number_text(point, self.unit)
        return f"+{text}" if self.signed and point > 0 else text


def _number(result: GateResult, compared: bool) -> tuple[float | None, Interval | None]:
    if compared:
        change = result.change
        return (None, None) if change is None else (change.value, change.interval)
    metric = result.observed
    return (None, None) if metric is None else (metric.value, metric.interval)


def _limit(result: GateResult) -> float:
    """Where the rule turns, on the axis that is drawn."""
    compared = result.gate.form in COMPARING
    return -result.gate.limit if compared and is_floor(result) else result.gate.limit


def _limit_words(result: GateResult) -> str:
    gate = result.gate
    if gate.form not in COMPARING:
        return gate_limit(replace(gate, confidence=None))
    sign = MINUS if is_floor(result) and gate.limit else ""
    return f"limit {sign}{limit_text(gate.limit, metric_unit(gate.metric))}"


def _baseline(result: GateResult, compared: bool) -> float | None:
    """No change is where the baseline is, on an axis of changes."""
    if compared:
        return 0.0
    return None if result.baseline is None else result.baseline.value
