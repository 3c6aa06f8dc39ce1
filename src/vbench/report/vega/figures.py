"""Charts of a page: each drawn once, and what its script needs to draw it again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from vbench.report.vega.drawing import svg
from vbench.report.vega.specification import Json, Specification
from vbench.report.vega.theme import dash_array, symbol_path

MANY_SERIES = 12
"""Of more pipelines than that, a legend shows the first and folds the rest."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One chart of the page."""

    key: str
    """Unique in the page."""
    title: str
    label: str
    """The chart in words."""
    svg: Markup
    width_px: int
    height_px: int
    specification: Specification


@dataclass(frozen=True, slots=True)
class LegendItem:
    """How charts draw one pipeline."""

    series: int
    name: str
    color: int
    """Which of the eight colours, ``--series-N``."""
    dash: str
    symbol: str
    """SVG path in a square from -1 to 1."""
    is_baseline: bool


def figure(specification: Specification, key: str, title: str, label: str) -> Figure:
    """Draw a chart for the page. Raises MissingDependencyError as `svg`."""
    width, height = specification["width"], specification["height"]
    return Figure(
        key=key,
        title=title,
        label=label,
        svg=svg(specification, key, label),
        width_px=width if isinstance(width, int) else 0,
        height_px=height if isinstance(height, int) else 0,
        specification=specification,
    )


def legend(names: Sequence[str], baseline: str | None) -> tuple[LegendItem, ...]:
    """An item per pipeline, in their order."""
    return tuple(
        LegendItem(k, name, k % 8, dash_array(k), symbol_path(k), name == baseline)
        for k, name in enumerate(names)
    )


def script_json(document: Mapping[str, Json]) -> Markup:
    """JSON to stand in a script element, where no name can end the element."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def without_values(specification: Specification, names: Sequence[str]) -> Specification:
    """The same chart without the rows of some data sets, which the page's script brings."""
    layers = specification.get("layer")
    if not isinstance(layers, list):
        return specification
    return {**specification, "layer": [_emptied(layer, names) for layer in layers]}


def _emptied(layer: Json, names: Sequence[str]) -> Json:
    if not isinstance(layer, dict):
        return layer
    data = layer.get("data")
    if isinstance(data, dict) and data.get("name") in names and "values" in data:
        return {**layer, "data": {**data, "values": []}}
    return layer
