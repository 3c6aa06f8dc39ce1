from dataclasses import replace

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


def test_plain_sentence_has_no_jargon() -> None:
    text = wording.plain_gate_sentence(result(metric(0.796)))
    assert text == (
        "the share of person where daypart is night that it finds is 79.6 %, "
        "at least 80 % is required"
    )


def test_recommendation_follows_the_verdict() -> None:
    assert wording.recommendation(Verdict.PASS, 0, 3) == "Ship."
    assert "2 warnings" in wording.recommendation(Verdict.PASS, 2, 3)
    assert wording.recommendation(Verdict.FAIL, 0, 3).startswith("Hold")
    assert wording.recommendation(Verdict.INCONCLUSIVE, 0, 3).startswith("Hold")
    assert "no gates" in wording.recommendation(Verdict.PASS, 0, 0)


def test_every_metric_of_a_run_has_a_title(demo_run: Run) -> None:
    for name in {item.name for item in demo_run.metrics}:
        assert wording.metric_title(name)
        assert wording.metric_meaning(name).endswith(".")


def test_long_lists_are_counted() -> None:
    assert wording.join_names(["a"]) == "a"
    assert wording.join_names(["a", "b", "c"]) == "a, b and c"
    assert wording.join_names(list("abcdefgh"), limit=2) == "a, b and 6 more"
