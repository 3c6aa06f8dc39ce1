"""What a gate result says, word for word."""

from __future__ import annotations

import pytest

from tests.gates.made import FixedStatistics, gate, metric
from vbench.gates.judge import Baseline, judge
from vbench.types import Gate, Metric

STATISTICS = FixedStatistics(of_values={"recall": 0.02}, of_changes={"recall": 0.01})


def said(rule: Gate, row: Metric, before: Metric | None = None) -> str:
    baseline = None if before is None else Baseline("v1", None, (before,))
    (result,) = judge([rule], [row], ["v2"], ["dock"], baseline, statistics=STATISTICS)
    return result.explanation


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (
            0.905,
            "recall of person is 0.905 (n = 2,158; 95 % sure it is at least 0.8721) and must be"
            " at least 0.85, 95 % sure",
        ),
        (
            0.81,
            "recall of person is 0.81 (n = 2,158; 95 % sure it is at most 0.8429) but must be"
            " at least 0.85, 95 % sure (p = 0.023)",
        ),
        (
            0.7,
            "recall of person is 0.7 (n = 2,158; 95 % sure it is at most 0.7329) but must be"
            " at least 0.85, 95 % sure (p < 0.0001)",
        ),
        (
            0.87,
            "recall of person is 0.87 (n = 2,158; 95 % sure either way: it is at least 0.8371, it"
            " is at most 0.9029) and must be at least 0.85, 95 % sure; the footage cannot decide"
            " that, about 2.7 times as much would",
        ),
        (
            0.8828,
            "recall of person is 0.8828 (n = 2,158; 95 % sure either way: it is at least 0.8499,"
            " it is at most 0.9157) and must be at least 0.85, 95 % sure; the footage cannot decide"
            " that, a little more would",
        ),
        (
            0.8501,
            "recall of person is 0.8501 (n = 2,158; 95 % sure either way: it is at least 0.8172, it"
            " is at most 0.883) and must be at least 0.85, 95 % sure; the footage cannot decide"
            " that, more than 100 times as much would",
        ),
    ],
)
def test_a_value_with_a_confidence(value: float, sentence: str) -> None:
    rule = gate(limit=0.85, confidence=0.95, class_name="person")
    assert said(rule, metric(value, class_name="person", n=2158)) == sentence


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            0.03,
            "recall rose by 0.03 against v1 (0.8 to 0.83, n = 200; 95 % sure it rose by at least"
            " 0.01355); it may drop by 0.01, 95 % sure",
        ),
        (
            0.012,
            "recall rose by 0.012 against v1 (0.8 to 0.812, n = 200; 95 % sure it dropped by at"
            " most 0.004449); it may drop by 0.01, 95 % sure",
        ),
        (
            -0.03,
            "recall dropped by 0.03 against v1 (0.8 to 0.77, n = 200; 95 % sure it dropped by at"
            " least 0.01355); it may drop by 0.01, 95 % sure (p = 0.023)",
        ),
        (
            0.0,
            "recall did not change against v1 (0.8 to 0.8, n = 200; 95 % sure either way: it"
            " dropped by at most 0.01645, it rose by at most 0.01645); it may drop by 0.01, 95 %"
            " sure; the footage cannot decide that, about 2.7 times as much would",
        ),
    ],
)
def test_a_change_with_a_confidence(change: float, sentence: str) -> None:
    rule = gate(form="not_worse", limit=0.01, confidence=0.95)
    assert said(rule, metric(0.8 + change), metric(0.8, "v1")) == sentence


@pytest.mark.parametrize(
    ("rule", "value", "sentence"),
    [
        (gate(limit=0.85), 0.9, "recall is 0.9 (n = 200) and must be at least 0.85"),
        (gate(limit=0.85), 0.8, "recall is 0.8 (n = 200) but must be at least 0.85"),
        (
            gate(form="max", limit=14400),
            14523.25,
            "recall is 14523 (n = 200) but must be at most 14400",
        ),
        (
            gate(form="max_drop", limit=0.01, slice=()),
            0.88,
            "recall dropped by 0.02 against v1 (0.9 to 0.88, n = 200); it may drop by 0.01",
        ),
        (
            gate(form="max_rise", limit=0),
            0.88,
            "recall dropped by 0.02 against v1 (0.9 to 0.88, n = 200); it may not rise",
        ),
        (
            gate(form="max_drop", limit=-0.05),
            0.88,
            "recall dropped by 0.02 against v1 (0.9 to 0.88, n = 200); it must rise by 0.05",
        ),
    ],
)
def test_a_bare_value(rule: Gate, value: float, sentence: str) -> None:
    assert said(rule, metric(value), metric(0.9, "v1")) == sentence


def test_the_part_of_the_footage_is_named() -> None:
    where = (("daypart", "night"), ("size", "small"))
    rule = gate(class_name="person", slice=where)
    row = metric(0.5, class_name="person", slice=where)
    assert said(rule, row).startswith("recall of person at daypart=night, size=small is 0.5 ")
    in_clip = gate(clip="dock1")
    assert said(in_clip, metric(0.5, clip="dock1")).startswith("recall in clip dock1 is 0.5 ")
