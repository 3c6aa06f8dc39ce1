"""The timeline of each clip: a strip per pipeline, as a reader without scripts sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vbench.report.evidence import ClipEvidence, Evidence
from vbench.report.numbers import duration_text
from vbench.report.page_data.contract import ClipData
from vbench.report.tested import annotated_s
from vbench.report.web.charts import (
    Detail,
    HoverSpan,
    Strip,
    Tick,
    gaps,
    strip,
    tallest_column,
    time_ticks,
)
from vbench.report.wording import slice_title
from vbench.types import ClipResult, Run

N_OPEN = 6
"""Pipelines whose strips stand open; those of more are folded away."""
N_LANES = 3
_MAX_MARKS = 60
_SIGNS = {"raised": "●", "duplicate": "◐", "false": "✕", "missed": "○"}
_WORDS = {
    "raised": "alert",
    "duplicate": "alert for the same event again",
    "false": "false alert",
    "missed": "event without an alert",
}


@dataclass(frozen=True, slots=True)
class EventMark:
    """A stretch that should be alerted once; places in percent of the clip."""

    left: float
    width: float
    text: str
    lane: int
    """Events that overlap lie below each other, in one of `N_LANES`."""


@dataclass(frozen=True, slots=True)
class AlertMark:
    """An alert, or where one is missing; its outcome has a shape of its own."""

    left: float
    """Percent of the clip."""
    outcome: str
    sign: str
    title: str


@dataclass(frozen=True, slots=True)
class PipelineStrip:
    """What one pipeline did on a clip."""

    strip: Strip
    alerts: tuple[AlertMark, ...]


@dataclass(frozen=True, slots=True)
class ClipTimeline:
    """The strips of all pipelines on one clip."""

    key: str
    """Anchor of the page."""
    number: int
    """Of the clip in the page's data."""
    slices: tuple[int, ...]
    """Numbers of the slices that it has a part in."""
    golden_set: str
    clip: str
    tags: str
    duration: str
    n_frames: int
    n_boxes: int
    damaged: str | None
    ticks: tuple[Tick, ...]
    events: tuple[EventMark, ...]
    n_lanes: int
    gaps: tuple[HoverSpan, ...]
    """Stretches that are not annotated, in columns of the strips."""
    n_marks_left_out: int
    """Events and alerts beyond what a strip has room for."""
    strips: tuple[PipelineStrip, ...]
    folded: tuple[PipelineStrip, ...]
    """Of the pipelines after the first `N_OPEN`."""


def clip_timelines(
    run: Run, evidence: Evidence, clips: Sequence[ClipData]
) -> tuple[ClipTimeline, ...]:
    """The timelines of all clips, in the order of the page's data."""
    results = {(clip.golden_set, clip.id): clip for clip in run.clips}
    items: dict[tuple[str, str], list[ClipEvidence]] = {}
    for item in evidence.clips:
        items.setdefault((item.golden_set, item.clip), []).append(item)
    names = [item.name for item in evidence.golden_sets]
    detail = Detail.of(len(run.clips) * len(run.pipelines))
    places = [(names[data["set"]], data["name"]) for data in clips]
    return tuple(
        _timeline(results[place], items.get(place, []), data, number, detail)
        for number, (place, data) in enumerate(zip(places, clips, strict=True))
        if place in results
    )


def _timeline(
    clip: ClipResult, items: Sequence[ClipEvidence], data: ClipData, number: int, detail: Detail
) -> ClipTimeline:
    """One clip; the strips of its pipelines share one scale."""
    tallest = max((tallest_column(item, detail) for item in items), default=0)
    strips = tuple(
        PipelineStrip(
            strip(
                item,
                clip.facts.fps,
                tallest=tallest,
                detail=detail,
                stretches=data["stretches"][k],
                late=data["late"][k],
            ),
            _alerts(data, k),
        )
        for k, item in enumerate(items)
    )
    n_marks = [len(data["events"])]
    n_marks += [
        len(alerts) + len(missed)
        for alerts, missed in zip(data["alerts"], data["missed_events"], strict=True)
    ]
    events = _events(data)
    return ClipTimeline(
        key=data["key"],
        number=number,
        slices=tuple(data["slices"]),
        golden_set=clip.golden_set,
        clip=clip.id,
        tags=slice_title(clip.tags),
        duration=duration_text(annotated_s(clip)),
        n_frames=clip.facts.n_frames,
        n_boxes=clip.n_truth,
        damaged=clip.damaged,
        ticks=time_ticks(clip.facts.duration_s),
        events=events,
        n_lanes=max((event.lane + 1 for event in events), default=0),
        gaps=gaps(data["annotated"], data["n_frames"], detail),
        n_marks_left_out=sum(max(0, n - _MAX_MARKS) for n in n_marks),
        strips=strips[:N_OPEN],
        folded=strips[N_OPEN:],
    )


def _events(data: ClipData) -> tuple[EventMark, ...]:
    ends: list[int] = []
    made = []
    for event in data["events"][:_MAX_MARKS]:
        free = (lane for lane, end in enumerate(ends) if end < event["first"])
        lane = next(free, min(len(ends), N_LANES - 1))
        if lane == len(ends):
            ends.append(event["last"])
        ends[lane] = max(ends[lane], event["last"])
        width = _percent(data, event["last"] + 1 - event["first"])
        made.append(EventMark(_percent(data, event["first"]), width, event["text"], lane))
    return tuple(made)


def _alerts(data: ClipData, pipeline: int) -> tuple[AlertMark, ...]:
    found: list[tuple[int, str, str]] = [
        (one["frame"], one["outcome"], one["text"]) for one in data["alerts"][pipeline]
    ]
    missed = [data["events"][number] for number in data["missed_events"][pipeline]]
    found += [(event["first"], "missed", event["text"]) for event in missed]
    return tuple(
        AlertMark(
            left=_percent(data, frame),
            outcome=outcome,
            sign=_SIGNS[outcome],
            title=f"frame {frame:,}: {_WORDS[outcome]}, {text}",
        )
        for frame, outcome, text in sorted(found)[:_MAX_MARKS]
    )


def _percent(data: ClipData, frames: int) -> float:
    return round(100 * frames / max(1, data["n_frames"]), 2)
