"""A stakeholder's question answered: a number in large letters and the rest of the sentence."""

from __future__ import annotations

from dataclasses import dataclass

from vbench.report import wording
from vbench.report.language.stored_texts import say_stored
from vbench.report.language.strings import noted, say, say_n
from vbench.types import Metric, Slice

_CONDITIONS = {
    ("daypart", "night"): noted("at night"),
    ("daypart", "day"): noted("by day"),
    ("daypart", "dusk"): noted("at dusk"),
    ("daypart", "dawn"): noted("at dawn"),
    ("weather", "rain"): noted("in rain"),
    ("weather", "snow"): noted("in snow"),
    ("weather", "fog"): noted("in fog"),
    ("weather", "dry"): noted("in dry weather"),
    ("weather", "clear"): noted("in clear weather"),
    ("size", "small"): noted("among small objects"),
    ("size", "medium"): noted("among medium-sized objects"),
    ("size", "large"): noted("among large objects"),
}
"""The tags that most golden sets have, in words."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, to be read as one sentence."""

    figure: str
    """Such as ``82 of 100``; empty where a number would not help."""
    text: str

    @property
    def sentence(self) -> str:
        """Both as one."""
        return f"{self.figure} {self.text}".strip()


def not_known(metric: Metric | None) -> Answer:
    """The answer where a metric has no value."""
    return Answer("", say("Not known: {why}.", why=why_unknown(metric)))


def why_unknown(metric: Metric | None) -> str:
    """The reason of a metric without a value."""
    return say(wording.NOT_MEASURED) if metric is None else say_stored(str(metric.reason))


def of_100(share: float) -> str:
    """``87 of 100``; never ``0 of 100`` or ``100 of 100`` for what is not exactly that."""
    rounded = round(100 * share)
    if rounded == 0 and share > 0:
        return say("Fewer than 1 of 100")
    if rounded == 100 and share < 1:
        return say("Over 99 of 100")
    return say("{n} of 100", n=rounded)


def every_text(per_hour: float) -> str:
    """A rate above 0 as people say it: ``about 3 times a second``, ``about every 2 minutes``."""
    per_second = per_hour / 3600
    if per_second >= 1.5:
        return say("about {n} times a second", n=round(per_second))
    every_s = 3600 / per_hour
    if every_s < 90:
        return say_n(round(every_s), "about every second", "about every {n} seconds")
    if every_s < 90 * 60:
        return say_n(round(every_s / 60), "about every minute", "about every {n} minutes")
    if every_s < 48 * 3600:
        return say_n(round(every_s / 3600), "about every hour", "about every {n} hours")
    return say("about every {n} days", n=round(every_s / 86400))


def condition_words(slice_: Slice) -> str:
    """A condition as people say it: ``at night in rain``, ``where store is 12``."""
    known = [say(_CONDITIONS[tag]) for tag in slice_ if tag in _CONDITIONS]
    others = [_condition(*tag) for tag in slice_ if tag not in _CONDITIONS]
    if others:
        known.append(say("where {conditions}", conditions=say(" and ").join(others)))
    return " ".join(known)


def _condition(key: str, value: str) -> str:
    if value in ("true", "false"):
        return say("it is {key}", key=key) if value == "true" else say("it is not {key}", key=key)
    return say("{key} is {value}", key=key, value=value)
