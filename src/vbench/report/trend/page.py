"""What the page of a trend shows, gathered before a template sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vbench.record.deployment import Deployment
from vbench.report import wording
from vbench.report.numbers import Change, change, number_text, plural
from vbench.report.tables import CLEAR, UNCLEAR
from vbench.report.trend.series import Trend, TrendLine, TrendMetric, TrendPoint, TrendRun
from vbench.report.verdicts import GateStatus
from vbench.types import Verdict


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run in the list of runs."""

    label: str
    """Date, and the folder's name where two runs share the minute."""
    name: str
    commit: str
    status: GateStatus
    word: str
    pipelines: tuple[str, ...]
    """``dock-v1 1.0.0 ✓ pass``."""
    promotions: tuple[str, ...]
    changes: tuple[str, ...]
    partial: str


@dataclass(frozen=True, slots=True)
class TrendCell:
    """One value in the table behind a chart."""

    text: str
    interval: str
    reason: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """One pipeline of a metric: a cell per run, and what the last step was."""

    pipeline: str
    cells: tuple[TrendCell, ...]
    last: str
    """``▲ +0.020 better, more than chance``."""
    last_word: str
    """``better``, ``worse``, ``same`` or ``changed``; for the colour."""


@dataclass(frozen=True, slots=True)
class MetricPart:
    """One chart with its table."""

    metric: TrendMetric
    title: str
    hint: str
    lines: tuple[LineRow, ...]


@dataclass(frozen=True, slots=True)
class TrendPage:
    """The whole page."""

    trend: Trend
    title: str
    sentence: str
    runs: tuple[RunRow, ...]
    metrics: tuple[MetricPart, ...]


def trend_page(trend: Trend) -> TrendPage:
    """Everything that the page, the Markdown and the PDF of a trend say."""
    labels = run_labels(trend)
    return TrendPage(
        trend=trend,
        title=f"{plural(len(trend.runs), 'run')} over time",
        sentence=_sentence(trend),
        runs=tuple(_run_row(run, label) for run, label in zip(trend.runs, labels, strict=True)),
        metrics=tuple(_part(trend, metric) for metric in trend.metrics),
    )


def run_labels(trend: Trend) -> tuple[str, ...]:
    """A different name for every run: its minute, with the folder where that is not enough."""
    minutes = [run.started_at[:16].replace("T", " ") for run in trend.runs]
    return tuple(
        minute if minutes.count(minute) == 1 else f"{run.started_at[:19].replace('T', ' ')}"
        for run, minute in zip(trend.runs, minutes, strict=True)
    )


def metric_title(metric: TrendMetric, *, named: bool) -> str:
    """``recall of person where daypart is night``; with the golden set where there are several."""
    parts = [wording.metric_title(metric.name)]
    if metric.class_name is not None:
        parts.append(f"of {metric.class_name}")
    if metric.slice:
        parts.append(wording.condition_text(metric.slice))
    if named:
        parts.append(f"on {metric.golden_set}")
    return " ".join(parts)


def _sentence(trend: Trend) -> str:
    """Where the newest run stands, and what clearly moved."""
    last = trend.runs[-1]
    word = wording.VERDICT_WORD[last.verdict].lower()
    moved = [
        f"{wording.metric_title(metric.name)} of {line.pipeline} ({_step_text(metric, line)})"
        for metric in trend.metrics
        if metric.class_name is None and not metric.slice
        for line in metric.lines
        if line.is_clear_change() and _reaches(line, len(trend.runs) - 1)
    ]
    start = f"The newest run: {word}."
    if len(trend.runs) == 1:
        return start
    if not moved:
        return f"{start} No headline metric moved by more than chance since the run before."
    return f"{start} More than chance since the run before: {wording.join_names(moved, limit=4)}."


def _reaches(line: TrendLine, run: int) -> bool:
    return line.points[-1].run == run


def _run_row(run: TrendRun, label: str) -> RunRow:
    return RunRow(
        label=label,
        name=run.name,
        commit=run.commit,
        status=GateStatus(run.verdict.value),
        word=wording.VERDICT_WORD[run.verdict],
        pipelines=tuple(_pipeline_text(*item) for item in run.verdicts),
        promotions=tuple(_promotion_text(entry) for entry in run.promotions),
        changes=run.changes,
        partial=run.partial,
    )


def _pipeline_text(name: str, version: str, verdict: Verdict | None) -> str:
    if verdict is None:
        return f"{name} {version} did not finish"
    return f"{name} {version} {GateStatus(verdict.value).icon} {verdict.value}"


def _promotion_text(entry: Deployment) -> str:
    done = "promoted" if entry.action == "promote" else "rolled back to"
    note = f" ({entry.note})" if entry.note else ""
    if entry.action == "promote":
        return f"{entry.pipeline} {done} {entry.at[:10]}{note}"
    return f"{done} {entry.pipeline} {entry.at[:10]}{note}"


def _part(trend: Trend, metric: TrendMetric) -> MetricPart:
    sets = {item.golden_set for item in trend.metrics}
    rows = []
    for line in metric.lines:
        last, word = _last(metric, line)
        rows.append(LineRow(line.pipeline, _cells(trend, metric, line.points), last, word))
    return MetricPart(
        metric=metric,
        title=metric_title(metric, named=len(sets) > 1),
        hint=wording.metric_meaning(metric.name),
        lines=tuple(rows),
    )


def _cells(
    trend: Trend, metric: TrendMetric, points: Sequence[TrendPoint]
) -> tuple[TrendCell, ...]:
    by_run = {point.run: point for point in points}
    cells = []
    for k in range(len(trend.runs)):
        point = by_run.get(k)
        if point is None:
            cells.append(TrendCell("–", "", "this run does not have the pipeline or the metric"))
        elif point.value is None:
            cells.append(TrendCell("undefined", "", point.reason))
        else:
            interval = ""
            if point.interval is not None:
                low, high = point.interval.low, point.interval.high
                interval = f"{number_text(low, metric.unit)} to {number_text(high, metric.unit)}"
            cells.append(TrendCell(number_text(point.value, metric.unit), interval, ""))
    return tuple(cells)


def _last(metric: TrendMetric, line: TrendLine) -> tuple[str, str]:
    """The step between the last two values, in text and as a word."""
    two, step = line.last_two(), _step(metric, line)
    if two is None or step is None:
        return "", "same"
    text = f"{step.arrow} {step.text} {step.word}"
    if step.word == "same" or two[0].interval is None or two[1].interval is None:
        return text, step.word
    return f"{text}, {CLEAR if line.is_clear_change() else UNCLEAR}", step.word


def _step_text(metric: TrendMetric, line: TrendLine) -> str:
    step = _step(metric, line)
    return "" if step is None else f"{step.text} {step.word}"


def _step(metric: TrendMetric, line: TrendLine) -> Change | None:
    two = line.last_two()
    if two is None:
        return None
    before, after = (float(point.value or 0) for point in two)
    return change(after, before, metric.unit, metric.better)
