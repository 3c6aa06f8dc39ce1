"""Why a gate did not pass, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vbench.metrics.cause_scope import ERROR_SIDES
from vbench.metrics.definitions import METRICS
from vbench.report.numbers import number_with_unit, percent_text, plural
from vbench.report.wording import join_names, metric_title
from vbench.types import Cause, CauseKind

_ERRORS = {"missed": "missed objects", "false": "false alarms", "both": "errors"}
_FRAME_ERRORS = {
    "missed": "frames that were missed",
    "false": "frames with a false alarm",
    "both": "wrong frames",
}
_SIZES = {
    "size=small": "small (under 32 px a side)",
    "size=medium": "medium-sized (32 to 96 px a side)",
    "size=large": "large (over 96 px a side)",
}
_KINDS = {
    "missed": "not detected at all",
    "low_score": "scored below the threshold",
    "localisation": "in a badly fitting box",
    "classification": "as another class",
    "both": "as another class in a badly fitting box",
    "duplicate": "reported twice",
    "background": "where nothing is",
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
    if cause.kind == "size":
        return _SIZES.get(cause.name, cause.name)
    return _KINDS.get(cause.name, cause.name) if cause.kind == "error" else cause.name


class _Words:
    """The sentences of one gate."""

    def __init__(self, metric: str, new_only: bool) -> None:
        self._metric = metric
        side = ERROR_SIDES.get(metric, "both")
        of_frames = METRICS[metric].family == "frames"
        words = _FRAME_ERRORS[side] if of_frames else _ERRORS[side]
        self._errors = f"new {words}" if new_only else words
        self._without = "with them corrected" if new_only else "without it"
        self._worst = "slowest" if METRICS[metric].unit in ("ms", "frames/s") else "worst"

    def clips(self, causes: Sequence[Cause], n_clips: int) -> list[str]:
        """``3 of 14 clips hold 80 % of the missed objects: a, b and c``."""
        if not causes:
            return []
        if causes[0].share is None:
            return [f"{self._worst}: clip {causes[0].name}{self._recovered(causes[0])}"]
        named: list[Cause] = []
        share = 0.0
        for cause in sorted(causes, key=lambda one: -(one.share or 0.0)):
            if share >= _MOST:
                break
            named.append(cause)
            share += cause.share or 0.0
        names = join_names([cause.name for cause in named])
        held = f"{percent_text(min(share, 1.0))} of the {self._errors}: {names}"
        hold = "holds" if len(named) == 1 else "hold"
        recovered = self._recovered(named[0]) if len(named) == 1 else ""
        return [f"{len(named):,} of {plural(n_clips, 'clip')} {hold} {held}{recovered}"]

    def slices(self, causes: Sequence[Cause]) -> list[str]:
        """``slice daypart=night holds 83 % of the missed objects; without it recall is 0.95``."""
        return [
            f"slice {cause.name} holds {self._share(cause)}{self._recovered(cause)}"
            for cause in causes[:_MAX_SLICES]
        ]

    def sizes(self, causes: Sequence[Cause]) -> list[str]:
        """``71 % of the missed objects are small (under 32 px a side)``."""
        return [f"{self._share(cause)} are {cause_title(cause)}" for cause in causes[:1]]

    def kinds(self, causes: Sequence[Cause]) -> list[str]:
        """``of the missed objects 60 % not detected at all, 40 % as another class``."""
        if not causes:
            return []
        parts = [f"{percent_text(cause.share or 0.0)} {cause_title(cause)}" for cause in causes]
        return [f"of the {self._errors} {', '.join(parts)}"]

    def stretches(self, causes: Sequence[Cause], fps: Mapping[str, float]) -> list[str]:
        """``densest: dock3-night, frames 1830-1912 (91.5 s to 95.6 s), 31 % of the errors``."""
        found = []
        for cause in causes:
            if cause.frames is None:
                continue
            first, last = cause.frames
            rate = fps.get(cause.name, 0.0)
            times = f" ({first / rate:.1f} s to {(last + 1) / rate:.1f} s)" if rate > 0 else ""
            held = "" if cause.share is None else f", {self._share(cause)}"
            found.append(f"{cause.name}, frames {first}-{last}{times}{held}")
        what = self._worst if causes and causes[0].share is None else "densest"
        return [f"{what}: {'; '.join(found)}"] if found else []

    def _share(self, cause: Cause) -> str:
        return f"{percent_text(cause.share or 0.0)} of the {self._errors}"

    def _recovered(self, cause: Cause) -> str:
        if cause.recovered is None:
            return ""
        value = number_with_unit(cause.recovered, METRICS[self._metric].unit)
        return f"; {self._without} {metric_title(self._metric)} would be {value}"
