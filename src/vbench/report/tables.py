"""Tables with pipelines as columns: what HTML, PDF, Markdown and console all show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from vbench.metrics.definitions import METRICS
from vbench.report import wording
from vbench.report.language.strings import noted, say
from vbench.report.lookup import STAGE_KEY, MetricIndex
from vbench.report.numbers import (
    Change,
    change,
    exact_text,
    number_text,
    range_text,
    unit_suffix,
)
from vbench.types import Metric, Slice

HEADLINE = (
    "recall",
    "precision",
    "f1",
    "fp_per_camera_hour",
    "ap50",
    "ap",
    "frame_accuracy",
    "latency_ms_p50",
    "latency_ms_p95",
    "latency_ms_p99",
    "throughput_fps",
)
COUNTS = ("tp", "fn", "fp")
TRACKING = ("mota", "idf1", "hota", "idsw")
ALERTS = ("events_raised_once", "events_missed", "duplicate_alerts", "false_alerts")
ALL_TRACKING = tuple(
    name for name, item in METRICS.items() if item.family in ("hota", "identity", "clear", "time")
)
ALL_EVENTS = tuple(name for name, item in METRICS.items() if item.family == "events")
SLICE_METRICS = ("recall", "precision", "fp_per_camera_hour")
CLASS_METRICS = ("recall", "precision", "ap50")
N_HEAT_STEPS = 5
CLEAR = noted("more than chance")
UNCLEAR = noted("may be chance")


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as shown; never blank, 0 or NaN for what is undefined."""

    text: str
    """Rounded value, or ``undefined``."""
    exact: str
    """Unrounded value; empty where undefined."""
    n: int
    """Support."""
    reason: str | None
    """Why it is undefined."""
    note: int | None
    """Number of the footnote that gives the reason."""
    change: Change | None
    """Against the baseline."""
    chance: str
    """Whether that change is more than chance: `CLEAR`, `UNCLEAR`, or empty where not known."""
    interval: str
    heat: int
    """0 fine ... `N_HEAT_STEPS` worst; 0 where undefined."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    name: str
    """Metric, slice or class name as the files have it."""
    title: str
    hint: str
    """What it means, one sentence; may be empty."""
    unit: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows over columns, with reasons for what is undefined."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    reasons: tuple[str, ...]
    """Footnotes; `Cell.note` k is ``reasons[k - 1]``."""


@dataclass(slots=True)
class _Reasons:
    """Footnotes in order of first use."""

    numbers: dict[str, int] = field(default_factory=dict)

    def cell(
        self,
        metric: Metric | None,
        baseline: Metric | None = None,
        *,
        heat: int = 0,
        chance: str = "",
    ) -> Cell:
        if metric is None or metric.value is None:
            reason = wording.why_undefined(metric)
            note = self.numbers.setdefault(reason, len(self.numbers) + 1)
            n = 0 if metric is None else metric.n
            return Cell(say("undefined"), "", n, reason, note, None, "", "", 0)
        known = baseline is not None and baseline.value is not None
        interval = metric.interval
        bounds = "" if interval is None else range_text(interval.low, interval.high, metric.unit)
        return Cell(
            text=number_text(metric.value, metric.unit),
            exact=exact_text(metric.value),
            n=metric.n,
            reason=None,
            note=None,
            change=change(metric.value, float(baseline.value or 0), metric.unit, metric.better)
            if baseline is not None and known
            else None,
            chance=chance,
            interval=bounds,
            heat=heat,
        )


def row_title(row: Row) -> str:
    """A metric's title with its unit where the title does not say it: ``latency p50 (ms)``."""
    suffix = unit_suffix(row.unit).strip()
    return f"{row.title} ({suffix})" if suffix else row.title


def headline_table(index: MetricIndex, golden_set: str, names: Sequence[str] = HEADLINE) -> Table:
    """Headline metrics x pipelines, with the difference from the baseline.

    Metrics of tracks and of alerts follow where at least one pipeline has them defined, then plain
    counts.
    """
    pipelines = [item.name for item in index.run.pipelines]
    later_stages = [
        name
        for name in (*TRACKING, *ALERTS)
        if any(index.value(pipeline, golden_set, name) is not None for pipeline in pipelines)
    ]
    reasons = _Reasons()
    rows = []
    for name in (*names, *later_stages, *COUNTS):
        found = [index.find(pipeline, golden_set, name) for pipeline in pipelines]
        cells = [_compared(reasons, index, metric) for metric in found]
        rows.append(_metric_row(name, cells))
    return Table(tuple(pipelines), tuple(rows), tuple(reasons.numbers))


def metric_table(index: MetricIndex, golden_set: str, names: Sequence[str]) -> Table:
    """Those of some metrics x pipelines that at least one pipeline has defined."""
    pipelines = [item.name for item in index.run.pipelines]
    reasons = _Reasons()
    rows = []
    for name in names:
        found = [index.find(pipeline, golden_set, name) for pipeline in pipelines]
        if any(metric is not None and metric.value is not None for metric in found):
            rows.append(_metric_row(name, [_compared(reasons, index, item) for item in found]))
    return Table(tuple(pipelines), tuple(rows), tuple(reasons.numbers))


def slice_table(index: MetricIndex, golden_set: str, names: Sequence[str] = SLICE_METRICS) -> Table:
    """Slices x (pipeline, metric); columns are pipeline after pipeline, `names` within each."""
    slices: tuple[Slice, ...] = ((), *index.slices.get(golden_set, ()))
    places = [
        (
            wording.slice_title(item) or "all",
            wording.slice_title(item) or say("All footage"),
            item,
            None,
        )
        for item in slices
    ]
    return _breakdown(index, golden_set, names, places)


def class_table(
    index: MetricIndex,
    golden_set: str,
    class_names: Sequence[str],
    names: Sequence[str] = CLASS_METRICS,
) -> Table:
    """Classes x (pipeline, metric)."""
    places: list[_Place] = [(name, name, (), name) for name in class_names]
    return _breakdown(index, golden_set, names, places)


def stage_table(index: MetricIndex, golden_set: str, pipeline: str) -> Table:
    """Latency percentiles of each stage of one pipeline, and end to end as the last row."""
    names = ("latency_ms_p50", "latency_ms_p95", "latency_ms_p99")
    reasons = _Reasons()
    rows = []
    for stage in (*index.stages.get(pipeline, ()), ""):
        slice_: Slice = ((STAGE_KEY, stage),) if stage else ()
        cells = [reasons.cell(index.find(pipeline, golden_set, n, slice_=slice_)) for n in names]
        title = stage or say("end to end (without decode)")
        rows.append(Row(stage, title, "", "ms", tuple(cells)))
    return Table(("p50", "p95", "p99"), tuple(rows), tuple(reasons.numbers))


def _compared(reasons: _Reasons, index: MetricIndex, metric: Metric | None) -> Cell:
    """A value beside the baseline's."""
    before = None if metric is None else index.baseline_of(metric)
    if metric is None or before is None:
        return reasons.cell(metric)
    return reasons.cell(metric, before, chance=chance(index, metric, before))


def chance(index: MetricIndex, metric: Metric, before: Metric) -> str:
    """Whether a change is more than chance: `CLEAR`, `UNCLEAR`, or empty where not known.

    By the interval of the change on the same resamples where a gate had it made.

    Else by the intervals of the two values: those that lie apart differ by more than chance, though
    some that overlap a little would too (Schenker and Gentleman 2001).
    """
    if metric.value == before.value:
        return ""
    paired = index.paired_change(metric)
    if paired is not None:
        return CLEAR if paired.low > 0 or paired.high < 0 else UNCLEAR
    one, other = metric.interval, before.interval
    if one is None or other is None:
        return ""
    return CLEAR if one.low > other.high or other.low > one.high else UNCLEAR


_Place = tuple[str, str, Slice, str | None]
"""Name, title, slice, class of a row."""


def _breakdown(
    index: MetricIndex, golden_set: str, names: Sequence[str], places: Sequence[_Place]
) -> Table:
    pipelines = [item.name for item in index.run.pipelines]
    worst = {name: _worst_value(index, golden_set, name, places) for name in names}
    reasons = _Reasons()
    rows = []
    for place_name, title, slice_, class_name in places:
        cells = []
        for pipeline in pipelines:
            for name in names:
                metric = index.find(
                    pipeline, golden_set, name, class_name=class_name, slice_=slice_
                )
                cells.append(reasons.cell(metric, heat=_heat(metric, worst[name])))
        rows.append(Row(place_name, title, "", "", tuple(cells)))
    return Table(tuple(pipelines), tuple(rows), tuple(reasons.numbers))


def _worst_value(index: MetricIndex, golden_set: str, name: str, places: Sequence[_Place]) -> float:
    """The largest value of a metric in a table: what shades are relative to."""
    found = [
        index.find(pipeline.name, golden_set, name, class_name=class_name, slice_=slice_)
        for _, _, slice_, class_name in places
        for pipeline in index.run.pipelines
    ]
    return max((m.value for m in found if m is not None and m.value is not None), default=0.0)


def _heat(metric: Metric | None, largest: float) -> int:
    """Shade of a cell: a ratio by how much it lacks, a rate by its share of the largest one."""
    if metric is None or metric.value is None or metric.better == "neither":
        return 0
    if metric.better == "higher":
        lack = 1.0 - metric.value if metric.unit == "ratio" else 0.0
    else:
        lack = metric.value / largest if largest > 0 else 0.0
    return max(0, min(N_HEAT_STEPS, round(lack * N_HEAT_STEPS)))


def _metric_row(name: str, cells: Sequence[Cell]) -> Row:
    return Row(
        name=name,
        title=wording.metric_title(name),
        hint=wording.metric_meaning(name),
        unit=wording.metric_unit(name),
        cells=tuple(cells),
    )
