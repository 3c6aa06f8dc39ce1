"""Where the time of a frame goes, and whether it stays the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vbench.report.language.strings import say
from vbench.report.numbers import number_text
from vbench.report.vega.layers import layer, pointer_targets
from vbench.report.vega.specification import (
    LABEL_LIMIT_PX,
    Json,
    Specification,
    chart,
    label_room_px,
    number,
    quantity,
    series_color,
    series_dash,
    standing_out,
    tooltip,
)
from vbench.report.vega.theme import SCREEN, Theme

SERIES_SIZE_PX = (1040, 260)
WATERFALL_WIDTH_PX = 520
_ROW_PX = 30
_FRAME_PX = 70


@dataclass(frozen=True, slots=True)
class StageSpan:
    """One stage of one pipeline, in ms."""

    name: str
    start_ms: float
    """Sum of the medians of the stages before it."""
    median_ms: float
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class TimeBin:
    """Some timed frames that follow one another."""

    series: int
    first: int
    """How many timed frames of the run came before."""
    n: int
    middle: float
    """Median, ms; in a throughput run frames per second."""
    low: float | None
    high: float | None
    """None in a throughput run."""
    clip: str


def waterfall_spec(
    spans: Sequence[StageSpan], full_ms: float, *, series: int = 0, theme: Theme = SCREEN
) -> Specification:
    """A bar per stage that starts where the one before it ends; a whisker up to its p95.

    Args:
        spans: the stages in order of execution.
        full_ms: end of the axis, which pipelines that are compared share.
        series: number of the pipeline, for its colour.
        theme: of the screen or of print.
    """
    names: list[Json] = [span.name for span in spans]
    y: Specification = {
        "field": "row",
        "type": "nominal",
        "scale": {"domain": [f"{k}" for k in range(len(spans))], "padding": 0.35},
        "axis": {
            "title": None,
            # Two stages may have one name, so rows go by number.
            "labelExpr": "stages[toNumber(datum.value)]",
            "labelColor": theme.ink,
            "labelLimit": LABEL_LIMIT_PX,
            "minExtent": label_room_px([span.name for span in spans]),
            "grid": False,
        },
    }
    x = quantity("a", say("ms from the decoded frame"), (0.0, full_ms))
    size_px = (WATERFALL_WIDTH_PX, _FRAME_PX + _ROW_PX * len(spans))
    data: Specification = {"values": [_stage_row(k, span) for k, span in enumerate(spans)]}
    made = chart(theme, size_px, _stage_layers(data, x, y, theme, theme.series_color(series)))
    return {**made, "params": [*_params(made), {"name": "stages", "value": names}]}


def _stage_row(number_of_stage: int, span: StageSpan) -> Specification:
    p95_ms = span.p95_ms
    return {
        "row": f"{number_of_stage}",
        "stage": span.name,
        "a": number(span.start_ms),
        "b": number(span.start_ms + span.median_ms),
        "m": number(span.median_ms),
        "q": None if p95_ms is None else number(p95_ms),
        "w": None if p95_ms is None else number(span.start_ms + p95_ms),
        "end": number(span.start_ms + max(span.median_ms, p95_ms or 0.0)),
        "text": number_text(span.median_ms, "ms"),
    }


def _stage_layers(
    data: Specification, x: Specification, y: Specification, theme: Theme, fill: str
) -> list[Specification]:
    tips = tooltip(
        ("stage", say("stage"), ""),
        ("m", say("median, ms"), ".3~f"),
        ("q", say("p95, ms"), ".3~f"),
        ("a", say("starts at, ms"), ".3~f"),
    )
    bar: Specification = {"type": "bar", "fill": fill, "cornerRadius": 2}
    rule: Specification = {"type": "rule", "stroke": theme.ink, "strokeWidth": 1.5}
    tick: Specification = {"type": "tick", "color": theme.ink, "thickness": 1.5, "size": 10}
    text: Specification = {"type": "text", "align": "left", "baseline": "middle", "dx": 7}
    known = "isValid(datum.w)"

    def at(field: str, to: str = "") -> Specification:
        return {"x": {**x, "field": field}, "y": y, **({"x2": {"field": to}} if to else {})}

    return [
        layer("bars", data, bar, {**at("a", "b"), "tooltip": tips}),
        layer("whiskers", data, rule, at("b", "w"), where=known),
        layer("ends", data, tick, at("w"), where=known),
        layer("texts", data, text, {**at("end"), "text": {"field": "text"}}),
    ]


def time_series_spec(
    names: Sequence[str],
    bins: Sequence[TimeBin],
    unit: str,
    *,
    limit: float | None = None,
    theme: Theme = SCREEN,
) -> Specification:
    """The median of every bin over the run, with the least and most of its frames as a band.

    Args:
        names: of all pipelines.
        bins: of those that are drawn.
        unit: ``ms``, or ``frames/s`` for a throughput run.
        limit: a line that should not be crossed: the time between two frames of a camera.
        theme: of the screen or of print.
    """
    n = len(names)
    is_latency = unit == "ms"
    title = say("latency, ms") if is_latency else say("frames per second")
    last = max((one.first + one.n for one in bins), default=1)
    highest = max((v for one in bins for v in (one.middle, one.high or 0.0)), default=1.0)
    top = max(highest, limit or 0.0) * 1.05 or 1.0
    x = quantity("i", say("timed frames, in order of the run"), (0, float(last)), n_ticks=8)
    y = quantity("m", title, (0.0, top))
    place: Specification = {"x": x, "y": y}
    data: Specification = {"name": "bins", "values": [_bin_row(one) for one in bins]}
    tips = _bin_tooltip(title, is_latency=is_latency)
    layers = [_lines(data, place, theme, n)]
    if is_latency:
        layers.insert(0, _bands(data, place, theme, n))
    if limit is not None:
        rule: Specification = {"type": "rule", "stroke": theme.ink, "strokeDash": [6, 4]}
        layers.append(layer("limit", {"values": [{"m": number(limit)}]}, rule, {"y": y}))
    layers.append(pointer_targets(data, place, theme, n, tooltip=tips))
    return chart(theme, SERIES_SIZE_PX, layers, names=names)


def _bin_row(one: TimeBin) -> Specification:
    return {
        "k": one.series,
        "i": one.first + one.n / 2,
        "from": one.first + 1,
        "m": number(one.middle),
        "lo": None if one.low is None else number(one.low),
        "hi": None if one.high is None else number(one.high),
        "clip": one.clip,
    }


def _bin_tooltip(title: str, *, is_latency: bool) -> Sequence[Json]:
    rows = [
        ("name", say("pipeline"), ""),
        ("clip", say("clip"), ""),
        ("from", say("from timed frame"), ",d"),
        ("m", say("median") if is_latency else title, ".3~f"),
    ]
    if is_latency:
        rows += [("lo", say("fastest"), ".3~f"), ("hi", say("slowest"), ".3~f")]
    return tooltip(*rows)


def _bands(data: Specification, place: Specification, theme: Theme, n_series: int) -> Specification:
    """From the fastest to the slowest frame of each bin."""
    y = place["y"]
    encoding: Specification = {
        "x": place["x"],
        "y": {**(y if isinstance(y, dict) else {}), "field": "lo"},
        "y2": {"field": "hi"},
        "fill": series_color(theme, n_series),
        "opacity": standing_out(0.04, 0.2),
    }
    return layer("bands", data, {"type": "area", "clip": True}, encoding)


def _lines(data: Specification, place: Specification, theme: Theme, n_series: int) -> Specification:
    encoding: Specification = {
        **place,
        "color": series_color(theme, n_series),
        "strokeDash": series_dash(n_series),
        "opacity": standing_out(),
    }
    return layer("lines", data, {"type": "line", "clip": True, "strokeWidth": 1.6}, encoding)


def _params(made: Specification) -> list[Json]:
    params = made["params"]
    return list(params) if isinstance(params, list) else []
