"""A trend as one HTML file: no network, no other files."""

from __future__ import annotations

from markupsafe import Markup

from vbench.report.numbers import plural
from vbench.report.templates import render
from vbench.report.trend.page import MetricPart, TrendPage, run_labels
from vbench.report.trend.series import Trend, TrendMetric
from vbench.report.vega.drawing import svg
from vbench.report.vega.theme import symbol_path
from vbench.report.vega.trend import TrendDot, trend_spec

_STYLES = ("css/base.css", "css/charts.css", "css/trend.css")
_MAX_CHARTS = 40
"""Of gates and headline metrics there are fewer; of very many gates the rest are tables."""


def trend_html(page: TrendPage) -> str:
    """The page as text.

    Raises:
        MissingDependencyError: charts cannot be drawn.
    """
    charts = [
        _drawn(page.trend, part, k) if k < _MAX_CHARTS else Markup("")
        for k, part in enumerate(page.metrics)
    ]
    return render(
        "trend.html.j2",
        page=page,
        charts=charts,
        symbol=symbol_path,
        trend_styles=_STYLES,
    )


def _drawn(trend: Trend, part: MetricPart, number: int) -> Markup:
    metric = part.metric
    names = [line.pipeline for line in metric.lines]
    spec = trend_spec(names, run_labels(trend), _dots(trend, metric), part.title, metric.unit)
    return svg(spec, f"trend-{number}", _in_words(trend, part))


def _dots(trend: Trend, metric: TrendMetric) -> list[TrendDot]:
    return [
        TrendDot(
            series=k,
            run=point.run,
            value=point.value,
            low=None if point.interval is None else point.interval.low,
            high=None if point.interval is None else point.interval.high,
            promoted=any(
                entry.pipeline == line.pipeline for entry in trend.runs[point.run].promotions
            ),
        )
        for k, line in enumerate(metric.lines)
        for point in line.points
    ]


def _in_words(trend: Trend, part: MetricPart) -> str:
    rows = [
        f"{row.pipeline}: {row.cells[0].text} to {row.cells[-1].text}"
        for row in part.lines
        if row.cells
    ]
    return f"{part.title} over {plural(len(trend.runs), 'run')}. {'; '.join(rows)}."
