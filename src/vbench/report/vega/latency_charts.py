"""Latency charts of a golden set, and what a reader must know beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vbench.metrics.latency import DECODE_STAGE
from vbench.report.lookup import STAGE_KEY, MetricIndex
from vbench.report.numbers import number_text, percent_text, plural
from vbench.report.plain.speed import cameras
from vbench.report.vega.figures import Figure, figure
from vbench.report.vega.latency import StageSpan, TimeBin, time_series_spec, waterfall_spec
from vbench.report.web.latency_view import LatencyView, TimeSeries

MAX_WATERFALLS = 6
MAX_SERIES = 6
_NEAR_LIMIT = 0.3
"""A limit further above the slowest frame than this would flatten everything else."""


@dataclass(frozen=True, slots=True)
class LatencyLine:
    """What one pipeline's times come to, in words."""

    pipeline: str
    late: str
    cameras: str


@dataclass(frozen=True, slots=True)
class LatencyCharts:
    """Of one golden set."""

    waterfalls: Mapping[str, Figure]
    """By pipeline; of the first `MAX_WATERFALLS` that have stages."""
    series: Figure | None
    n_waterfalls: int
    """Pipelines whose stages are shown without a click."""
    drawn: int
    """Pipelines in the time series."""
    lines: tuple[LatencyLine, ...]
    is_throughput: bool


def latency_charts(
    index: MetricIndex, view: LatencyView, golden_set: str, number_of_set: int
) -> LatencyCharts:
    """Draw the latency charts of one golden set. Raises MissingDependencyError."""
    spans = {
        item.name: stage_spans(index, golden_set, item.name)
        for item in index.run.pipelines
        if index.stages.get(item.name)
    }
    shown = {name: found for name, found in list(spans.items())[:MAX_WATERFALLS] if found}
    full_ms = max((_end_ms(span) for found in shown.values() for span in found), default=0.0)
    by_name = {item.name: k for k, item in enumerate(index.run.pipelines)}
    return LatencyCharts(
        waterfalls={
            name: figure(
                waterfall_spec(found, full_ms * 1.12, series=by_name[name]),
                f"waterfall-{number_of_set}-{by_name[name]}",
                name,
                _waterfall_label(found),
            )
            for name, found in shown.items()
        },
        series=_series_figure(index, view, number_of_set),
        n_waterfalls=MAX_WATERFALLS,
        drawn=min(len(view.series), MAX_SERIES),
        lines=tuple(_line(index, one, golden_set) for one in view.series),
        is_throughput=any(one.unit != "ms" for one in view.series),
    )


def stage_spans(index: MetricIndex, golden_set: str, pipeline: str) -> tuple[StageSpan, ...]:
    """Stages but decoding, each from the sum of the medians before it."""
    spans: list[StageSpan] = []
    start_ms = 0.0
    for stage in index.stages.get(pipeline, ()):
        slice_ = ((STAGE_KEY, stage),)
        median_ms = index.value(pipeline, golden_set, "latency_ms_p50", slice_=slice_)
        if median_ms is None or stage == DECODE_STAGE:
            continue
        p95_ms = index.value(pipeline, golden_set, "latency_ms_p95", slice_=slice_)
        spans.append(StageSpan(stage, start_ms, median_ms, p95_ms))
        start_ms += median_ms
    return tuple(spans)


def _end_ms(span: StageSpan) -> float:
    return span.start_ms + max(span.median_ms, span.p95_ms or 0.0)


def _series_figure(index: MetricIndex, view: LatencyView, number_of_set: int) -> Figure | None:
    drawn = view.series[:MAX_SERIES]
    if not drawn:
        return None
    unit = drawn[0].unit
    drawn = tuple(one for one in drawn if one.unit == unit)
    slowest = max(float(one.high.max()) for one in drawn) if unit == "ms" else 0.0
    limit = view.interval_ms
    if unit != "ms" or limit is None or slowest < _NEAR_LIMIT * limit:
        limit = None
    names = [item.name for item in index.run.pipelines]
    return figure(
        time_series_spec(names, [item for one in drawn for item in _bins(one)], unit, limit=limit),
        f"times-{number_of_set}",
        "Latency over the run" if unit == "ms" else "Throughput over the run",
        _series_label(drawn),
    )


def _bins(one: TimeSeries) -> list[TimeBin]:
    return [
        TimeBin(
            series=one.series,
            first=int(one.first[j]),
            n=int(one.n[j]),
            middle=float(one.middle[j]),
            low=None if one.unit != "ms" else float(one.low[j]),
            high=None if one.unit != "ms" else float(one.high[j]),
            clip=one.clip[j],
        )
        for j in range(len(one.first))
    ]


def _line(index: MetricIndex, one: TimeSeries, golden_set: str) -> LatencyLine:
    late = ""
    if one.late_of:
        late = (
            f"{one.n_late:,} of {plural(one.late_of, 'timed frame')} took longer than their "
            f"camera leaves between two frames ({percent_text(one.n_late / one.late_of)})."
        )
        if not one.n_late:
            late = (
                f"None of {plural(one.late_of, 'timed frame')} took longer than their camera "
                "leaves between two frames."
            )
    return LatencyLine(one.pipeline, late, cameras(index, one.pipeline, golden_set).sentence)


def _waterfall_label(spans: Sequence[StageSpan]) -> str:
    return ", then ".join(
        f"{span.name} {number_text(span.median_ms, 'ms')} ms"
        + ("" if span.p95_ms is None else f" (p95 {number_text(span.p95_ms, 'ms')} ms)")
        for span in spans
    )


def _series_label(drawn: Sequence[TimeSeries]) -> str:
    texts = []
    for one in drawn:
        start, end = float(one.middle[0]), float(one.middle[-1])
        unit = one.unit
        text = (
            f"{one.pipeline}: from {number_text(start, unit)} to {number_text(end, unit)} {unit} "
            f"over {plural(one.n_frames, 'timed frame')}"
        )
        if unit == "ms":
            text += f", slowest {number_text(float(one.high.max()), unit)} ms"
        texts.append(text)
    return "; ".join(texts)
