"""Confidence: the bound passes, the corrected p-value fails, anything else needs more footage."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gates.made import FixedStatistics, gate, metric, spread
from vbench.gates.claim import Claim
from vbench.gates.judge import Baseline, judge
from vbench.types import Better, Gate, GateForm, GateResult, Metric, Verdict

SURE = gate(confidence=0.95)


def one(
    rule: Gate, row: Metric, statistics: FixedStatistics, before: Metric | None = None
) -> GateResult:
    baseline = None if before is None else Baseline("v1", None, (before,))
    (result,) = judge([rule], [row], ["v2"], ["dock"], baseline, statistics=statistics)
    return result


@pytest.mark.parametrize(
    ("form", "value", "verdict"),
    [
        # Limit 0.9, standard error 0.01: the bound is 0.01645 away.
        ("min", 0.917, Verdict.PASS),
        ("min", 0.916, Verdict.INCONCLUSIVE),
        ("min", 0.884, Verdict.INCONCLUSIVE),
        ("min", 0.883, Verdict.FAIL),
        ("max", 0.883, Verdict.PASS),
        ("max", 0.884, Verdict.INCONCLUSIVE),
        ("max", 0.916, Verdict.INCONCLUSIVE),
        ("max", 0.917, Verdict.FAIL),
    ],
)
def test_absolute_limits(form: GateForm, value: float, verdict: Verdict) -> None:
    rule = replace(SURE, form=form)
    result = one(rule, metric(value), FixedStatistics(of_values={"recall": 0.01}))
    assert result.verdict is verdict
    assert result.bound == pytest.approx(value - 0.016449 * (1 if form == "min" else -1), abs=1e-6)
    assert (result.more_footage is None) == (verdict is not Verdict.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("form", "better", "change", "verdict"),
    [
        # Margin 0.01, standard error of the change 0.01.
        ("not_worse", "higher", 0.007, Verdict.PASS),
        ("not_worse", "higher", 0.006, Verdict.INCONCLUSIVE),
        ("not_worse", "higher", -0.026, Verdict.INCONCLUSIVE),
        ("not_worse", "higher", -0.027, Verdict.FAIL),
        ("not_worse", "lower", -0.007, Verdict.PASS),
        ("not_worse", "lower", -0.006, Verdict.INCONCLUSIVE),
        ("not_worse", "lower", 0.027, Verdict.FAIL),
        ("max_drop", "lower", 0.007, Verdict.PASS),
        ("max_drop", "lower", -0.027, Verdict.FAIL),
        ("max_rise", "higher", -0.007, Verdict.PASS),
        ("max_rise", "higher", 0.027, Verdict.FAIL),
    ],
)
def test_changes(form: GateForm, better: Better, change: float, verdict: Verdict) -> None:
    rule = replace(SURE, form=form, limit=0.01)
    row = metric(0.5 + change, better=better)
    statistics = FixedStatistics(of_changes={"recall": 0.01})
    result = one(rule, row, statistics, metric(0.5, "v1"))
    assert result.verdict is verdict
    assert result.change is not None
    assert result.change.value == pytest.approx(change)


def test_a_change_that_cannot_be_paired_is_inconclusive() -> None:
    rule = replace(SURE, form="not_worse", limit=0.01)
    row = metric(0.9, no_interval="undefined in too many resamples")
    result = one(rule, row, FixedStatistics(of_values={"recall": 0.01}), metric(0.5, "v1"))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.change is not None
    assert (result.change.interval, result.change.p_value) == (None, None)
    assert result.change.reason == "undefined in too many resamples"
    assert "undefined in too many resamples" in result.explanation


def family(n_gates: int, value: float) -> tuple[GateResult, ...]:
    """Gates on as many metrics; the first has the value, the others are on their limit."""
    names = [f"metric{index}" for index in range(n_gates)]
    gates = [replace(SURE, metric=name) for name in names]
    rows = [metric(value if index == 0 else 0.9, name=name) for index, name in enumerate(names)]
    statistics = FixedStatistics(of_values=dict.fromkeys(names, 0.01))
    return judge(gates, rows, ["v2"], ["dock"], None, statistics=statistics)


def test_holm_makes_failing_harder_where_gates_are_many() -> None:
    # 2.3 standard errors below the limit: p = 0.0107, after ten gates 0.107.
    alone = family(1, 0.877)[0]
    assert alone.verdict is Verdict.FAIL
    assert alone.p_adjusted == alone.p_value == pytest.approx(0.0107, abs=1e-4)
    among = family(10, 0.877)[0]
    assert among.verdict is Verdict.INCONCLUSIVE
    assert among.p_value == alone.p_value
    assert among.p_adjusted == pytest.approx(0.107, abs=1e-3)
    assert "p = 0.011, p = 0.11 after correcting for 10 gates" in among.explanation


def test_footage_that_decides_is_that_of_the_corrected_claim() -> None:
    among = family(10, 0.877)[0]
    assert among.more_footage == pytest.approx((2.5758 / 2.3) ** 2, rel=0.01)


def test_holm_makes_passing_no_harder() -> None:
    assert family(10, 0.917)[0].verdict is Verdict.PASS


def test_families_are_pipelines_on_golden_sets() -> None:
    gates = [replace(SURE, metric=name) for name in ("recall", "precision")]
    rows = [
        metric(0.877, pipeline, name=name, golden_set=golden_set)
        for pipeline in ("v1", "v2")
        for golden_set in ("dock", "yard")
        for name in ("recall", "precision")
    ]
    statistics = FixedStatistics(of_values={"recall": 0.01, "precision": 0.01})
    results = judge(gates, rows, ["v1", "v2"], ["dock", "yard"], None, statistics=statistics)
    assert len(results) == 8
    for result in results:
        assert result.p_value is not None
        assert result.p_adjusted == pytest.approx(2 * result.p_value)


def test_gates_without_a_confidence_are_not_corrected_for() -> None:
    gates = [SURE, gate(limit=0.5), gate(limit=0.6)]
    statistics = FixedStatistics(of_values={"recall": 0.01})
    first, *others = judge(gates, [metric(0.877)], ["v2"], ["dock"], None, statistics=statistics)
    assert first.verdict is Verdict.FAIL
    assert all(item.p_value is None for item in others)


def test_footage_shrinks_the_error_with_its_root() -> None:
    # 1 standard error above the limit; 1.645 would do: 2.7 times the footage.
    result = one(SURE, metric(0.91), FixedStatistics(of_values={"recall": 0.01}))
    assert result.more_footage == pytest.approx(1.64485**2, rel=0.01)
    assert result.explanation.endswith("about 2.7 times as much would")


def test_no_footage_decides_a_value_on_its_limit() -> None:
    result = one(SURE, metric(0.9), FixedStatistics(of_values={"recall": 0.01}))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.more_footage is None
    assert result.explanation.endswith("more would not while the value stays at the limit")


@given(
    number=st.floats(-1, 1),
    error=st.floats(1e-6, 1),
    limit=st.floats(-1, 1),
    confidence=st.floats(0.5, 0.999),
    degrees=st.floats(1, 200),
    at_least=st.booleans(),
)
def test_bound_and_p_value_agree(
    number: float, error: float, limit: float, confidence: float, degrees: float, at_least: bool
) -> None:
    """A gate never both passes and fails, and the bound on either side says what p says."""
    claim = Claim(number, limit, at_least)
    known = spread(number, error, degrees=degrees)
    meets = claim.is_met_by(claim.bound(known, confidence))
    fails = claim.p_value(known) <= 1 - confidence
    assert not (meets and fails) or confidence == 0.5
    if meets:
        assert claim.holds() or abs(number - limit) < 1e-9
    misses = not claim.is_met_by(claim.opposite_bound(known, confidence))
    assert misses == fails or claim.p_value(known) == pytest.approx(1 - confidence, abs=1e-7)
