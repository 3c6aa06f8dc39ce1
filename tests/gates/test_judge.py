"""Gates: unrounded comparison, undefined never passes, the baseline is not judged by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vbench.gates.judge import Baseline, judge, overall
from vbench.types import Gate, Metric, Verdict


def metric(value: float | None, pipeline: str = "v2", **changes: object) -> Metric:
    row = Metric(
        name="recall",
        value=value,
        reason=None if value is not None else "no truth boxes of class person",
        unit="ratio",
        better="higher",
        n=200,
        pipeline=pipeline,
        golden_set="dock",
    )
    return replace(row, **changes)  # type: ignore[arg-type]


GATE = Gate(
    metric="recall",
    form="min",
    limit=0.9,
    class_name=None,
    slice=(),
    clip=None,
    level="error",
    pipelines=None,
    golden_set=None,
    versus=None,
    source="benchmark.yaml:9",
)


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
    form: str, value: float, verdict: Verdict
) -> None:
    gate = replace(GATE, form=form)  # type: ignore[arg-type]
    (result,) = judge([gate], [metric(value)], ["v2"], ["dock"], None)
    assert result.verdict is verdict


def test_a_value_that_rounds_to_the_limit_is_shown_with_more_digits() -> None:
    (result,) = judge([GATE], [metric(0.89999999)], ["v2"], ["dock"], None)
    assert "0.89999999" in result.explanation


def test_undefined_fails_with_its_reason() -> None:
    (result,) = judge([GATE], [metric(None)], ["v2"], ["dock"], None)
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
def test_change_against_the_baseline(form: str, old: float, new: float, verdict: Verdict) -> None:
    gate = replace(GATE, form=form, limit=0.01)  # type: ignore[arg-type]
    rows = [metric(old, "v1"), metric(new, "v2")]
    results = judge([gate], rows, ["v1", "v2"], ["dock"], Baseline("v1", "v1", (rows[0],)))
    assert [(item.pipeline, item.verdict) for item in results] == [("v2", verdict)]
    assert results[0].baseline is rows[0]


def test_an_earlier_run_as_baseline_judges_every_pipeline() -> None:
    gate = replace(GATE, form="max_drop", limit=0.01)
    old = metric(0.9, "v1")
    results = judge(
        [gate], [metric(0.8, "v1")], ["v1"], ["dock"], Baseline("v1 of May", None, (old,))
    )
    assert [item.verdict for item in results] == [Verdict.FAIL]


def test_an_undefined_baseline_fails() -> None:
    gate = replace(GATE, form="max_drop", limit=0.01)
    rows = [metric(None, "v1"), metric(0.9, "v2")]
    (result,) = judge([gate], rows, ["v1", "v2"], ["dock"], Baseline("v1", "v1", (rows[0],)))
    assert result.verdict is Verdict.FAIL
    assert "undefined" in result.explanation


def test_slice_class_and_clip_choose_the_row() -> None:
    gate = replace(GATE, class_name="person", slice=(("daypart", "night"),))
    rows = [metric(0.95), metric(0.5, class_name="person", slice=(("daypart", "night"),))]
    (result,) = judge([gate], rows, ["v2"], ["dock"], None)
    assert result.observed is rows[1]


def test_gates_name_the_pipelines_and_golden_sets_they_judge() -> None:
    gate = replace(GATE, pipelines=("v2",), golden_set="dock")
    rows = [metric(0.5, "v1"), metric(0.95, "v2")]
    results = judge([gate], rows, ["v1", "v2"], ["dock", "yard"], None)
    assert [(item.pipeline, item.golden_set) for item in results] == [("v2", "dock")]


def test_warnings_do_not_fail_a_run() -> None:
    gates = [GATE, replace(GATE, limit=0.99, level="warn")]
    results = judge(gates, [metric(0.95)], ["v2"], ["dock"], None)
    assert [item.verdict for item in results] == [Verdict.PASS, Verdict.FAIL]
    assert overall(results) is Verdict.PASS
