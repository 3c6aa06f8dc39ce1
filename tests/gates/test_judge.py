"""Gates: unrounded comparison, undefined never passes, the baseline is not judged by itself."""

from __future__ import annotations

from datetime import date

import pytest

from tests.gates.made import GATE, FixedStatistics, gate, metric
from vbench.gates.judge import Baseline, judge, overall
from vbench.types import GateForm, Quarantine, Verdict


@pytest.mark.parametrize(
    ("form", "value", "verdict"),
    [
        ("min", 0.9, Verdict.PASS),
        ("min", 0.8999999999, Verdict.FAIL),
        ("max", 0.9, Verdict.PASS),
        ("max", 0.9000000001, Verdict.FAIL),
    ],
)
def test_absolute_limits_compare_unrounded_values(
    form: GateForm, value: float, verdict: Verdict
) -> None:
    (result,) = judge([gate(form=form)], [metric(value)], ["v2"], ["dock"], None)
    assert result.verdict is verdict


def test_a_value_that_rounds_to_the_limit_is_shown_with_more_digits() -> None:
    (result,) = judge([GATE], [metric(0.89999999)], ["v2"], ["dock"], None)
    assert "0.89999999" in result.explanation


@pytest.mark.parametrize("confidence", [None, 0.95])
def test_undefined_fails_with_its_reason(confidence: float | None) -> None:
    rule = gate(confidence=confidence, min_n=1000)
    (result,) = judge([rule], [metric(None)], ["v2"], ["dock"], None)
    assert result.verdict is Verdict.FAIL
    assert "no truth boxes of class person" in result.explanation


def test_a_metric_that_was_not_measured_fails() -> None:
    (result,) = judge([GATE], [], ["v2"], ["dock"], None)
    assert result.verdict is Verdict.FAIL
    assert "not measured" in result.explanation


@pytest.mark.parametrize(
    ("form", "old", "new", "verdict"),
    [
        ("max_drop", 0.90, 0.895, Verdict.PASS),
        ("max_drop", 0.90, 0.80, Verdict.FAIL),
        ("max_drop", 0.80, 0.90, Verdict.PASS),
        ("max_rise", 0.10, 0.105, Verdict.PASS),
        ("max_rise", 0.10, 0.20, Verdict.FAIL),
        ("max_rise", 0.20, 0.10, Verdict.PASS),
    ],
)
def test_change_against_the_baseline(
    form: GateForm, old: float, new: float, verdict: Verdict
) -> None:
    rule = gate(form=form, limit=0.01)
    rows = [metric(old, "v1"), metric(new, "v2")]
    results = judge([rule], rows, ["v1", "v2"], ["dock"], Baseline("v1", "v1", (rows[0],)))
    assert [(item.pipeline, item.verdict) for item in results] == [("v2", verdict)]
    assert results[0].baseline is rows[0]


def test_versus_names_another_pipeline_than_the_baseline() -> None:
    rule = gate(form="max_drop", limit=0.01, versus="v0")
    rows = [metric(0.9, "v0"), metric(0.5, "v1"), metric(0.8, "v2")]
    baseline = Baseline("v1", "v1", (rows[1],))
    results = judge([rule], rows, ["v0", "v1", "v2"], ["dock"], baseline)
    assert [(item.pipeline, item.baseline_name) for item in results] == [("v1", "v0"), ("v2", "v0")]


def test_an_earlier_run_as_baseline_judges_every_pipeline() -> None:
    rule = gate(form="max_drop", limit=0.01)
    old = metric(0.9, "v1")
    results = judge(
        [rule], [metric(0.8, "v1")], ["v1"], ["dock"], Baseline("v1 of May", None, (old,))
    )
    assert [item.verdict for item in results] == [Verdict.FAIL]


def test_an_undefined_baseline_fails() -> None:
    rule = gate(form="max_drop", limit=0.01)
    rows = [metric(None, "v1"), metric(0.9, "v2")]
    (result,) = judge([rule], rows, ["v1", "v2"], ["dock"], Baseline("v1", "v1", (rows[0],)))
    assert result.verdict is Verdict.FAIL
    assert "undefined" in result.explanation


def test_slice_class_and_clip_choose_the_row() -> None:
    rule = gate(class_name="person", slice=(("daypart", "night"),))
    rows = [metric(0.95), metric(0.5, class_name="person", slice=(("daypart", "night"),))]
    (result,) = judge([rule], rows, ["v2"], ["dock"], None)
    assert result.observed is rows[1]


def test_slice_keys_have_no_order() -> None:
    rule = gate(slice=(("daypart", "night"), ("size", "small")))
    row = metric(0.95, slice=(("size", "small"), ("daypart", "night")))
    (result,) = judge([rule], [row], ["v2"], ["dock"], None)
    assert result.observed is row


def test_gates_name_the_pipelines_and_golden_sets_they_judge() -> None:
    rule = gate(pipelines=("v2",), golden_set="dock")
    rows = [metric(0.5, "v1"), metric(0.95, "v2")]
    results = judge([rule], rows, ["v1", "v2"], ["dock", "yard"], None)
    assert [(item.pipeline, item.golden_set) for item in results] == [("v2", "dock")]


def test_results_come_by_gate_then_pipeline_then_golden_set() -> None:
    gates = [gate(limit=0.1), gate(limit=0.2)]
    rows = [metric(0.5, name, golden_set=one) for one in ("dock", "yard") for name in ("v2", "v1")]
    results = judge(gates, rows, ["v1", "v2"], ["dock", "yard"], None)
    assert [(item.gate.limit, item.pipeline, item.golden_set) for item in results] == [
        (limit, name, one)
        for limit in (0.1, 0.2)
        for name in ("v1", "v2")
        for one in ("dock", "yard")
    ]


def test_warnings_do_not_fail_a_run() -> None:
    gates = [GATE, gate(limit=0.99, level="warn")]
    results = judge(gates, [metric(0.95)], ["v2"], ["dock"], None)
    assert [item.verdict for item in results] == [Verdict.PASS, Verdict.FAIL]
    assert overall(results) is Verdict.PASS


@pytest.mark.parametrize(
    ("n", "verdict"), [(199, Verdict.INCONCLUSIVE), (200, Verdict.FAIL), (201, Verdict.FAIL)]
)
def test_too_little_support_decides_nothing(n: int, verdict: Verdict) -> None:
    (result,) = judge([gate(min_n=200)], [metric(0.5, n=n)], ["v2"], ["dock"], None)
    assert result.verdict is verdict
    assert overall([result]) is verdict
    if verdict is Verdict.INCONCLUSIVE:
        assert result.explanation.endswith("n = 199 and needs at least 200, 1 more")
        assert result.more_footage == pytest.approx(200 / 199)


def test_confidence_without_resampling_is_inconclusive() -> None:
    (result,) = judge([gate(confidence=0.95)], [metric(0.99)], ["v2"], ["dock"], None)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "the run was not resampled" in result.explanation
    assert (result.bound, result.p_value, result.more_footage) == (None, None, None)


def test_confidence_without_an_interval_is_inconclusive_with_its_reason() -> None:
    row = metric(0.99, no_interval="too little footage: 1 independent block")
    (result,) = judge([gate(confidence=0.95)], [row], ["v2"], ["dock"], None)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "too little footage: 1 independent block" in result.explanation


def test_an_absolute_gate_shows_its_change_but_not_of_the_baseline_itself() -> None:
    rows = [metric(0.95, "v1"), metric(0.92, "v2")]
    statistics = FixedStatistics(of_changes={"recall": 0.01})
    first, second = judge(
        [GATE],
        rows,
        ["v1", "v2"],
        ["dock"],
        Baseline("v1", "v1", (rows[0],)),
        statistics=statistics,
        confidence=0.9,
    )
    assert (first.baseline, first.change) == (None, None)
    assert second.baseline is rows[0]
    assert second.baseline_name == "v1"
    assert second.change is not None
    assert second.change.value == pytest.approx(-0.03)
    assert second.change.interval is not None
    assert second.change.interval.confidence == 0.9
    assert second.change.interval.low == pytest.approx(-0.03 - 1.6449 * 0.01, abs=1e-5)
    assert second.change.p_value == pytest.approx(0.0027, abs=1e-4)


def test_a_quarantined_gate_is_judged_and_does_not_count() -> None:
    rule = gate(quarantine=Quarantine("ana", "new lamp", date(2026, 12, 31)))
    (held,) = judge([rule], [metric(0.5)], ["v2"], ["dock"], None, today=date(2026, 12, 31))
    assert (held.verdict, held.in_quarantine) == (Verdict.FAIL, True)
    assert overall([held]) is Verdict.PASS
    (over,) = judge([rule], [metric(0.5)], ["v2"], ["dock"], None, today=date(2027, 1, 1))
    assert (over.verdict, over.in_quarantine) == (Verdict.FAIL, False)
    assert over.explanation.endswith("its quarantine (ana: new lamp) expired on 2026-12-31")
    assert overall([over]) is Verdict.FAIL
    (undated,) = judge([rule], [metric(0.5)], ["v2"], ["dock"], None)
    assert overall([undated]) is Verdict.FAIL


def test_failing_beats_inconclusive() -> None:
    gates = [gate(min_n=1000), GATE]
    results = judge(gates, [metric(0.5)], ["v2"], ["dock"], None)
    assert overall(results) is Verdict.FAIL
