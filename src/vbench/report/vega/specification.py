"""What every specification is made of: plain JSON, and the few parts that all charts share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from vbench.report.vega.theme import SERIES_DASHES, SERIES_SYMBOLS, Theme, config

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Specification: TypeAlias = Mapping[str, Json]
"""A Vega-Lite document, or a part of one."""

HOVER = "hover"
"""How names of layers begin that only answer the pointer; a drawing is made without them."""

PICKED = "picked"
"""Parameter: the series that stands out, null for none."""

NO_LEGEND: Json = None
LABEL_LIMIT_PX = 170
_WIDE_LETTER_PX = 7.2
_SIGNIFICANT = 5


def chart(
    theme: Theme,
    size_px: tuple[int, int],
    layers: Sequence[Specification],
    *,
    names: Sequence[str] = (),
) -> Specification:
    """Layers over one another in a drawing of exactly this size, axes included.

    Args:
        theme: colours and font.
        size_px: width and height.
        layers: back to front; every row of their data that has a series calls it ``k``.
        names: of the series.
    """
    return {
        "width": size_px[0],
        "height": size_px[1],
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": {"left": 4, "top": 8, "right": 8, "bottom": 4},
        "config": config(theme),
        "params": [{"name": PICKED, "value": None}, {"name": "names", "value": list(names)}],
        "layer": list(layers),
    }


def static_form(specification: Specification) -> Specification:
    """The same chart without what only answers the pointer."""
    layers = specification.get("layer")
    if not isinstance(layers, Sequence) or isinstance(layers, str):
        return specification
    kept = []
    for layer in layers:
        if isinstance(layer, Mapping) and not str(layer.get("name", "")).startswith(HOVER):
            kept.append({key: value for key, value in layer.items() if key != "params"})
    return {**specification, "layer": kept}


def label_room_px(labels: Sequence[str]) -> int:
    """Room for the longest label of an axis in a wide font: a reader's may be wider than ours."""
    longest = max(map(len, labels), default=0)
    return min(LABEL_LIMIT_PX, round(longest * _WIDE_LETTER_PX)) + 10


def number(value: float) -> Json:
    """A number as JSON can say it, with as many digits as a drawing needs; null for NaN."""
    return float(f"{value:.{_SIGNIFICANT}g}") if math.isfinite(value) else None


def quantity(
    field: str,
    title: str,
    domain: tuple[float, float] | None = None,
    *,
    text_format: str = "",
    n_ticks: int = 5,
    reverse: bool = False,
) -> Specification:
    """A position on an axis."""
    axis: dict[str, Json] = {"title": title, "tickCount": n_ticks}
    if text_format:
        axis["format"] = text_format
    scale: dict[str, Json] = {"zero": False, "nice": domain is None, "reverse": reverse}
    if domain is not None:
        scale["domain"] = [number(domain[0]), number(domain[1])]
    return {"field": field, "type": "quantitative", "axis": axis, "scale": scale}


def series_color(theme: Theme, n_series: int) -> Specification:
    """Colours by series ``k``; after the last one they begin again."""
    return _by_series(n_series, [theme.series_color(k) for k in range(n_series)])


def series_dash(n_series: int) -> Specification:
    """Dashes by series ``k``, so that colour is not the only sign."""
    return _by_series(n_series, [SERIES_DASHES[k % len(SERIES_DASHES)] for k in range(n_series)])


def series_shape(n_series: int) -> Specification:
    """Symbols by series ``k``."""
    return _by_series(n_series, [SERIES_SYMBOLS[k % len(SERIES_SYMBOLS)] for k in range(n_series)])


def standing_out(dimmed: float = 0.12, full: float = 1.0) -> Specification:
    """Opacity: everything, or the picked series alone."""
    test = f"{PICKED} === null || {PICKED} === datum.k"
    return {"condition": {"test": test, "value": full}, "value": dimmed}


def pointed_at() -> Sequence[Json]:
    """Parameter: the mark under the pointer."""
    return [
        {
            "name": HOVER,
            "select": {"type": "point", "on": "pointerover", "clear": "pointerout"},
        }
    ]


def when_pointed_at() -> Specification:
    """Opacity: seen only under the pointer, but there for it to find."""
    return {"condition": {"param": HOVER, "empty": False, "value": 0.6}, "value": 0}


def with_name() -> Sequence[Json]:
    """Transform: the name of each row's series, for tooltips."""
    return [{"calculate": "names[datum.k]", "as": "name"}]


def tooltip(*rows: tuple[str, str, str]) -> Sequence[Json]:
    """Field, title and format of each line of a tooltip; no format: as it is."""
    return [
        {"field": field, "title": title, **({"type": "quantitative", "format": how} if how else {})}
        for field, title, how in rows
    ]


def _by_series(n_series: int, values: Sequence[Json]) -> Specification:
    return {
        "field": "k",
        "type": "nominal",
        "legend": NO_LEGEND,
        "scale": {"domain": list(range(n_series)), "range": list(values)},
    }
