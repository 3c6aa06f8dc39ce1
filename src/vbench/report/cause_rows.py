"""What carries the loss of a gate as a small table, with links to the frames that show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from vbench.report.cause_wording import cause_title
from vbench.report.numbers import clock_text, exact_text, number_text, percent_text
from vbench.report.wording import metric_unit
from vbench.types import Cause, CauseKind, GateResult, Run

_KIND_WORDS: Mapping[CauseKind, str] = MappingProxyType(
    {
        "clip": "Clip",
        "slice": "Slice",
        "size": "Size",
        "error": "Kind of error",
        "stretch": "Stretch",
    }
)
_MAX_LINKS = 3


@dataclass(frozen=True, slots=True)
class Link:
    """A place of the page."""

    key: str
    """Anchor."""
    text: str
    is_picture: bool


@dataclass(frozen=True, slots=True)
class FrameLinks:
    """Where the page shows frames and clips."""

    pictures: Mapping[tuple[str, str, str], Sequence[tuple[int, str]]] = field(default_factory=dict)
    """(pipeline, golden set, clip) -> (frame, anchor) of each kept picture."""
    timelines: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(golden set, clip) -> anchor of its timeline."""

    def of(self, result: GateResult, cause: Cause) -> tuple[Link, ...]:
        """Pictures of a clip or stretch by frame; of none of them the timeline."""
        if cause.kind not in ("clip", "stretch"):
            return ()
        kept = self.pictures.get((result.pipeline, result.golden_set, cause.name), ())
        first, last = cause.frames or (0, max((frame for frame, _ in kept), default=0))
        links = [
            Link(key, f"frame {frame:,}", is_picture=True)
            for frame, key in kept
            if first <= frame <= last
        ]
        timeline = self.timelines.get((result.golden_set, cause.name))
        if not links and timeline is not None:
            return (Link(timeline, "timeline", is_picture=False),)
        return tuple(links[:_MAX_LINKS])


@dataclass(frozen=True, slots=True)
class CauseRow:
    """One part of the loss."""

    kind: str
    """``Clip``, ``Slice``, ...; empty where it is that of the row above."""
    name: str
    where: str
    """Frames and times of a stretch; else empty."""
    n_errors: str
    """Empty where not known."""
    share: str
    percent: float
    """The share, 0 to 100, for a bar."""
    recovered: str
    """The metric without it; empty where not known."""
    recovered_exact: str
    links: tuple[Link, ...]


def cause_rows(run: Run, result: GateResult, links: FrameLinks) -> tuple[CauseRow, ...]:
    """A row per cause in the order given: most telling first within each kind."""
    unit = metric_unit(result.gate.metric)
    fps = {clip.id: clip.facts.fps for clip in run.clips if clip.golden_set == result.golden_set}
    kinds = ["", *(cause.kind for cause in result.causes)]
    return tuple(
        CauseRow(
            kind="" if kinds[k] == cause.kind else _KIND_WORDS[cause.kind],
            name=cause_title(cause),
            where=_where(cause, fps.get(cause.name, 0.0)),
            n_errors="" if cause.n_errors is None else f"{cause.n_errors:,}",
            share="" if cause.share is None else percent_text(cause.share),
            percent=0.0 if cause.share is None else round(100 * cause.share, 1),
            recovered="" if cause.recovered is None else number_text(cause.recovered, unit),
            recovered_exact="" if cause.recovered is None else exact_text(cause.recovered),
            links=links.of(result, cause),
        )
        for k, cause in enumerate(result.causes)
    )


def frames_of(rows: Sequence[CauseRow]) -> tuple[tuple[str, tuple[Link, ...]], ...]:
    """Every picture that rows link to, once: (clip, its pictures), in the order of the rows."""
    found: dict[str, dict[str, Link]] = {}
    for row in rows:
        for link in row.links:
            if link.is_picture:
                found.setdefault(row.name, {})[link.key] = link
    return tuple((clip, tuple(links.values())) for clip, links in found.items())


def _where(cause: Cause, fps: float) -> str:
    """``frames 1,830 to 1,912 (1:31.5 to 1:35.6)``."""
    if cause.frames is None:
        return ""
    first, last = cause.frames
    text = f"frames {first:,} to {last:,}"
    return f"{text} ({clock_text(first / fps)} to {clock_text((last + 1) / fps)})" if fps else text
