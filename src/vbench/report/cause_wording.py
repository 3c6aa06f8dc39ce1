"""Why a gate did not pass, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vbench.metrics.cause_scope import ERROR_SIDES
from vbench.metrics.definitions import METRICS
from vbench.report.language.strings import noted, say, say_n, spoken
from vbench.report.numbers import number_with_unit, percent_text
from vbench.report.wording import join_names, metric_title
from vbench.types import Cause, CauseKind

_ERRORS = {
    "missed": noted("missed objects"),
    "false": noted("false alarms"),
    "both": noted("errors"),
}
_NEW_ERRORS = {
    "missed": noted("new missed objects"),
    "false": noted("new false alarms"),
    "both": noted("new errors"),
}
_FRAME_ERRORS = {
    "missed": noted("frames that were missed"),
    "false": noted("frames with a false alarm"),
    "both": noted("wrong frames"),
}
_NEW_FRAME_ERRORS = {
    "missed": noted("new frames that were missed"),
    "false": noted("new frames with a false alarm"),
    "both": noted("new wrong frames"),
}
_SIZES = {
    "size=small": noted("small (under 32 px a side)"),
    "size=medium": noted("medium-sized (32 to 96 px a side)"),
    "size=large": noted("large (over 96 px a side)"),
}
_KINDS = {
    "missed": noted("not detected at all"),
    "low_score": noted("scored below the threshold"),
    "localisation": noted("in a badly fitting box"),
    "classification": noted("as another class"),
    "both": noted("as another class in a badly fitting box"),
    "duplicate": noted("reported twice"),
    "background": noted("where nothing is"),
}
_MOST = 0.8
"""Clips are named until they hold this share of the errors."""
_MAX_SLICES = 2


def cause_sentences(
    causes: Sequence[Cause],
    metric: str,
    n_clips: int,
    fps: Mapping[str, float],
    *,
    new_only: bool = False,
) -> tuple[str, ...]:
    """What carries the loss of a gate, most general first; nothing where there are no causes.

    Args:
        causes: as `vbench.metrics.causes.gate_causes` gives them.
        metric: of the gate.
        n_clips: clips that the gate is about.
        fps: frame rate of each clip by id; without it a stretch has no times.
        new_only: whether the errors are those that the baseline does not have.
    """
    if not causes:
        return ()
    words = _Words(metric, new_only)
    by_kind: dict[CauseKind, list[Cause]] = {}
    for cause in causes:
        by_kind.setdefault(cause.kind, []).append(cause)
    return (
        *words.clips(by_kind.get("clip", []), n_clips),
        *words.slices(by_kind.get("slice", [])),
        *words.sizes(by_kind.get("size", [])),
        *words.kinds(by_kind.get("error", [])),
        *words.stretches(by_kind.get("stretch", []), fps),
    )


def cause_title(cause: Cause) -> str:
    """A part of the loss as tables name it: ``small (under 32 px a side)``, ``reported twice``."""
    known = {"size": _SIZES, "error": _KINDS}.get(cause.kind, {})
    return say(known[cause.name]) if cause.name in known else cause.name


class _Words:
    """The sentences of one gate."""

    def __init__(self, metric: str, new_only: bool) -> None:
        self._metric = metric
        side = ERROR_SIDES.get(metric, "both")
        if METRICS[metric].family == "frames":
            words = _NEW_FRAME_ERRORS if new_only else _FRAME_ERRORS
        else:
            words = _NEW_ERRORS if new_only else _ERRORS
        self._errors = say(words[side])
        self._new_only = new_only
        self._is_speed = METRICS[metric].unit in ("ms", "frames/s")

    def clips(self, causes: Sequence[Cause], n_clips: int) -> list[str]:
        """``3 of 14 clips hold 80 % of the missed objects: a, b and c``."""
        if not causes:
            return []
        if causes[0].share is None:
            title = say("slowest") if self._is_speed else say("worst")
            clip = say("clip {clip}", clip=causes[0].name)
            return [f"{title}: {clip}{self._recovered(causes[0])}"]
        named: list[Cause] = []
        share = 0.0
        for cause in sorted(causes, key=lambda one: -(one.share or 0.0)):
            if share >= _MOST:
                break
            named.append(cause)
            share += cause.share or 0.0
        held = say_n(
            len(named),
            "{n} of {clips} holds {share} of the {errors}: {names}",
            "{n} of {clips} hold {share} of the {errors}: {names}",
            clips=say_n(n_clips, "{n} clip", "{n} clips"),
            share=percent_text(min(share, 1.0)),
            errors=self._errors,
            names=join_names([cause.name for cause in named]),
        )
        return [f"{held}{self._recovered(named[0])}" if len(named) == 1 else held]

    def slices(self, causes: Sequence[Cause]) -> list[str]:
        """``slice daypart=night holds 83 % of the missed objects; without it recall is 0.95``."""
        return [
            say("slice {name} holds {share}", name=cause.name, share=self._share(cause))
            + self._recovered(cause)
            for cause in causes[:_MAX_SLICES]
        ]

    def sizes(self, causes: Sequence[Cause]) -> list[str]:
        """``71 % of the missed objects are small (under 32 px a side)``."""
        return [
            say("{share} are {what}", share=self._share(cause), what=cause_title(cause))
            for cause in causes[:1]
        ]

    def kinds(self, causes: Sequence[Cause]) -> list[str]:
        """``of the missed objects 60 % not detected at all, 40 % as another class``."""
        if not causes:
            return []
        parts = [f"{percent_text(cause.share or 0.0)} {cause_title(cause)}" for cause in causes]
        return [say("of the {errors} {parts}", errors=self._errors, parts=", ".join(parts))]

    def stretches(self, causes: Sequence[Cause], fps: Mapping[str, float]) -> list[str]:
        """``densest: dock3-night, frames 1830-1912 (91.5 s to 95.6 s), 31 % of the errors``."""
        found = []
        for cause in causes:
            if cause.frames is None:
                continue
            first, last = cause.frames
            rate = fps.get(cause.name, 0.0)
            times = f" ({_times(first / rate, (last + 1) / rate)})" if rate > 0 else ""
            held = "" if cause.share is None else f", {self._share(cause)}"
            frames = say("frames {first}-{last}", first=str(first), last=str(last))
            found.append(f"{cause.name}, {frames}{times}{held}")
        if not found:
            return []
        if causes[0].share is not None:
            what = say("densest")
        else:
            what = say("slowest") if self._is_speed else say("worst")
        return [f"{what}: {'; '.join(found)}"]

    def _share(self, cause: Cause) -> str:
        share = percent_text(cause.share or 0.0)
        return say("{share} of the {errors}", share=share, errors=self._errors)

    def _recovered(self, cause: Cause) -> str:
        if cause.recovered is None:
            return ""
        value = number_with_unit(cause.recovered, METRICS[self._metric].unit)
        title = metric_title(self._metric)
        if self._new_only:
            text = say("with them corrected {metric} would be {value}", metric=title, value=value)
        else:
            text = say("without it {metric} would be {value}", metric=title, value=value)
        return f"; {text}"


def _times(start_s: float, end_s: float) -> str:
    start, end = (spoken().number(f"{each:.1f}") for each in (start_s, end_s))
    return say("{start} s to {end} s", start=start, end=end)
