"""What a pipeline does in words for people who do not know metrics."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vbench.metrics.box_properties import BOX_PROPERTIES
from vbench.report.language.stored_texts import say_stored
from vbench.report.language.strings import say
from vbench.report.lookup import MetricIndex
from vbench.report.numbers import number_text, short_number
from vbench.report.plain.answer import (
    Answer,
    condition_words,
    every_text,
    not_known,
    of_100,
)
from vbench.report.plain.comparison import against_baseline
from vbench.report.plain.gates import sure_sentence
from vbench.report.plain.speed import cameras, frame_time
from vbench.report.tested import MIN_BOXES
from vbench.types import Metric


@dataclass(frozen=True, slots=True)
class PlainFacts:
    """One pipeline on one golden set."""

    pipeline: str
    golden_set: str
    finds: Answer
    right: Answer
    """How many of its reports are true."""
    cries_wolf: Answer
    speed: Answer
    cameras: Answer
    """How many it can watch at once."""
    against_baseline: Answer
    hardest: Answer
    sure: str
    """How far `finds` holds for other footage, one sentence."""

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All of them in the order of the first page."""
        return (
            self.finds,
            self.right,
            self.cries_wolf,
            self.speed,
            self.cameras,
            self.against_baseline,
            self.hardest,
        )


def plain_facts(index: MetricIndex, pipeline: str, golden_set: str) -> PlainFacts:
    """The answers to a stakeholder's questions."""
    return PlainFacts(
        pipeline=pipeline,
        golden_set=golden_set,
        finds=_finds(index.find(pipeline, golden_set, "recall")),
        right=_right(index.find(pipeline, golden_set, "precision")),
        cries_wolf=_cries_wolf(index.find(pipeline, golden_set, "fp_per_camera_hour")),
        speed=frame_time(index, pipeline, golden_set),
        cameras=cameras(index, pipeline, golden_set),
        against_baseline=against_baseline(index, pipeline, golden_set),
        hardest=_hardest(index, pipeline, golden_set),
        sure=_sure(index, pipeline, golden_set),
    )


def hardest_slice(index: MetricIndex, pipeline: str, golden_set: str) -> Metric | None:
    """Recall of the slice where it is lowest, of those with at least `MIN_BOXES` truth boxes.

    Properties of boxes are no conditions of the footage: they count only where there are no others.
    """
    slices = index.slices.get(golden_set, ())
    conditions = [
        slice_ for slice_ in slices if BOX_PROPERTIES.keys().isdisjoint(key for key, _ in slice_)
    ] or slices
    found = [
        metric
        for slice_ in conditions
        if (metric := index.find(pipeline, golden_set, "recall", slice_=slice_)) is not None
        and metric.value is not None
        and metric.n >= MIN_BOXES
    ]
    return min(found, key=lambda metric: metric.value or 0.0, default=None)


def _finds(recall: Metric | None) -> Answer:
    if recall is None or recall.value is None:
        return not_known(recall)
    if recall.value == 1:
        return Answer(say("All {n}", n=recall.n), say("objects that were there."))
    return Answer(of_100(recall.value), say("objects that were there."))


def _right(precision: Metric | None) -> Answer:
    if precision is None or precision.value is None:
        return not_known(precision)
    if precision.value == 1:
        return Answer(say("All {n}", n=precision.n), say("of its reports were right."))
    return Answer(of_100(precision.value), say("of its reports were right."))


def _cries_wolf(rate: Metric | None) -> Answer:
    if rate is None or rate.value is None:
        return not_known(rate)
    if rate.value == 0:
        return Answer(say("Never"), say("on this footage."))
    often = say("per camera-hour, {often}.", often=every_text(rate.value))
    if rate.value == 1:
        return Answer(say("Once"), often)
    return Answer(say("{number} times", number=number_text(rate.value, rate.unit)), often)


def _hardest(index: MetricIndex, pipeline: str, golden_set: str) -> Answer:
    slices = index.slices.get(golden_set, ())
    if not slices:
        return Answer("", say("Conditions were not compared: the benchmark asks for no slices."))
    if len(slices) == 1:
        only = condition_words(slices[0])
        return Answer("", say("Only one condition was tested: {condition}.", condition=only))
    worst = hardest_slice(index, pipeline, golden_set)
    if worst is None or worst.value is None:
        few = say("No condition has {n} objects or more: too few to say.", n=MIN_BOXES)
        return Answer("", few)
    found = say("objects found {condition}.", condition=condition_words(worst.slice))
    return Answer(of_100(worst.value), found)


def _sure(index: MetricIndex, pipeline: str, golden_set: str) -> str:
    """What a gate made sure of, else the interval of recall."""
    for result in index.run.gates:
        if (result.pipeline, result.golden_set) == (pipeline, golden_set):
            text = sure_sentence(result)
            if text:
                return f"{text[:1].upper()}{text[1:]}."
    recall = index.find(pipeline, golden_set, "recall")
    if recall is None or recall.value is None:
        return say("Not known.")
    interval = recall.interval
    if interval is None:
        why = say_stored(recall.no_interval) or say("this run has no intervals")
        return say("Not known: {why}.", why=why)
    # Rounded outwards: never narrower than what is known.
    low, high = math.floor(100 * interval.low), math.ceil(100 * interval.high)
    sure = short_number(100 * interval.confidence)
    if interval.units == "clips":
        return say(
            "On other footage of this kind it would find {low} to {high} of 100 objects"
            " ({sure} % sure).",
            low=low,
            high=high,
            sure=sure,
        )
    return say(
        "On more footage of these scenes it would find {low} to {high} of 100 objects"
        " ({sure} % sure); other scenes may differ.",
        low=low,
        high=high,
        sure=sure,
    )
