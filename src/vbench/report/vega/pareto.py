"""What is paid for accuracy: pipelines as points, and the line that no pipeline is beyond."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from vbench.report.language.strings import say
from vbench.report.vega.labels import place_labels
from vbench.report.vega.layers import layer, rings, symbols
from vbench.report.vega.specification import (
    Json,
    Specification,
    chart,
    number,
    quantity,
    series_color,
    standing_out,
    tooltip,
)
from vbench.report.vega.theme import SCREEN, Theme

SIZE_PX = (500, 330)
MAX_LABELS = 14
_MAX_LABEL_PX = 170.0
_NARROW_PX = (320, 220)
_AXES_PX = (70.0, 62.0)
"""What axes and their titles take of the drawing, about."""
_MARGIN = 0.12


@dataclass(frozen=True, slots=True)
class ParetoPoint:
    """One pipeline."""

    series: int
    name: str
    cost: float
    accuracy: float
    cost_range: tuple[float, float] | None
    """Interval; None where there is none."""
    accuracy_range: tuple[float, float] | None
    is_baseline: bool


@dataclass(frozen=True, slots=True)
class ParetoAxis:
    """What an axis shows."""

    title: str
    text_format: str
    """Of d3: ``.3f``."""
    lower_is_better: bool = False
    is_ratio: bool = False


def pareto_front(points: Sequence[ParetoPoint], *, lower_is_better: bool) -> tuple[int, ...]:
    """Series that no other beats in one without being worse in the other, in order of cost.

    Args:
        points: any number.
        lower_is_better: of the cost: latency is, throughput is not.
    """
    sign = 1.0 if lower_is_better else -1.0
    front = []
    for one in points:
        place = (sign * one.cost, -one.accuracy)
        others = [(sign * other.cost, -other.accuracy) for other in points if other is not one]
        if not any(a <= place[0] and b <= place[1] and (a, b) != place for a, b in others):
            front.append((one.cost, one.accuracy, one.series))
    front.sort(key=lambda item: (item[0], item[1] * sign))
    return tuple(series for _, _, series in front)


def pareto_spec(
    points: Sequence[ParetoPoint],
    cost: ParetoAxis,
    accuracy: ParetoAxis,
    *,
    n_series: int,
    theme: Theme = SCREEN,
    size_px: tuple[int, int] = SIZE_PX,
) -> Specification:
    """Accuracy over cost, with intervals, labels, and the front as a stepped line.

    Args:
        points: pipelines that have both.
        cost: the horizontal axis.
        accuracy: the vertical one.
        n_series: pipelines of the whole run, so that colours are those of other charts.
        theme: of the screen or of print.
        size_px: width and height.
    """
    domain_x = _domain([v for p in points for v in (p.cost, *(p.cost_range or ()))])
    domain_y = _domain([v for p in points for v in (p.accuracy, *(p.accuracy_range or ()))])
    if accuracy.is_ratio:
        domain_y = (max(0.0, domain_y[0]), min(1.0, domain_y[1]))
    domain_x = (max(0.0, domain_x[0]), domain_x[1])
    x = quantity("x", cost.title, domain_x)
    y = quantity("y", accuracy.title, domain_y)
    front = pareto_front(points, lower_is_better=cost.lower_is_better)
    rows = _rows(points, front, domain_x, domain_y, size_px)
    names = [""] * n_series
    for point in points:
        names[point.series] = point.name
    place: Specification = {"x": x, "y": y}
    tips = tooltip(
        ("name", say("pipeline"), ""),
        ("x", cost.title, cost.text_format),
        ("y", accuracy.title, accuracy.text_format),
    )
    # Layers share the rows by name, and the first of them brings them.
    data: Specification = {"name": "pipelines"}
    color = series_color(theme, n_series)
    layers = [
        _front_layer({**data, "values": rows}, place, theme, cost),
        _range_layer("x", data, place, color),
        _range_layer("y", data, place, color),
        rings("baseline", data, place, theme.muted, 420, where="datum.base"),
        symbols("points", data, place, theme, n_series, size=150, tooltip=tips),
        _labels(data, place, "left"),
        _labels(data, place, "right"),
    ]
    return chart(theme, size_px, layers, names=names)


def _front_layer(
    data: Specification, place: Specification, theme: Theme, cost: ParetoAxis
) -> Specification:
    """Steps through what can be had."""
    mark: Specification = {
        "type": "line",
        "interpolate": "step-after" if cost.lower_is_better else "step-before",
        "stroke": theme.muted,
        "strokeDash": [4, 4],
    }
    order: Specification = {"field": "front", "type": "quantitative"}
    return layer("front", data, mark, {**place, "order": order}, where="datum.front >= 0")


def _labels(data: Specification, place: Specification, side: str) -> Specification:
    """Names beside the points, on the side where there is room."""
    mark: Specification = {
        "type": "text",
        "align": "right" if side == "left" else "left",
        "baseline": "bottom",
        "dx": -9 if side == "left" else 9,
        "dy": {"expr": "datum.dy"},
        "limit": _MAX_LABEL_PX,
    }
    encoding: Specification = {**place, "text": {"field": "label"}, "opacity": standing_out()}
    where = f"datum.label && datum.side == '{side}'"
    return layer(f"labels-{side}", data, mark, encoding, where=where)


def _range_layer(
    axis: str, data: Specification, place: Specification, color: Specification
) -> Specification:
    """Intervals along one axis."""
    low, high = f"{axis}0", f"{axis}1"
    along: Specification = {
        axis: {**_mapping(place[axis]), "field": low},
        f"{axis}2": {"field": high},
    }
    encoding: Specification = {
        **place,
        **along,
        "color": color,
        "opacity": standing_out(0.08, 0.55),
    }
    mark: Specification = {"type": "rule", "strokeWidth": 1.5}
    return layer(f"range-{axis}", data, mark, encoding, where=f"isValid(datum.{low})")


def _rows(
    points: Sequence[ParetoPoint],
    front: Sequence[int],
    domain_x: tuple[float, float],
    domain_y: tuple[float, float],
    size_px: tuple[int, int],
) -> list[dict[str, Json]]:
    # Those who matter most are named; the tooltip and the table name the others.
    matters = sorted(points, key=lambda p: (not p.is_baseline, p.series not in front, p.series))
    named = {point.series for point in matters[:MAX_LABELS]}
    labels = [_label(point) if point.series in named else "" for point in matters]
    # Names that find room in a narrow window have more in a wide one.
    drawn_px = size_px if len(points) > MAX_LABELS else _NARROW_PX
    plot_px = (drawn_px[0] - _AXES_PX[0], drawn_px[1] - _AXES_PX[1])
    at_px = [
        (plot_px[0] * _share(p.cost, domain_x), plot_px[1] * (1 - _share(p.accuracy, domain_y)))
        for p in matters
    ]
    places = place_labels(at_px, labels, plot_px, _MAX_LABEL_PX)
    rows: list[dict[str, Json]] = []
    for point, label, place in zip(matters, labels, places, strict=True):
        cost_low, cost_high = point.cost_range or (math.nan, math.nan)
        low, high = point.accuracy_range or (math.nan, math.nan)
        rows.append(
            {
                "k": point.series,
                "x": number(point.cost),
                "y": number(point.accuracy),
                "x0": number(cost_low),
                "x1": number(cost_high),
                "y0": number(max(low, domain_y[0]) if point.accuracy_range else low),
                "y1": number(min(high, domain_y[1]) if point.accuracy_range else high),
                "base": point.is_baseline,
                "front": front.index(point.series) if point.series in front else -1,
                "label": label,
                "side": place.side,
                "dy": number(place.dy_px),
            }
        )
    return rows


def _label(point: ParetoPoint) -> str:
    return say("{name} (baseline)", name=point.name) if point.is_baseline else point.name


def without_intervals(points: Sequence[ParetoPoint]) -> tuple[ParetoPoint, ...]:
    """The same points, alone: with many pipelines intervals hide them."""
    return tuple(replace(point, cost_range=None, accuracy_range=None) for point in points)


def _share(value: float, domain: tuple[float, float]) -> float:
    return (value - domain[0]) / (domain[1] - domain[0])


def _domain(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = (high - low) * _MARGIN or abs(high) * 0.1 or 1.0
    return low - room, high + room


def _mapping(part: Json) -> Specification:
    return part if isinstance(part, dict) else {}
