"""What cannot be compared decides nothing, and says why."""

from __future__ import annotations

import pytest

from tests.gates.made import FixedStatistics, gate, metric
from vbench.gates.judge import Baseline, judge
from vbench.types import Gate, GateResult, Metric, Verdict


def latency(value: float, pipeline: str = "v2") -> Metric:
    return metric(value, pipeline, name="latency_ms_p95", unit="ms", better="lower")


def compared(row: Metric, baseline: Baseline, **changes: object) -> GateResult:
    rule = gate(form="max_rise", limit=1.0, metric=row.name, **changes)
    (result,) = judge([rule], [row], ["v2"], ["dock"], baseline)
    return result


def test_speed_of_an_earlier_run_is_not_compared() -> None:
    result = compared(latency(50), Baseline("v1 of May", None, (latency(20, "v1"),)))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.explanation == (
        "latency_ms_p95 cannot be compared with v1 of May: speed is comparable only within one"
        " run, on one machine; name a pipeline of this run in `versus`"
    )


def test_speed_of_a_pipeline_of_the_same_run_is_compared() -> None:
    result = compared(latency(50), Baseline("v1", "v1", (latency(20, "v1"),)))
    assert result.verdict is Verdict.FAIL


def test_versus_a_pipeline_of_this_run_is_compared_beside_an_earlier_baseline() -> None:
    rule = gate(form="max_rise", limit=1.0, metric="latency_ms_p95", versus="v1")
    rows = [latency(20, "v1"), latency(50)]
    (result,) = judge([rule], rows, ["v1", "v2"], ["dock"], Baseline("v0", None, ()))
    assert (result.verdict, result.baseline) == (Verdict.FAIL, rows[0])


def test_other_footage_is_not_compared() -> None:
    before = Baseline("v1", None, (metric(0.9, "v1"),), {"dock": "it has changed since"})
    result = compared(metric(0.9), before)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.explanation == (
        "recall cannot be compared with v1: golden set dock: it has changed since"
    )


@pytest.mark.parametrize(
    ("row", "before"),
    [
        (latency(50), Baseline("v1", None, (latency(20, "v1"),))),
        (metric(0.95), Baseline("v1", None, (metric(0.9, "v1"),), {"dock": "other taxonomy"})),
    ],
)
def test_an_absolute_gate_shows_no_change_that_cannot_be(row: Metric, before: Baseline) -> None:
    (result,) = judge(
        [gate(metric=row.name, limit=0.9)],
        [row],
        ["v2"],
        ["dock"],
        before,
        statistics=FixedStatistics(of_changes={row.name: 0.01}),
    )
    assert result.verdict is Verdict.PASS
    assert (result.baseline, result.change) == (None, None)


def test_undefined_fails_before_anything_is_compared() -> None:
    row = metric(None, name="latency_ms_p95", reason="results were replayed")
    result = compared(row, Baseline("v1", None, ()))
    assert result.verdict is Verdict.FAIL
    assert "replayed" in result.explanation


def test_a_missing_baseline_fails() -> None:
    (result,) = judge([gate(form="max_drop")], [metric(0.9)], ["v2"], ["dock"], None)
    assert result.verdict is Verdict.FAIL
    assert "no baseline" in result.explanation


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        (gate(form="not_worse", limit=0.0, confidence=0.95), Verdict.PASS),
        (gate(form="max_drop", limit=0.01), Verdict.PASS),
        (gate(form="max_drop", limit=-0.01), Verdict.FAIL),
    ],
)
def test_the_same_answers_are_no_change_at_all(rule: Gate, verdict: Verdict) -> None:
    (result,) = judge(
        [rule],
        [metric(0.9), metric(0.9, "v1")],
        ["v2"],
        ["dock"],
        Baseline("v1", "v1", (metric(0.9, "v1"),)),
        statistics=FixedStatistics(of_changes={"recall": 0.5}, same=True),
    )
    assert result.verdict is verdict
    assert "both gave the very same answers" in result.explanation


def test_the_same_answers_may_take_other_times() -> None:
    rule = gate(metric="latency_ms_p95", form="max_rise", limit=5.0, versus="v1")
    (result,) = judge(
        [rule],
        [latency(50), latency(20, "v1")],
        ["v2"],
        ["dock"],
        None,
        statistics=FixedStatistics(same=True),
    )
    assert result.verdict is Verdict.FAIL


def test_a_change_of_a_share_stays_in_reach() -> None:
    (result,) = judge(
        [gate(form="max_drop", limit=0.5)],
        [metric(0.9), metric(0.1, "v1")],
        ["v2"],
        ["dock"],
        Baseline("v1", "v1", (metric(0.1, "v1"),)),
        statistics=FixedStatistics(of_changes={"recall": 0.3}),
    )
    assert result.change is not None
    assert result.change.interval is not None
    assert result.change.interval.high == 1.0
