"""Numbers as a reader wants them: rounded by unit, with the separators of the language."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from vbench.report.language.strings import noted, say, spoken
from vbench.types import Better

ChangeWord = Literal["better", "worse", "same", "changed"]

MINUS = "\u2212"
_SHOWN_UNITS = (noted("ms"), noted("s"), noted("frames/s"))
_MAX_DECIMALS = 9


def number_text(value: float, unit: str) -> str:
    """A value rounded for reading: ``0.874``, ``1,234``, ``9.1`` (the unit is not repeated)."""
    return _fixed(value, _decimals(value, unit))


def number_with_unit(value: float, unit: str) -> str:
    """A value with its unit where it has one: ``9.1 ms``, ``0.874``."""
    return f"{number_text(value, unit)}{unit_suffix(unit)}"


def range_text(low: float, high: float, unit: str) -> str:
    """``0.571 to 0.655``, both rounded as `number_text`."""
    return say("{low} to {high}", low=number_text(low, unit), high=number_text(high, unit))


def unit_suffix(unit: str) -> str:
    """What follows a number of this unit, with its space; empty where the metric's name says it."""
    return f" {say(unit)}" if unit in _SHOWN_UNITS else ""


def exact_text(value: float) -> str:
    """The unrounded value, as ``run.json`` has it."""
    return repr(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)


def text_beside(value: float, limit: float, unit: str) -> str:
    """A value rounded no further than it still differs from the limit it is compared with.

    0.7996 beside a limit of 0.8 reads ``0.7996``, not ``0.800``.
    """
    decimals = _decimals(value, unit)
    if value != limit:
        while decimals < _MAX_DECIMALS and _fixed(value, decimals) == _fixed(limit, decimals):
            decimals += 1
    return _fixed(value, decimals)


def limit_text(limit: float, unit: str) -> str:
    """A limit as its author wrote it: no rounding, no padding."""
    text = f"{limit:,.9f}".rstrip("0").rstrip(".") if abs(limit) < 1e9 else f"{limit:g}"
    return f"{spoken().number(text.replace('-', MINUS))}{unit_suffix(unit)}"


def count_text(n: int) -> str:
    """A whole number: ``1,234``."""
    return spoken().number(f"{n:,}")


def short_number(value: float) -> str:
    """A number as it is, up to six digits: ``95``, ``99.5``."""
    return spoken().number(f"{value:g}")


def percent_of(percent: float) -> str:
    """``95 %``, ``99.5 %``: what was asked for, not rounded to whole percent."""
    return say("{n} %", n=short_number(percent))


def percent_text(share: float) -> str:
    """A share as whole percent; never ``0 %`` or ``100 %`` for what is not exactly that."""
    percent = round(share * 100)
    if percent == 0 and share > 0:
        return say("under {percent}", percent=percent_of(1))
    if percent == 100 and share < 1:
        return say("over {percent}", percent=percent_of(99))
    return percent_of(percent)


def duration_text(seconds: float) -> str:
    """A stretch of footage: ``8.4 s``, ``12 min 5 s``, ``3 h 20 min``."""
    if seconds < 60:
        tenths = f"{seconds:.1f}".removesuffix(".0")
        return say("{n} s", n=spoken().number(tenths))
    minutes, rest_s = divmod(round(seconds), 60)
    if minutes < 60:
        amount = say("{n} min", n=minutes)
        return f"{amount} {say('{n} s', n=rest_s)}" if rest_s else amount
    hours, rest_min = divmod(minutes, 60)
    amount = say("{n} h", n=hours)
    return f"{amount} {say('{n} min', n=rest_min)}" if rest_min else amount


def clock_text(seconds: float) -> str:
    """A place in a clip: ``0:04.2``, ``1:02:09.0``."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes_of_hour = divmod(minutes, 60)
    tail = spoken().number(f"{rest // 10:02d}.{rest % 10}")
    return f"{hours}:{minutes_of_hour:02d}:{tail}" if hours else f"{minutes}:{tail}"


def plural(n: int, one: str, many: str = "") -> str:
    """``1 gate``, ``2 gates``."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


@dataclass(frozen=True, slots=True)
class Change:
    """A difference from the baseline, with its sense in words: colour is never the only sign."""

    text: str
    """Signed and rounded, ``+0.012``; ``±0`` where nothing changed."""
    exact: str
    word: ChangeWord
    """``changed`` where neither direction is better."""
    arrow: str
    """Direction of the number, not of its merit."""

    @property
    def said(self) -> str:
        """`word` in the language of the reader."""
        return say(self.word)


def change(value: float, baseline: float, unit: str, better: Better) -> Change:
    """How a value differs from the baseline's."""
    difference = value - baseline
    if difference == 0:
        return Change("±0", "0", "same", "=")
    size = abs(difference)
    decimals = _decimals(max(abs(value), abs(baseline)), unit)
    while decimals < _MAX_DECIMALS and round(size, decimals) == 0:
        decimals += 1
    sign = "+" if difference > 0 else MINUS
    word: ChangeWord = "changed"
    if better != "neither":
        word = "better" if (difference > 0) == (better == "higher") else "worse"
    return Change(
        text=f"{sign}{_fixed(size, decimals)}",
        exact=f"{difference:+.12g}".replace("-", MINUS),
        word=word,
        arrow="▲" if difference > 0 else "▼",
    )


def _decimals(value: float, unit: str) -> int:
    size = abs(value)
    if unit in ("ratio", "1/frame"):
        return 3
    if unit == "count":
        return 0
    if unit == "ms":
        return 2 if size < 10 else 1 if size < 100 else 0
    if unit == "s":
        return 3 if size < 1 else 2 if size < 10 else 1 if size < 100 else 0
    if unit in ("frames/s", "1/camera-hour"):
        return 1 if 0 < size < 100 else 0
    return 0 if float(value).is_integer() else max(0, 3 - math.floor(math.log10(size)))


def _fixed(value: float, decimals: int) -> str:
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return spoken().number(text.replace("-", MINUS))
