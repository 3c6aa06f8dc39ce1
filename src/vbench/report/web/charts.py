"""Geometry of the charts: timelines and bars as SVG paths. No drawing library, no colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.report.evidence import ClipEvidence
from vbench.report.numbers import clock_text, plural
from vbench.types import I64

MAX_COLUMNS = 600
_MIN_COLUMNS = 30
_COLUMNS_IN_ALL = 72_000
_SPANS_IN_ALL = 2_400
BAND_HEIGHT = 16
"""Height of one band in units of the drawing; a column is one unit wide."""
_MIN_BAR = 3
"""Any error must be visible beside hundreds of hits: no bar is lower."""


@dataclass(frozen=True, slots=True)
class Band:
    """One row of a timeline: bars over columns."""

    path: str
    """SVG path data; empty where nothing happened."""
    total: int


@dataclass(frozen=True, slots=True)
class HoverSpan:
    """A stretch of columns with its counts in words."""

    x: int
    width: int
    title: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The timeline of one pipeline on one clip, `n_columns` wide, a band per outcome."""

    pipeline: str
    n_columns: int
    found: Band
    missed: Band
    false: Band
    marks: tuple[HoverSpan, ...]
    """Stretches that carry the loss of gates which did not pass."""
    late: str
    """SVG path of ticks at columns with frames whose answer came too late; empty for none."""
    spans: tuple[HoverSpan, ...]
    summary: str
    """The strip in words, for those who do not see it."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the time axis."""

    percent: float
    text: str


@dataclass(frozen=True, slots=True)
class Detail:
    """How finely strips are drawn. A page with many of them draws each more coarsely."""

    max_columns: int
    max_spans: int
    """Into how many parts a clip is cut that are described in words."""

    @classmethod
    def of(cls, n_strips: int) -> Detail:
        """So that all strips of a page together stay below about 1.5 MB."""
        share = _COLUMNS_IN_ALL // max(1, n_strips)
        return cls(
            max_columns=max(_MIN_COLUMNS, min(MAX_COLUMNS, share)),
            max_spans=max(1, min(60, _SPANS_IN_ALL // max(1, n_strips))),
        )


def strip(
    item: ClipEvidence,
    fps: float,
    *,
    tallest: int,
    detail: Detail,
    stretches: Sequence[tuple[int, int]] = (),
    late: Sequence[int] = (),
) -> Strip:
    """Bin the frames of one clip into a strip.

    Args:
        item: counts per frame.
        fps: average rate of the clip.
        tallest: highest sum of any column of any pipeline on this clip; bars are relative to it.
        detail: how finely to draw.
        stretches: first and last frame of what to mark.
        late: frames whose answer came too late.
    """
    edges = column_edges(len(item.tp), detail.max_columns)
    n_columns = len(edges) - 1
    bands = [
        Band(_bars(_column_sums(counts, edges), tallest), int(counts.sum()))
        for counts in (item.tp, item.fn, item.fp)
    ]
    return Strip(
        pipeline=item.pipeline,
        n_columns=n_columns,
        found=bands[0],
        missed=bands[1],
        false=bands[2],
        marks=tuple(_mark(edges, *frames) for frames in stretches),
        late=_ticks(edges, late),
        spans=_spans(item, edges, fps, detail.max_spans),
        summary=_summary(item, fps),
    )


def column_edges(n_frames: int, max_columns: int = MAX_COLUMNS) -> I64:
    """First frame of each column and the end: at most `max_columns` columns of equal length.

    Equal, so that no column looks busier only because it has a frame more; the last is the rest.
    """
    per_column = max(1, -(-n_frames // max_columns))
    return np.append(np.arange(0, max(n_frames, 1), per_column), n_frames).astype(np.int64)


def gaps(
    annotated: Sequence[tuple[int, int]], n_frames: int, detail: Detail
) -> tuple[HoverSpan, ...]:
    """Columns without an annotated frame; `annotated` are first frames and ends of runs."""
    edges = column_edges(n_frames, detail.max_columns)
    known = np.zeros(n_frames + 1, np.int64)
    for first, end in annotated:
        known[first] += 1
        known[end] -= 1
    empty = _column_sums(np.cumsum(known)[:-1], edges) == 0
    bounds = np.flatnonzero(np.diff(np.concatenate([[False], empty, [False]]).astype(np.int8)))
    return tuple(
        HoverSpan(
            first,
            end - first,
            f"{_frames_text(int(edges[first]), int(edges[end]) - 1)} not annotated",
        )
        for first, end in bounds.reshape(-1, 2).tolist()
    )


def tallest_column(item: ClipEvidence, detail: Detail) -> int:
    """The highest bar that a clip needs."""
    edges = column_edges(len(item.tp), detail.max_columns)
    return max(int(_column_sums(c, edges).max()) for c in (item.tp, item.fn, item.fp))


def time_ticks(duration_s: float) -> tuple[Tick, ...]:
    """About six marks at round times."""
    if duration_s <= 0:
        return ()
    steps_s = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
    step_s = next((step for step in steps_s if duration_s / step <= 7), 28800)
    n = int(duration_s / step_s) + 1
    times_s = [k * step_s for k in range(n) if k * step_s <= duration_s * 0.97]
    return tuple(Tick(100 * at / duration_s, _tick_text(at)) for at in times_s)


def _column_sums(counts: I64, edges: I64) -> I64:
    if not len(counts):
        return np.zeros(1, np.int64)
    return np.add.reduceat(counts, edges[:-1])


def _bars(heights: I64, tallest: int) -> str:
    """Outline of bars that stand on the band's floor: one step where the height changes."""
    if tallest <= 0 or not heights.any():
        return ""
    scaled = np.rint(heights * (BAND_HEIGHT / tallest)).astype(np.int64)
    scaled[heights > 0] = np.maximum(scaled[heights > 0], _MIN_BAR)
    last = int(np.flatnonzero(scaled)[-1])
    starts = np.concatenate([[0], np.flatnonzero(np.diff(scaled[: last + 1])) + 1])
    widths = np.diff(np.append(starts, last + 1))
    steps = np.diff(np.append(0, scaled[starts]))
    parts = [
        f"v{-step}h{width}" if step else f"h{width}"
        for step, width in zip(steps.tolist(), widths.tolist(), strict=True)
    ]
    return f"M0 {BAND_HEIGHT}{''.join(parts)}v{scaled[last]}z"


def _ticks(edges: I64, frames: Sequence[int]) -> str:
    """A tick in the middle of each column that has one of the frames."""
    columns = np.unique(np.searchsorted(edges, np.array(frames, np.int64), side="right") - 1)
    return "".join(f"M{column}.5 0v5" for column in columns.tolist())


def _mark(edges: I64, first: int, last: int) -> HoverSpan:
    start, end = (int(k) for k in np.searchsorted(edges, [first, last], side="right"))
    title = f"{_frames_text(first, last)} carry the loss of a gate"
    return HoverSpan(start - 1, end - start + 1, title)


def _spans(item: ClipEvidence, edges: I64, fps: float, max_spans: int) -> tuple[HoverSpan, ...]:
    n_columns = len(edges) - 1
    if not len(item.tp):
        return ()
    n_spans = max(1, min(max_spans, n_columns))
    at = np.linspace(0, n_columns, n_spans + 1).astype(np.int64)
    spans = []
    for first, end in zip(at[:-1].tolist(), at[1:].tolist(), strict=True):
        start, stop = int(edges[first]), int(edges[end])
        counts = [int(column[start:stop].sum()) for column in (item.tp, item.fn, item.fp)]
        title = (
            f"{_frames_text(start, stop - 1)}, {clock_text(start / fps) if fps > 0 else ''}: "
            f"{counts[0]:,} found, {counts[1]:,} missed, {counts[2]:,} false"
        )
        spans.append(HoverSpan(first, end - first, title))
    return tuple(spans)


def _summary(item: ClipEvidence, fps: float) -> str:
    n_found, n_missed, n_false = (int(c.sum()) for c in (item.tp, item.fn, item.fp))
    text = (
        f"{item.pipeline} on {item.clip}: {n_found:,} found, {n_missed:,} missed, "
        f"{plural(n_false, 'false alarm')}"
    )
    errors = item.fn + item.fp
    if not errors.any() or fps <= 0:
        return f"{text}."
    second = np.bincount((np.arange(len(errors)) / fps).astype(np.int64), weights=errors)
    worst = int(np.argmax(second))
    return f"{text}; most errors in the second from {clock_text(worst)} ({second[worst]:,.0f})."


def _frames_text(first: int, last: int) -> str:
    return f"frame {first:,}" if first == last else f"frames {first:,} to {last:,}"


def _tick_text(seconds: float) -> str:
    return clock_text(seconds) if seconds % 1 else clock_text(seconds).removesuffix(".0")
