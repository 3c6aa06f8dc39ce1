from dataclasses import replace

import pytest

from vbench.report.lookup import MetricIndex
from vbench.report.plain import hardest_slice, of_100, plain_facts
from vbench.types import Run


def test_the_questions_of_a_stakeholder_are_answered(demo_run: Run) -> None:
    facts = plain_facts(MetricIndex.of(demo_run), "person-v2", "loading-dock")
    assert facts.finds == "It found 82 of 100 objects that were there."
    assert facts.cries_wolf == "It cried wolf 5,262 times per camera-hour."
    assert facts.speed == "One frame takes 8.70 ms (95 of 100 frames within 11.7 ms)."
    assert facts.hardest.startswith("Daypart: night: it found 6")
    assert facts.against_baseline == (
        "Compared with person-v1: finds 1 fewer of 100 objects, cries wolf 39 % less often, "
        "takes 39 % less time."
    )


def test_unknown_answers_say_why(demo_run: Run) -> None:
    index = MetricIndex.of(demo_run)
    facts = plain_facts(index, "vendor-replay", "loading-dock")
    assert facts.speed == "Not measured: replayed results have no timings."
    absent = plain_facts(index, "vendor-replay", "no such set")
    assert absent.finds == "Not known: this run has no such metric."
    assert absent.hardest.startswith("Conditions were not compared")


def test_a_single_condition_is_compared_with_nothing(demo_run: Run) -> None:
    day = tuple(
        item
        for item in demo_run.metrics
        if not item.slice or item.slice in ((("daypart", "day"),), (("stage", "decode"),))
    )
    index = MetricIndex.of(replace(demo_run, metrics=day))
    facts = plain_facts(index, "person-v2", "loading-dock")
    assert facts.hardest == (
        "Only one condition was tested, daypart: day: there is none to compare with."
    )


def test_the_hardest_slice_has_enough_support(demo_run: Run) -> None:
    hardest = hardest_slice(MetricIndex.of(demo_run), "person-v2", "loading-dock")
    assert hardest is not None
    assert hardest.slice == (("daypart", "night"),)
    assert hardest.n >= 50


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.874, "87 of 100"), (0.001, "fewer than 1 of 100"), (0.9999, "over 99 of 100")],
)
def test_shares_of_100(share: float, text: str) -> None:
    assert of_100(share) == text


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
