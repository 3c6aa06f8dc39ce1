from dataclasses import replace

import pytest

from tests.report.made_plan import gate
from tests.report.test_wording import metric, result
from vbench.report.plain.gates import plain_gate_sentence, sure_sentence
from vbench.types import Slice, Verdict

_NIGHT: Slice = (("daypart", "night"),)


def test_a_share_is_so_many_of_100() -> None:
    assert plain_gate_sentence(result(metric(0.796))) == (
        "it finds 79.6 of 100 person objects where daypart is night, at least 80 are required"
    )
    right = result(metric(0.7, name="precision"), gate=gate("precision", "min", 0.8))
    assert plain_gate_sentence(right) == (
        "70 of 100 of its reports of objects are right, at least 80 are required"
    )


@pytest.mark.parametrize(
    ("verdict", "end"),
    [
        (Verdict.PASS, ", at least 80 are required, and we are 95 % sure"),
        (Verdict.FAIL, ", and we are 95 % sure that this is not the 80 required"),
        (Verdict.INCONCLUSIVE, ", at least 80 are required, 95 % sure"),
    ],
)
def test_a_gate_with_confidence_says_what_is_sure(verdict: Verdict, end: str) -> None:
    rule = gate("recall", "min", 0.8, confidence=0.95)
    made = result(metric(0.61), gate=rule, bound=0.57, verdict=verdict)
    assert plain_gate_sentence(made) == f"it finds 61 of 100 objects{end}"


def test_a_comparison_names_both() -> None:
    rule = gate("recall", "not_worse", 0.02, confidence=0.95)
    made = result(metric(0.712), gate=rule, baseline=metric(0.75), baseline_name="v1")
    assert plain_gate_sentence(made) == (
        "it finds 71 of 100 objects, v1 75; at most 2 of 100 fewer are allowed, "
        "and we are 95 % sure that it is more than that"
    )
    close = replace(made, baseline=metric(0.7125), verdict=Verdict.PASS)
    assert "it finds 71.20 of 100 objects, v1 71.25;" in plain_gate_sentence(close)
    lost = replace(made, baseline=None)
    assert "no value to compare with" in plain_gate_sentence(lost)


def test_footage_that_must_be_there() -> None:
    rule = gate("recall", "require", 1, slice_=(("weather", "fog"),))
    assert plain_gate_sentence(result(None, gate=rule)) == (
        "the footage must show one or more objects where weather is fog, and shows none"
    )
    many = gate("recall", "require", 1200, class_name="person", slice_=_NIGHT)
    assert plain_gate_sentence(result(metric(0.5), gate=many)) == (
        "the footage must show 1,200 or more person objects where daypart is night, "
        "and shows only 100"
    )


def test_other_metrics_are_said_as_they_are() -> None:
    slow = metric(41.0, name="latency_ms_p95", unit="ms")
    rule = gate("latency_ms_p95", "max", 40)
    assert plain_gate_sentence(result(slow, gate=rule)) == (
        "95 of 100 frames take up to 41.0 ms, at most 40 ms is allowed"
    )
    assert plain_gate_sentence(result(None)).endswith("was not measured")


def test_what_is_sure_is_rounded_down() -> None:
    rule = gate("recall", "min", 0.8, slice_=_NIGHT, confidence=0.95)
    made = result(metric(0.9), gate=rule, bound=0.879, verdict=Verdict.PASS)
    assert sure_sentence(made) == (
        "we are 95 % sure that it finds at least 87 of 100 objects where daypart is night"
    )
    assert "at least 29 of 100" in sure_sentence(replace(made, bound=0.29))
    assert sure_sentence(replace(made, verdict=Verdict.INCONCLUSIVE)) == ""
    assert sure_sentence(replace(made, gate=replace(rule, confidence=None))) == ""
