"""One metric over the runs of a benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vbench.report.language.strings import say
from vbench.report.numbers import number_text
from vbench.report.vega.layers import layer, rings, symbols
from vbench.report.vega.specification import (
    Specification,
    chart,
    number,
    quantity,
    series_color,
    series_dash,
    standing_out,
    tooltip,
)
from vbench.report.vega.theme import SCREEN, Theme

SIZE_PX = (500, 250)


@dataclass(frozen=True, slots=True)
class TrendDot:
    """One pipeline in one run."""

    series: int
    run: int
    """Index into the labels."""
    value: float | None
    """None where undefined: the line has a gap."""
    low: float | None
    high: float | None
    promoted: bool


def trend_spec(
    names: Sequence[str],
    labels: Sequence[str],
    dots: Sequence[TrendDot],
    title: str,
    unit: str,
    *,
    theme: Theme = SCREEN,
    size_px: tuple[int, int] = SIZE_PX,
) -> Specification:
    """A line per pipeline with its intervals as a band; a ring around what was promoted.

    Args:
        names: of the pipelines.
        labels: of the runs, oldest first.
        dots: of every pipeline and run that has one.
        title: of the metric.
        unit: of its values.
        theme: of the screen or of print.
        size_px: width and height.
    """
    n = len(names)
    values = [v for dot in dots for v in (dot.value, dot.low, dot.high) if v is not None]
    y = quantity("v", title, _domain(values, unit))
    place: Specification = {"x": _run_axis(len(labels)), "y": y}
    data: Specification = {"values": [_row(dot, labels, unit) for dot in dots]}
    known = "isValid(datum.v)"
    tips = tooltip(
        ("name", say("pipeline"), ""), ("run", say("run"), ""), ("text", say("value"), "")
    )
    layers = [
        *_bands_and_lines(data, place, y, theme, n),
        rings("promotions", data, place, theme.ink, 320, where=f"datum.promoted && {known}"),
        symbols("points", data, place, theme, n, size=80, tooltip=tips, where=known),
    ]
    made = chart(theme, size_px, layers, names=names)
    params = made["params"]
    shared = list(params) if isinstance(params, list) else []
    return {**made, "params": [*shared, {"name": "labels", "value": list(labels)}]}


def _row(dot: TrendDot, labels: Sequence[str], unit: str) -> Specification:
    return {
        "k": dot.series,
        "i": dot.run,
        "run": labels[dot.run],
        "v": None if dot.value is None else number(dot.value),
        "lo": None if dot.low is None else number(dot.low),
        "hi": None if dot.high is None else number(dot.high),
        "text": say("undefined") if dot.value is None else number_text(dot.value, unit),
        "promoted": dot.promoted,
    }


def _run_axis(n_runs: int) -> Specification:
    """Runs at equal distances, however long there was between them."""
    return {
        "field": "i",
        "type": "quantitative",
        "scale": {
            "domain": [-0.25, n_runs - 0.75] if n_runs > 1 else [-0.5, 0.5],
            "nice": False,
            "zero": False,
        },
        "axis": {
            "title": None,
            "values": list(range(n_runs)),
            "labelExpr": "labels[datum.value]",
            "labelOverlap": "greedy",
            "grid": False,
        },
    }


def _bands_and_lines(
    data: Specification, place: Specification, y: Specification, theme: Theme, n_series: int
) -> list[Specification]:
    """Intervals, and values that leave a gap where one is undefined."""
    color = series_color(theme, n_series)
    band: Specification = {
        "x": place["x"],
        "y": {**y, "field": "lo"},
        "y2": {"field": "hi"},
        "fill": color,
        "opacity": standing_out(0.03, 0.16),
    }
    line: Specification = {
        **place,
        "color": color,
        "strokeDash": series_dash(n_series),
        "opacity": standing_out(),
    }
    whole = "isValid(datum.lo) && isValid(datum.hi)"
    mark: Specification = {"type": "line", "strokeWidth": 2, "invalid": "break-paths-show-domains"}
    return [
        layer("bands", data, {"type": "area"}, band, where=whole),
        layer("lines", data, mark, line),
    ]


def _domain(values: Sequence[float], unit: str) -> tuple[float, float]:
    if not values:
        return (0.0, 1.0)
    low, high = min(values), max(values)
    room = (high - low) * 0.1 or abs(high) * 0.1 or 1.0
    ends = (low - room if low < 0 else max(0.0, low - room), high + room)
    return (ends[0], min(1.0, ends[1])) if unit == "ratio" and high <= 1 else ends
