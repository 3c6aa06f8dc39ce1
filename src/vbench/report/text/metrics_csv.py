"""Every number of a run as one flat table."""

from __future__ import annotations

import csv
import io

from vbench.report.spreadsheet import safe_cell
from vbench.types import Metric, Run

COLUMNS = (
    "pipeline",
    "golden_set",
    "name",
    "class",
    "clip",
    "slice",
    "value",
    "reason",
    "unit",
    "better",
    "n",
    "low",
    "high",
    "confidence",
    "operating_point",
)


def metrics_csv(run: Run) -> str:
    """The metric rows of ``run.json`` as CSV, in their order, unrounded.

    A cell is empty where a row is about the whole, or a value or interval is undefined. Text that a
    spreadsheet would run as a formula begins with an apostrophe.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(metric) for metric in run.metrics)
    return text.getvalue()


def _row(metric: Metric) -> tuple[str | int, ...]:
    interval, point = metric.interval, metric.operating_point
    return (
        safe_cell(metric.pipeline),
        safe_cell(metric.golden_set),
        metric.name,
        safe_cell(metric.class_name or ""),
        safe_cell(metric.clip or ""),
        safe_cell(", ".join(f"{key}={value}" for key, value in metric.slice)),
        "" if metric.value is None else repr(metric.value),
        metric.reason or "",
        metric.unit,
        metric.better,
        metric.n,
        "" if interval is None else repr(interval.low),
        "" if interval is None else repr(interval.high),
        "" if interval is None else repr(interval.confidence),
        "" if point is None else point.text(),
    )
