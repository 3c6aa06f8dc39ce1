"""A trend as Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence

from vbench.report.spreadsheet import safe_cell
from vbench.report.text.markdown import escaped, table
from vbench.report.trend.page import TrendPage
from vbench.report.trend.series import Trend, TrendMetric, TrendPoint
from vbench.types import Interval

TREND_SCHEMA = "vbench.trend/v1"
_LONG = 400
_COLUMNS = (
    "golden_set",
    "metric",
    "class",
    "slice",
    "unit",
    "better",
    "pipeline",
    "run",
    "started_at",
    "value",
    "reason",
    "low",
    "high",
    "confidence",
    "n",
)


def trend_markdown(page: TrendPage) -> str:
    """The trend as Markdown: runs, what changed, a row per metric and pipeline."""
    title = f"## {escaped(page.trend.benchmark)}: {page.title}"
    lines = [title, "", escaped(page.sentence, limit=_LONG), ""]
    rows = [
        (
            escaped(row.label),
            escaped(row.commit),
            f"{row.status.icon} {row.word}",
            escaped("; ".join(row.pipelines), limit=_LONG),
            escaped("; ".join([*row.promotions, *row.changes]), limit=_LONG),
        )
        for row in page.runs
    ]
    lines += table(("Run", "Commit", "Verdict", "Pipelines", "What changed"), rows)
    for part in page.metrics:
        lines += ["", f"### {escaped(part.title)}", ""]
        values = [
            (escaped(line.pipeline), *(escaped(cell.text) for cell in line.cells), line.last)
            for line in part.lines
        ]
        heads = ("Pipeline", *(escaped(row.label) for row in page.runs), "Last change")
        lines += table(heads, values)
    return "\n".join(lines) + "\n"


def trend_csv(trend: Trend) -> str:
    """A row per metric, pipeline and run, with intervals; empty where undefined.

    Names are no formulas of a spreadsheet, see `safe_cell`.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for metric, pipeline, point in _points(trend):
        run = trend.runs[point.run]
        interval = point.interval
        writer.writerow(
            (
                safe_cell(metric.golden_set),
                metric.name,
                safe_cell(metric.class_name or ""),
                safe_cell(", ".join(f"{key}={value}" for key, value in metric.slice)),
                metric.unit,
                metric.better,
                safe_cell(pipeline),
                safe_cell(run.name),
                run.started_at,
                "" if point.value is None else repr(point.value),
                point.reason,
                *(("", "", "") if interval is None else _bounds(interval)),
                point.n,
            )
        )
    return text.getvalue()


def trend_json(trend: Trend) -> str:
    """The trend as one JSON document, schema `TREND_SCHEMA`."""
    document = {
        "schema": TREND_SCHEMA,
        "benchmark": trend.benchmark,
        "runs": [
            {
                "name": run.name,
                "started_at": run.started_at,
                "commit": run.commit,
                "verdict": run.verdict.value,
                "partial": run.partial,
                "pipelines": [
                    {
                        "name": name,
                        "version": version,
                        "verdict": None if verdict is None else verdict.value,
                    }
                    for name, version, verdict in run.verdicts
                ],
                "promotions": [
                    {"action": item.action, "at": item.at, "pipeline": item.pipeline}
                    for item in run.promotions
                ],
                "changes": list(run.changes),
            }
            for run in trend.runs
        ],
        "metrics": [_metric(metric) for metric in trend.metrics],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _points(trend: Trend) -> Iterator[tuple[TrendMetric, str, TrendPoint]]:
    for metric in trend.metrics:
        for line in metric.lines:
            for point in line.points:
                yield metric, line.pipeline, point


def _metric(metric: TrendMetric) -> Mapping[str, object]:
    return {
        "golden_set": metric.golden_set,
        "name": metric.name,
        "class": metric.class_name,
        "slice": dict(metric.slice),
        "unit": metric.unit,
        "better": metric.better,
        "lines": [
            {"pipeline": line.pipeline, "points": [_point(point) for point in line.points]}
            for line in metric.lines
        ],
    }


def _point(point: TrendPoint) -> Mapping[str, object]:
    interval = point.interval
    return {
        "run": point.run,
        "value": point.value,
        "reason": point.reason or None,
        "interval": None
        if interval is None
        else {
            "low": interval.low,
            "high": interval.high,
            "confidence": interval.confidence,
        },
        "n": point.n,
    }


def _bounds(interval: Interval) -> Sequence[str]:
    return repr(interval.low), repr(interval.high), repr(interval.confidence)
