from dataclasses import replace

import pytest

from tests.report.made_plan import gate
from vbench.report import wording
from vbench.types import GateResult, Metric, Run, Verdict


def metric(value: float | None, *, name: str = "recall", unit: str = "ratio") -> Metric:
    return Metric(
        name=name,
        value=value,
        reason=None if value is not None else "no truth boxes of person",
        unit=unit,
        better="higher",
        n=100,
        pipeline="p",
        golden_set="g",
    )


def result(observed: Metric | None, **changes: object) -> GateResult:
    made = GateResult(
        gate=gate("recall", "min", 0.8, class_name="person", slice_=(("daypart", "night"),)),
        pipeline="p",
        golden_set="g",
        observed=observed,
        baseline=None,
        baseline_name=None,
        verdict=Verdict.FAIL,
        explanation="",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_gate_sentence_names_value_and_limit() -> None:
    text = wording.gate_sentence(result(metric(0.61)))
    assert text == "recall of person where daypart is night is 0.610, needs at least 0.8"


def test_gate_sentence_never_rounds_a_failure_onto_its_limit() -> None:
    assert "is 0.7999, needs" in wording.gate_sentence(result(metric(0.7999)))


def test_gate_sentence_gives_the_reason_of_an_undefined_metric() -> None:
    text = wording.gate_sentence(result(metric(None)))
    assert text.endswith("is undefined: no truth boxes of person")
    assert wording.gate_sentence(result(None)).endswith("was not measured")


def test_gate_sentence_of_a_comparison_names_both_values() -> None:
    text = wording.gate_sentence(
        result(
            metric(0.71),
            gate=gate("recall", "max_drop", 0.01),
            baseline=metric(0.75),
            baseline_name="v1",
        )
    )
    assert text == "recall is 0.710 against 0.750 of v1; it may drop by at most 0.01"


def test_plural_metrics_take_a_plural_verb() -> None:
    one = gate("fp_per_camera_hour", "max", 30)
    alarms = metric(31.5, name="fp_per_camera_hour", unit="1/camera-hour")
    text = wording.gate_sentence(result(alarms, gate=one))
    assert text == "false alarms per camera-hour are 31.5, may be at most 30"


def test_gate_sentence_with_confidence_gives_the_bound() -> None:
    sure = gate("recall", "min", 0.6, confidence=0.95)
    text = wording.gate_sentence(result(metric(0.61), gate=sure, bound=0.5712))
    assert text == "recall is 0.610 (95 % sure of at least 0.571), needs at least 0.6, 95 % sure"
    cap = gate("fp_per_camera_hour", "max", 30, confidence=0.9)
    alarms = metric(28.0, name="fp_per_camera_hour", unit="1/camera-hour")
    text = wording.gate_sentence(result(alarms, gate=cap, bound=33.0))
    assert text.startswith("false alarms per camera-hour are 28.0 (90 % sure of at most 33.0), may")


def test_gate_sentence_of_not_worse_follows_what_is_better() -> None:
    rule = gate("recall", "not_worse", 0.01, confidence=0.95)
    made = result(metric(0.74), gate=rule, baseline=metric(0.75), baseline_name="v1", bound=-0.031)
    assert wording.gate_sentence(made) == (
        "recall is 0.740 against 0.750 of v1 (95 % sure that it drops by at most 0.031); "
        "it may drop by at most 0.01, 95 % sure"
    )
    assert "(95 % sure that it does not drop)" in wording.gate_sentence(replace(made, bound=0.002))
    slower = replace(metric(12.0, name="latency_ms_p95", unit="ms"), better="lower")
    faster = replace(slower, value=10.0)
    made = result(
        slower,
        gate=gate("latency_ms_p95", "not_worse", 1, confidence=0.95),
        baseline=faster,
        baseline_name="v1",
        bound=2.5,
    )
    assert wording.gate_sentence(made) == (
        "latency p95 is 12.0 ms against 10.0 of v1 (95 % sure that it rises by at most 2.50 ms); "
        "it may rise by at most 1 ms, 95 % sure"
    )


def test_gate_sentence_of_a_required_slice() -> None:
    rule = gate("recall", "require", 200, class_name="person", slice_=(("daypart", "night"),))
    assert wording.gate_sentence(result(metric(0.5), gate=rule)) == (
        "truth of person where daypart is night: 100, at least 200 truth boxes must be there"
    )
    assert wording.gate_observed(result(None, gate=rule)) == "none"


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ((0, 0, 0, 1, 5), "Meets 4 of 5 gates; 1 is in quarantine and does not count: x."),
        (
            (0, 0, 1, 2, 5),
            "Meets 2 of 5 gates; 1 gives a warning and 2 are in quarantine and do not count, "
            "among them: x.",
        ),
        ((1, 0, 0, 2, 5), "Fails 1 of 5 gates: x."),
    ],
)
def test_quarantined_gates_are_counted_apart(
    counts: tuple[int, int, int, int, int], text: str
) -> None:
    assert wording.reason_sentence(*counts, "x") == text


def test_recommendation_follows_the_verdict() -> None:
    assert wording.recommendation(Verdict.PASS, 0, 3) == "Ship."
    assert "2 warnings" in wording.recommendation(Verdict.PASS, 2, 3)
    assert wording.recommendation(Verdict.INCONCLUSIVE, 0, 3) == "Hold: this run does not decide."
    more = wording.recommendation(Verdict.INCONCLUSIVE, 0, 3, "a little more footage would decide")
    assert more == "Hold: a little more footage would decide."
    assert "no gates" in wording.recommendation(Verdict.PASS, 0, 0)


def test_every_metric_of_a_run_has_a_title(demo_run: Run) -> None:
    for name in {item.name for item in demo_run.metrics}:
        assert wording.metric_title(name)
        assert wording.metric_meaning(name).endswith(".")


def test_long_lists_are_counted() -> None:
    assert wording.join_names(["a"]) == "a"
    assert wording.join_names(["a", "b", "c"]) == "a, b and c"
    assert wording.join_names(list("abcdefgh"), limit=2) == "a, b and 6 more"


def test_what_keeps_a_gate_from_a_verdict_is_said() -> None:
    rule = gate("recall", "min", 0.6, confidence=0.95)
    close = result(
        metric(0.61), gate=rule, bound=0.57, verdict=Verdict.INCONCLUSIVE, explanation="long"
    )
    # Neither bound nor failure holds: the numbers say it all.
    by_numbers = replace(close, p_value=0.6, p_adjusted=0.9)
    assert wording.verdict_sentence(by_numbers).startswith("recall is 0.610 (95 % sure of at")
    # It would have failed, had the machine been quiet.
    assert wording.verdict_sentence(replace(close, p_value=0.001, p_adjusted=0.01)) == "long"
    assert wording.verdict_sentence(close) == "long"
