from dataclasses import replace

import pytest

from tests.report.made_plan import gate
from tests.report.test_wording import metric, result
from vbench.report.explained import cause_text, gate_facts, is_judged, p_text, times_text
from vbench.types import Cause, Change, GateResult, Interval, Verdict


def facts(made: GateResult) -> dict[str, str]:
    return {fact.label: fact.text for fact in gate_facts(made)}


def test_found_has_interval_and_support() -> None:
    interval = Interval(0.57, 0.65, 0.95, "blocks", 65, 107.6)
    found = facts(result(replace(metric(0.61), interval=interval)))["found"]
    assert found == (
        "0.610 (95 % interval 0.570 to 0.650, from 65 blocks; "
        "n = 100, worth about 108 independent ones)"
    )


def test_found_says_why_there_is_no_interval() -> None:
    one = replace(metric(0.61), no_interval="only 1 clip of 1 block")
    assert facts(result(one))["found"] == "0.610 (no interval: only 1 clip of 1 block; n = 100)"
    assert facts(result(metric(0.61)))["found"] == "0.610 (n = 100)"
    assert facts(result(None))["found"] == "this run has no such metric"
    assert facts(result(metric(None)))["found"] == "undefined: no truth boxes of person"


def test_baseline_and_change() -> None:
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


def test_certainty_is_about_gates_that_did_not_pass() -> None:
    made = result(metric(0.61), p_value=0.0041, p_adjusted=0.03, verdict=Verdict.FAIL)
    assert facts(made)["certainty"] == (
        "p = 0.0041 if the rule were met, p = 0.03 after Holm's correction for several gates"
    )
    assert "certainty" not in facts(replace(made, verdict=Verdict.PASS))
    undecided = result(metric(0.61), verdict=Verdict.INCONCLUSIVE, more_footage=3.24)
    assert facts(undecided)["certainty"] == "about 3.2 times the footage would decide"


@pytest.mark.parametrize(
    ("factor", "text"),
    [(1.53, "about 1.5 times"), (42.4, "about 42 times"), (180.0, "more than 100 times")],
)
def test_times(factor: float, text: str) -> None:
    assert times_text(factor) == text


def test_p_values() -> None:
    assert p_text(0.0009) == "p < 0.001"
    assert p_text(0.048) == "p = 0.048"


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        (
            Cause("clip", "dock3-night", None, 412, 0.71, 0.934),
            "clip dock3-night: 412 misses (71 % of them all); 0.934 without it",
        ),
        (
            Cause("stretch", "dock3-night", (1830, 1912), 80, 0.004, 0.62),
            "dock3-night, frames 1830-1912: 80 misses (under 1 % of them all); 0.620 without it",
        ),
        (
            Cause("size", "size=small", None, 5, 1.0, None),
            "size=small: 5 misses (100 % of them all)",
        ),
        (
            Cause("error", "missed", None, 1, 1.0, 1.0),
            "missed: 1 miss (100 % of them all); 1.000 without them",
        ),
        (Cause("clip", "a", None, None, 0.5, None), "clip a: 50 % of the loss"),
        (Cause("clip", "a", None, None, None, None), "clip a"),
    ],
)
def test_causes(cause: Cause, text: str) -> None:
    assert cause_text(result(metric(0.61)), cause) == text


def test_support_preset_and_line() -> None:
    made = result(
        metric(0.61),
        gate=gate("recall", "min", 0.8, line=7, min_n=200, confidence=0.95, preset="strict"),
    )
    assert facts(made)["expected"] == "at least 0.8, 95 % sure, with support of 200 or more"
    assert facts(made)["rule"] == "recall >= 0.8 (95 % sure), benchmark.yaml:7 (preset strict)"


def test_a_missing_slice_was_judged_and_an_undefined_metric_was_not() -> None:
    require = gate("recall", "require", 10, slice_=(("weather", "fog"),))
    assert is_judged(result(None, gate=require))
    assert facts(result(None, gate=require))["found"] == "nothing"
    assert facts(result(metric(0.5), gate=require))["found"] == "100 truth boxes"
    assert not is_judged(result(None))
    assert not is_judged(result(metric(None)))
