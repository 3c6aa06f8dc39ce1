from dataclasses import replace

from vbench.report.lookup import MetricIndex
from vbench.report.plain.answer import Answer
from vbench.report.plain.facts import hardest_slice, plain_facts
from vbench.types import Run


def test_the_questions_of_a_stakeholder_are_answered(demo_run: Run) -> None:
    facts = plain_facts(MetricIndex.of(demo_run), "person-v2", "loading-dock")
    assert facts.finds == Answer("82 of 100", "objects that were there.")
    assert facts.right.sentence == "98 of 100 of its reports were right."
    assert facts.cries_wolf == Answer("5,262 times", "per camera-hour, about every second.")
    assert facts.speed == Answer("8.70 ms", "a frame, 95 of 100 within 11.7 ms.")
    assert facts.cameras == Answer("3 cameras", "of 25 frames a second.")
    assert facts.hardest.figure.startswith("6")
    assert facts.hardest.text == "objects found at night."
    assert facts.against_baseline.sentence == (
        "Better and worse: Finds 1 fewer of 100 objects, cries wolf 39 % less often, "
        "takes 39 % less time."
    )
    assert len(facts.answers) == 7


def test_unknown_answers_say_why(demo_run: Run) -> None:
    index = MetricIndex.of(demo_run)
    facts = plain_facts(index, "vendor-replay", "loading-dock")
    assert facts.speed == Answer("", "Not measured: replayed results have no timings.")
    assert facts.cameras == facts.speed
    absent = plain_facts(index, "vendor-replay", "no such set")
    assert absent.finds == Answer("", "Not known: this run has no such metric.")
    assert absent.hardest.text.startswith("Conditions were not compared")


def test_a_single_condition_is_compared_with_nothing(demo_run: Run) -> None:
    day = tuple(
        item
        for item in demo_run.metrics
        if not item.slice or item.slice in ((("daypart", "day"),), (("stage", "decode"),))
    )
    index = MetricIndex.of(replace(demo_run, metrics=day))
    facts = plain_facts(index, "person-v2", "loading-dock")
    assert facts.hardest == Answer("", "Only one condition was tested: by day.")


def test_the_hardest_slice_has_enough_support(demo_run: Run) -> None:
    hardest = hardest_slice(MetricIndex.of(demo_run), "person-v2", "loading-dock")
    assert hardest is not None
    assert hardest.slice == (("daypart", "night"),)
    assert hardest.n >= 50


def test_how_sure_comes_from_a_gate_or_else_from_the_interval(decided_run: Run) -> None:
    def sure(run: Run) -> str:
        return plain_facts(MetricIndex.of(run), "person-v2", "loading-dock").sure

    assert sure(decided_run) == "We are 95 % sure that it finds at least 79 of 100 person objects."
    free = replace(decided_run, gates=())
    assert sure(free) == (
        "On more footage of these scenes it would find 79 to 86 of 100 objects (95 % sure); "
        "other scenes may differ."
    )
    clips = tuple(
        item
        if item.interval is None
        else replace(item, interval=replace(item.interval, units="clips"))
        for item in free.metrics
    )
    assert sure(replace(free, metrics=clips)).startswith("On other footage of this kind it would")


def test_without_intervals_it_is_not_known(demo_run: Run) -> None:
    facts = plain_facts(MetricIndex.of(demo_run), "person-v2", "loading-dock")
    assert facts.sure == "Not known: this run has no intervals."


def _replaced(run: Run, name: str, value: float) -> Run:
    """A run in which a metric over everything has another value."""
    metrics = tuple(
        replace(item, value=value, reason=None)
        if item.name == name and (item.class_name, item.clip, item.slice) == (None, None, ())
        else item
        for item in run.metrics
    )
    return replace(run, metrics=metrics)


def test_perfect_and_silent_pipelines_have_words_of_their_own(demo_run: Run) -> None:
    run = demo_run
    for name, value in (("recall", 1.0), ("precision", 1.0), ("fp_per_camera_hour", 0.0)):
        run = _replaced(run, name, value)
    facts = plain_facts(MetricIndex.of(run), "person-v2", "loading-dock")
    assert facts.finds.figure.startswith("All ")
    assert facts.right.figure.startswith("All ")
    assert facts.cries_wolf == Answer("Never", "on this footage.")
    assert facts.against_baseline.figure != ""


def test_the_same_numbers_are_neither_better_nor_worse(demo_run: Run) -> None:
    run = demo_run
    for name, value in (("recall", 0.8), ("fp_per_camera_hour", 9.0), ("latency_ms_p50", 9.0)):
        run = _replaced(run, name, value)
    facts = plain_facts(MetricIndex.of(run), "person-v2", "loading-dock")
    assert facts.against_baseline.sentence == (
        "About the same: Finds about as many objects, cries wolf about as often, is about as fast."
    )
    alone = replace(run, baseline=None)
    told = plain_facts(MetricIndex.of(alone), "person-v2", "loading-dock").against_baseline
    assert told.text == "There is no baseline to compare with."
