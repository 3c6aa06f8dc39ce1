from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import pytest

from tests.report.made_plan import gate
from tests.report.test_wording import metric, result
from vbench.report.explained import (
    gate_facts,
    is_about_new_errors,
    is_judged,
    p_text,
    why_sentences,
)
from vbench.types import Change, GateResult, Interval, Run, Verdict

Facts: TypeAlias = Callable[[GateResult], dict[str, str]]


@pytest.fixture
def facts(demo_run: Run) -> Facts:
    return lambda made: {fact.label: fact.text for fact in gate_facts(demo_run, made)}


def test_found_has_interval_and_support(facts: Facts) -> None:
    interval = Interval(0.57, 0.65, 0.95, "clips", 11, 107.6)
    found = facts(result(replace(metric(0.61), interval=interval)))["found"]
    assert found == (
        "0.610 (95 % interval 0.570 to 0.650, from 11 clips; "
        "n = 100, worth about 108 independent ones)"
    )


def test_blocks_of_few_clips_say_nothing_about_other_scenes(demo_run: Run) -> None:
    interval = Interval(0.57, 0.65, 0.95, "blocks", 65, 107.6)
    made = result(replace(metric(0.61), interval=interval), golden_set="loading-dock")
    found = next(fact.text for fact in gate_facts(demo_run, made) if fact.label == "found")
    # Two of the six clips are at night.
    assert "from 65 blocks of 2 clips: says nothing about other scenes; n = 100" in found


def test_found_says_why_there_is_no_interval(facts: Facts) -> None:
    one = replace(metric(0.61), no_interval="only 1 clip of 1 block")
    assert facts(result(one))["found"] == "0.610 (no interval: only 1 clip of 1 block; n = 100)"
    assert facts(result(metric(0.61)))["found"] == "0.610 (n = 100)"
    assert facts(result(None))["found"] == "this run has no such metric"
    assert facts(result(metric(None)))["found"] == "undefined: no truth boxes of person"


def test_baseline_and_change(facts: Facts) -> None:
    made = result(
        metric(0.61),
        baseline=metric(0.75),
        baseline_name="v1",
        change=Change(-0.14, Interval(-0.19, -0.09, 0.95), "", 0.0002),
    )
    assert facts(made)["baseline"] == (
        "0.750 of v1; changed by −0.14 (95 % interval −0.190 to −0.090, p < 0.001 of no change)"
    )
    unpaired = replace(made, change=Change(-0.14, None, "the footage differs", None))
    assert facts(unpaired)["baseline"] == (
        "0.750 of v1; changed by −0.14, not paired: the footage differs"
    )
    assert "baseline" not in facts(result(metric(0.61)))


def test_certainty_is_about_gates_that_did_not_pass(facts: Facts) -> None:
    made = result(metric(0.61), p_value=0.0041, p_adjusted=0.03, verdict=Verdict.FAIL)
    assert facts(made)["certainty"] == (
        "p = 0.0041 if the rule were met, p = 0.03 after Holm's correction for several gates"
    )
    assert "certainty" not in facts(replace(made, verdict=Verdict.PASS))
    undecided = result(metric(0.61), verdict=Verdict.INCONCLUSIVE, more_footage=3.24)
    assert facts(undecided)["footage"].startswith("about 3.2 times the footage would decide")


def test_p_values() -> None:
    assert p_text(0.0009) == "p < 0.001"
    assert p_text(0.048) == "p = 0.048"


def test_why_counts_the_clips_that_the_gate_is_about(decided_run: Run) -> None:
    made = next(
        item
        for item in decided_run.gates
        if item.gate.source == "benchmark.yaml:15" and item.pipeline == "person-v2"
    )
    sentences = why_sentences(decided_run, made)
    # Two of six clips are at night; frames 183 to 212 at 25 frames/s.
    assert sentences[0].startswith("2 of 2 clips hold 85 % of the missed objects: gate1-night")
    assert any("gate1-night, frames 183-212 (7.3 s to 8.5 s)" in text for text in sentences)
    of_all = replace(made, gate=replace(made.gate, slice=()))
    assert why_sentences(decided_run, of_all)[0].startswith("2 of 6 clips hold ")
    of_one = replace(made, gate=replace(made.gate, clip="gate1-night"))
    assert " of 1 clip " in why_sentences(decided_run, of_one)[0]


def test_why_of_a_comparing_gate_is_about_new_errors(decided_run: Run) -> None:
    made = next(
        item
        for item in decided_run.gates
        if item.gate.form == "not_worse" and item.pipeline == "person-v2"
    )
    assert "of the new missed objects" in why_sentences(decided_run, made)[0]
    assert why_sentences(decided_run, replace(made, causes=())) == ()


def test_times_have_no_errors_that_could_be_new() -> None:
    slower = metric(30.0, name="latency_ms_p95", unit="ms")
    rule = gate("latency_ms_p95", "not_worse", 2)
    made = result(slower, gate=rule, baseline=slower, baseline_name="v1")
    assert not is_about_new_errors(made)
    assert is_about_new_errors(replace(made, gate=gate("recall", "not_worse", 0.1)))
    assert not is_about_new_errors(replace(made, gate=gate("recall", "min", 0.1)))


def test_support_preset_and_line(facts: Facts) -> None:
    made = result(
        metric(0.61),
        gate=gate("recall", "min", 0.8, line=7, min_n=200, confidence=0.95, preset="strict"),
    )
    assert facts(made)["expected"] == "at least 0.8, 95 % sure, with support of 200 or more"
    assert facts(made)["rule"] == "recall >= 0.8 (95 % sure), benchmark.yaml:7 (preset strict)"


def test_a_missing_slice_was_judged_and_an_undefined_metric_was_not(facts: Facts) -> None:
    require = gate("recall", "require", 10, slice_=(("weather", "fog"),))
    assert is_judged(result(None, gate=require))
    assert facts(result(None, gate=require))["found"] == "nothing"
    assert facts(result(metric(0.5), gate=require))["found"] == "100 truth boxes"
    assert not is_judged(result(None))
    assert not is_judged(result(metric(None)))
