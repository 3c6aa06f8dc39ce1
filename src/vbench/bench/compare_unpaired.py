"""The difference of two numbers that were measured on different footage."""

from __future__ import annotations

import math

from vbench.stats import interval
from vbench.types import Change, Interval, Spread

_SMALLEST_P = 1e-6


def unpaired_change(
    value: float, candidate: Spread | None, reference: Spread | None, confidence: float
) -> Change:
    """Candidate minus reference, from the interval of each alone.

    The interval of the difference is recovered from those of the two numbers, which need be
    neither symmetric nor of the same width (Zou and Donner 2008, Statistics in Medicine 27,
    1693-1702). The p-value is the level at which it touches 0.

    Args:
        value: candidate minus reference.
        candidate: how sure the candidate's number is; None where that is not known.
        reference: the same of the reference.
        confidence: of the interval.
    """
    if candidate is None or reference is None:
        return Change(value, None, "too little footage to say how sure either number is", None)
    found = _interval(value, candidate, reference, confidence)
    return Change(value, found, "", _p_value(value, candidate, reference))


def _interval(value: float, candidate: Spread, reference: Spread, confidence: float) -> Interval:
    ours, theirs = interval(candidate, confidence), interval(reference, confidence)
    down = math.hypot(candidate.value - ours.low, theirs.high - reference.value)
    up = math.hypot(ours.high - candidate.value, reference.value - theirs.low)
    return Interval(
        value - down,
        value + up,
        confidence,
        "blocks" if "blocks" in (candidate.units, reference.units) else "clips",
        min(candidate.n_units, reference.n_units),
    )


def _p_value(value: float, candidate: Spread, reference: Spread) -> float:
    """The smallest level at which the interval leaves 0 out, by bisection."""
    if value == 0:
        return 1.0

    def leaves_out_zero(p_value: float) -> bool:
        found = _interval(value, candidate, reference, 1.0 - p_value)
        return not found.low <= 0.0 <= found.high

    low, high = _SMALLEST_P, 1.0 - _SMALLEST_P
    if leaves_out_zero(low):
        return low
    while high / low > 1.0001:
        middle = math.sqrt(low * high)
        if leaves_out_zero(middle):
            high = middle
        else:
            low = middle
    return high
