"""A row beside the baseline's: what can be compared, and how much it changed."""

from __future__ import annotations

from dataclasses import replace

from vbench.gates.baseline import Reference, row_key
from vbench.gates.explain import subject
from vbench.gates.statistics import Statistics
from vbench.stats import interval, two_sided_p
from vbench.types import Change, GateResult, Metric, Spread, Verdict

NOT_RESAMPLED = "the run was not resampled"
"""Why a number has no spread where its row gives no reason."""

_BELOW_ZERO = ("mota",)
"""Ratios that may be negative, so that they may change by more than 1."""

_NOT_PAIRED = "the two were not measured on the same resamples"


def stopped(result: GateResult, observed: Metric, against: Reference | None) -> GateResult | None:
    """The result of a comparing gate that has nothing to compare with; None where it has.

    A baseline that is missing or undefined fails. One that was measured on other footage, or on
    another machine, decides nothing.
    """
    about = subject(result.gate)
    if against is None:
        return replace(result, explanation=f"{about} has no baseline to compare with")
    result = replace(result, baseline_name=against.name)
    obstacle = against.obstacle(observed.name, observed.golden_set)
    if obstacle:
        return replace(
            result,
            verdict=Verdict.INCONCLUSIVE,
            explanation=f"{about} cannot be compared with {against.name}: {obstacle}",
        )
    baseline = against.rows.get(row_key(observed))
    if baseline is not None and baseline.value is not None:
        return None
    reason = "was not measured" if baseline is None else f"is undefined: {baseline.reason}"
    return replace(
        result,
        baseline=baseline,
        explanation=f"{about} of the baseline {against.name} {reason}",
    )


def with_change(
    result: GateResult,
    observed: Metric,
    against: Reference | None,
    statistics: Statistics,
    confidence: float,
) -> tuple[GateResult, Spread | None]:
    """The result with the baseline's row and the change, where both have values to compare.

    Args:
        result: of any form.
        observed: its row.
        against: what to compare with.
        statistics: how sure the change is.
        confidence: of the change's interval.

    Returns:
        The result, and the spread of the change as far as it is known.
    """
    if against is None or against.obstacle(observed.name, observed.golden_set):
        return result, None
    baseline = against.rows.get(row_key(observed))
    if baseline is None or baseline.value is None or observed.value is None:
        return result, None
    value = observed.value - baseline.value
    spread = statistics.change(observed, baseline)
    if spread is None:
        otherwise = NOT_RESAMPLED if observed.interval is None else _NOT_PAIRED
        reason = observed.no_interval or baseline.no_interval or otherwise
        change = Change(value, None, reason, None)
    else:
        change = change_of(observed, value, spread, confidence)
    return replace(result, baseline=baseline, baseline_name=against.name, change=change), spread


def change_of(row: Metric, value: float, spread: Spread, confidence: float) -> Change:
    """A change with its interval; that of a share stays within what a share can change by."""
    found = interval(spread, confidence)
    if row.unit == "ratio" and row.name not in _BELOW_ZERO:
        found = replace(found, low=max(found.low, -1.0), high=min(found.high, 1.0))
    return Change(value, found, "", two_sided_p(spread, 0.0))
