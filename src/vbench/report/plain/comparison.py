"""Better or worse than the baseline, for people who do not know metrics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vbench.report.language.strings import say
from vbench.report.lookup import MetricIndex
from vbench.report.plain.answer import Answer
from vbench.report.tables import UNCLEAR, chance

_NOTABLE = 0.05
"""A smaller relative change is called `about the same`."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What changed in one respect."""

    merit: int
    """1 better, -1 worse, 0 about the same."""
    text: str
    may_be_chance: bool


def against_baseline(index: MetricIndex, pipeline: str, golden_set: str) -> Answer:
    """What is better and what is worse than the baseline, and whether that may be chance."""
    baseline = index.run.baseline
    if baseline is None:
        return Answer("", say("There is no baseline to compare with."))
    if baseline == pipeline:
        return Answer("", say("It is the baseline that others are compared with."))
    changes = [
        change
        for name, told in (
            ("recall", _found_more),
            ("fp_per_camera_hour", _fewer_alarms),
            ("latency_ms_p50", _faster),
        )
        if (change := _change(index, pipeline, golden_set, name, told)) is not None
    ]
    if not changes:
        return Answer("", say("It cannot be compared with {baseline}.", baseline=baseline))
    return Answer(_merit(changes), _sentence(changes))


def _change(
    index: MetricIndex,
    pipeline: str,
    golden_set: str,
    name: str,
    told: Callable[[float, float], tuple[int, str] | None],
) -> _Change | None:
    metric = index.find(pipeline, golden_set, name)
    before = None if metric is None else index.baseline_of(metric)
    if metric is None or before is None or metric.value is None or before.value is None:
        return None
    found = told(metric.value, before.value)
    if found is None:
        return None
    merit, text = found
    return _Change(merit, text, bool(merit) and chance(index, metric, before) == UNCLEAR)


def _merit(changes: Sequence[_Change]) -> str:
    """One word for all; not one that a change which may be chance speaks against."""
    sure = {change.merit for change in changes if not change.may_be_chance} - {0}
    unsure = {change.merit for change in changes if change.may_be_chance}
    if len(sure) == 2:
        return say("Better and worse:")
    if not sure and not unsure:
        return say("About the same:")
    if unsure - sure:
        return say("Not sure:")
    return say("Better:") if 1 in sure else say("Worse:")


def _sentence(changes: Sequence[_Change]) -> str:
    differing = [change for change in changes if change.merit]
    all_unsure = bool(differing) and all(change.may_be_chance for change in differing)
    texts = [
        say("{change} (may be chance)", change=change.text)
        if change.may_be_chance and not all_unsure
        else change.text
        for change in changes
    ]
    text = ", ".join(texts)
    text = f"{text[:1].upper()}{text[1:]}"
    return say("{changes}; that may be chance.", changes=text) if all_unsure else f"{text}."


def _found_more(value: float, before: float) -> tuple[int, str]:
    points = round(100 * (value - before))
    if not points:
        return 0, say("finds about as many objects")
    if points > 0:
        return 1, say("finds {n} more of 100 objects", n=points)
    return -1, say("finds {n} fewer of 100 objects", n=-points)


def _fewer_alarms(value: float, before: float) -> tuple[int, str]:
    if before == 0:
        if value == 0:
            return 0, say("cries wolf no more often")
        return -1, say("cries wolf more often")
    relative = (value - before) / before
    if abs(relative) < _NOTABLE:
        return 0, say("cries wolf about as often")
    if relative > 0:
        return -1, say("cries wolf {n} % more often", n=round(100 * relative))
    return 1, say("cries wolf {n} % less often", n=round(-100 * relative))


def _faster(value: float, before: float) -> tuple[int, str] | None:
    if before <= 0:
        return None
    relative = (value - before) / before
    if abs(relative) < _NOTABLE:
        return 0, say("is about as fast")
    if relative > 0:
        return -1, say("takes {n} % more time", n=round(100 * relative))
    return 1, say("takes {n} % less time", n=round(-100 * relative))
