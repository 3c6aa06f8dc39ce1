"""How much more footage would decide a gate, in amounts that somebody can go and record."""

from __future__ import annotations

import math

from vbench.report.language.strings import say, say_n, spoken
from vbench.report.lookup import clip_tag_keys, gate_clips
from vbench.report.numbers import short_number
from vbench.report.tested import annotated_s
from vbench.report.wording import condition_text
from vbench.types import COMPARING, GateResult, Interval, Run, Verdict

_MOST_TIMES = 100
"""More footage than that is not a number to plan with."""
_LITTLE_MORE = 1.05


def more_footage_text(run: Run, result: GateResult) -> str:
    """``about 3.2 times the footage would decide, some 24 more clips like these``.

    Where whole clips were resampled the amount is in clips, else in time of the kind of footage
    that the gate looks at. Empty for a gate that footage has nothing to do with.
    """
    times = result.more_footage
    if result.verdict is not Verdict.INCONCLUSIVE or (times is None and result.p_value is None):
        return ""
    if times is None:
        return say("more footage like this would not decide it while the value stays at the limit")
    if times < _LITTLE_MORE:
        return say("a little more footage would decide")
    if times > _MOST_TIMES:
        return say(
            "more than {times} times the footage would be needed to decide", times=_MOST_TIMES
        )
    amount = _amount(run, result, times)
    shown = spoken().number(f"{times:.1f}" if times < 10 else f"{times:.0f}")
    if not amount:
        return say("about {times} times the footage would decide", times=shown)
    return say("about {times} times the footage would decide, {amount}", times=shown, amount=amount)


def _amount(run: Run, result: GateResult, times: float) -> str:
    clips = gate_clips(run, result)
    interval = _interval(result)
    if interval is not None and interval.units == "clips":
        n = max(1, math.ceil((times - 1) * interval.n_units))
        return say_n(n, "some {n} more clip like these", "some {n} more clips like these")
    present_s = sum(annotated_s(clip) for clip in clips)
    if present_s <= 0:
        return ""
    keys = clip_tag_keys(run)
    where = condition_text(tuple(tag for tag in result.gate.slice if tag[0] in keys))
    time = _rough_time((times - 1) * present_s)
    if not where:
        return say("{time} more footage", time=time)
    return say("{time} more footage {where}", time=time, where=where)


def _interval(result: GateResult) -> Interval | None:
    """The interval of the number that was judged."""
    if result.gate.form in COMPARING:
        return None if result.change is None else result.change.interval
    return None if result.observed is None else result.observed.interval


def _rough_time(seconds: float) -> str:
    """Rounded up to what the estimate is worth: ``40 s``, ``6 min``, ``2.5 h``."""
    if seconds <= 90:
        return say("{n} s", n=10 * math.ceil(seconds / 10))
    if seconds <= 90 * 60:
        return say("{n} min", n=math.ceil(seconds / 60))
    return say("{n} h", n=short_number(math.ceil(seconds / 360) / 10))
