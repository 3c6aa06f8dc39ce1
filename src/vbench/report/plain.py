"""What a pipeline does in words for people who do not know metrics."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vbench.metrics.box_properties import BOX_PROPERTIES
from vbench.report import wording
from vbench.report.lookup import MetricIndex
from vbench.report.numbers import number_text, plural
from vbench.report.plain_gates import sure_sentence
from vbench.report.tested import MIN_BOXES
from vbench.types import Metric, Slice

_NOTABLE = 0.05
"""A smaller relative change is called `about the same`."""


@dataclass(frozen=True, slots=True)
class PlainFacts:
    """One pipeline on one golden set; every field is one sentence."""

    pipeline: str
    golden_set: str
    finds: str
    sure: str
    """How far that holds for other footage."""
    cries_wolf: str
    speed: str
    against_baseline: str
    hardest: str


def plain_facts(index: MetricIndex, pipeline: str, golden_set: str) -> PlainFacts:
    """The answers to a stakeholder's questions."""
    return PlainFacts(
        pipeline=pipeline,
        golden_set=golden_set,
        finds=_finds(index.find(pipeline, golden_set, "recall")),
        sure=_sure(index, pipeline, golden_set),
        cries_wolf=_cries_wolf(index.find(pipeline, golden_set, "fp_per_camera_hour")),
        speed=_speed(index, pipeline, golden_set),
        against_baseline=_against_baseline(index, pipeline, golden_set),
        hardest=_hardest(index, pipeline, golden_set),
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


def of_100(share: float) -> str:
    """``87 of 100``; never ``0 of 100`` or ``100 of 100`` for what is not exactly that."""
    rounded = round(100 * share)
    if rounded == 0 and share > 0:
        return "fewer than 1 of 100"
    if rounded == 100 and share < 1:
        return "over 99 of 100"
    return f"{rounded} of 100"


def _finds(recall: Metric | None) -> str:
    if recall is None or recall.value is None:
        return f"Not known: {_why(recall)}."
    if recall.value == 1:
        return f"It found all {plural(recall.n, 'object')} that were there."
    return f"It found {of_100(recall.value)} objects that were there."


def _sure(index: MetricIndex, pipeline: str, golden_set: str) -> str:
    """What a gate made sure of, else the interval of recall."""
    for result in index.run.gates:
        if (result.pipeline, result.golden_set) == (pipeline, golden_set):
            text = sure_sentence(result)
            if text:
                return f"{text[:1].upper()}{text[1:]}."
    recall = index.find(pipeline, golden_set, "recall")
    if recall is None or recall.value is None:
        return "Not known."
    interval = recall.interval
    if interval is None:
        return f"Not known: {recall.no_interval or 'this run has no intervals'}."
    # Rounded outwards: never narrower than what is known.
    low, high = math.floor(100 * interval.low), math.ceil(100 * interval.high)
    found = f"{low} to {high} of 100 objects ({100 * interval.confidence:g} % sure)"
    if interval.units == "clips":
        return f"On other footage of this kind it would find {found}."
    return f"On more footage of these scenes it would find {found}; other scenes may differ."


def _cries_wolf(rate: Metric | None) -> str:
    if rate is None or rate.value is None:
        return f"Not known: {_why(rate)}."
    if rate.value == 0:
        return "Never on this footage."
    times = "once" if rate.value == 1 else f"{number_text(rate.value, rate.unit)} times"
    return f"It cried wolf {times} per camera-hour."


def _speed(index: MetricIndex, pipeline: str, golden_set: str) -> str:
    median = index.find(pipeline, golden_set, "latency_ms_p50")
    p95 = index.find(pipeline, golden_set, "latency_ms_p95")
    if median is None or median.value is None:
        return f"Not measured: {_why(median)}."
    text = f"One frame takes {number_text(median.value, 'ms')} ms"
    if p95 is None or p95.value is None:
        return f"{text}."
    return f"{text} (95 of 100 frames within {number_text(p95.value, 'ms')} ms)."


def _against_baseline(index: MetricIndex, pipeline: str, golden_set: str) -> str:
    baseline = index.run.baseline
    if baseline is None:
        return "There is no baseline to compare with."
    if baseline == pipeline:
        return "It is the baseline that others are compared with."
    parts = [
        text
        for name, told in (
            ("recall", _found_more),
            ("fp_per_camera_hour", _fewer_alarms),
            ("latency_ms_p50", _faster),
        )
        if (text := told(*_pair(index, pipeline, golden_set, name)))
    ]
    if not parts:
        return f"It cannot be compared with {baseline}."
    return f"Compared with {baseline}: {', '.join(parts)}."


def _pair(
    index: MetricIndex, pipeline: str, golden_set: str, name: str
) -> tuple[float | None, float | None]:
    metric = index.find(pipeline, golden_set, name)
    before = None if metric is None else index.baseline_of(metric)
    return (
        None if metric is None else metric.value,
        None if before is None else before.value,
    )


def _found_more(value: float | None, before: float | None) -> str:
    if value is None or before is None:
        return ""
    points = round(100 * (value - before))
    if not points:
        return "finds about as many objects"
    return f"finds {abs(points)} {'more' if points > 0 else 'fewer'} of 100 objects"


def _fewer_alarms(value: float | None, before: float | None) -> str:
    if value is None or before is None:
        return ""
    if before == 0:
        return "cries wolf no more often" if value == 0 else "cries wolf more often"
    relative = (value - before) / before
    if abs(relative) < _NOTABLE:
        return "cries wolf about as often"
    return f"cries wolf {_percent(relative)} {'more' if relative > 0 else 'less'} often"


def _faster(value: float | None, before: float | None) -> str:
    if value is None or before is None or before <= 0:
        return ""
    relative = (value - before) / before
    if abs(relative) < _NOTABLE:
        return "is about as fast"
    return f"takes {_percent(relative)} {'more' if relative > 0 else 'less'} time"


def _percent(relative: float) -> str:
    return f"{abs(round(100 * relative)):,} %"


def _hardest(index: MetricIndex, pipeline: str, golden_set: str) -> str:
    if not index.slices.get(golden_set):
        return "Conditions were not compared: the benchmark asks for no slices."
    if len(index.slices[golden_set]) == 1:
        only = wording.condition_title(index.slices[golden_set][0])
        return f"Only one condition was tested, {only}: there is none to compare with."
    worst = hardest_slice(index, pipeline, golden_set)
    if worst is None or worst.value is None:
        return f"No condition has {MIN_BOXES} objects or more: too few to say."
    condition = _condition(worst.slice)
    return f"{condition}: it found {of_100(worst.value)} objects."


def _condition(slice_: Slice) -> str:
    text = wording.condition_title(slice_)
    return f"{text[:1].upper()}{text[1:]}"


def _why(metric: Metric | None) -> str:
    return wording.NOT_MEASURED if metric is None else str(metric.reason)
