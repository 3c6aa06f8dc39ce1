"""Layers that several charts share."""

from __future__ import annotations

from collections.abc import Sequence

from vbench.report.vega.specification import (
    HOVER,
    Json,
    Specification,
    pointed_at,
    series_color,
    series_shape,
    standing_out,
    when_pointed_at,
    with_name,
)
from vbench.report.vega.theme import Theme

_POINTER_AREA = 160
"""Square px of a mark that the pointer shall find."""


def layer(
    name: str,
    data: Specification,
    mark: Specification,
    encoding: Specification,
    *,
    where: str = "",
    named: bool = False,
    params: Sequence[Json] = (),
) -> Specification:
    """One layer.

    Args:
        name: unique in the chart.
        data: rows, or the name of rows that an earlier layer brought.
        mark: what is drawn.
        encoding: how rows become marks.
        where: only rows for which this holds.
        named: rows get the name of their series, for tooltips.
        params: what the reader can change.
    """
    made: dict[str, Json] = {"name": name, "data": data, "mark": mark, "encoding": encoding}
    transform: list[Json] = [{"filter": where}] if where else []
    if named:
        transform += with_name()
    if transform:
        made["transform"] = transform
    if params:
        made["params"] = list(params)
    return made


def symbols(
    name: str,
    data: Specification,
    place: Specification,
    theme: Theme,
    n_series: int,
    *,
    size: int,
    tooltip: Sequence[Json],
    where: str = "",
    clip: bool = False,
) -> Specification:
    """A filled symbol per row, in the colour and shape of its series.

    Args:
        name: unique in the chart.
        data: rows with a series ``k``.
        place: x and y.
        theme: of the screen or of print.
        n_series: of the chart.
        size: area in square px.
        tooltip: lines of it.
        where: only rows for which this holds.
        clip: whether what lies outside of the axes is cut off.
    """
    mark: dict[str, Json] = {
        "type": "point",
        "filled": True,
        "size": size,
        "stroke": theme.surface,
        "strokeWidth": 1,
    }
    if clip:
        mark["clip"] = True
    encoding: Specification = {
        **place,
        "color": series_color(theme, n_series),
        "shape": series_shape(n_series),
        "opacity": standing_out(),
        "tooltip": tooltip,
    }
    return layer(name, data, mark, encoding, where=where, named=True)


def rings(
    name: str, data: Specification, place: Specification, stroke: str, size: int, *, where: str
) -> Specification:
    """A circle around every row for which something holds."""
    mark: Specification = {
        "type": "point",
        "shape": "circle",
        "filled": False,
        "size": size,
        "stroke": stroke,
        "strokeWidth": 1.5,
    }
    return layer(name, data, mark, place, where=where)


def pointer_targets(
    data: Specification,
    place: Specification,
    theme: Theme,
    n_series: int,
    *,
    tooltip: Sequence[Json],
    where: str = "",
    clip: bool = False,
) -> Specification:
    """Marks that are seen only under the pointer; a drawing is made without them."""
    mark: dict[str, Json] = {"type": "point", "filled": True, "size": _POINTER_AREA}
    if clip:
        mark["clip"] = True
    encoding: Specification = {
        **place,
        "color": series_color(theme, n_series),
        "opacity": when_pointed_at(),
        "tooltip": tooltip,
    }
    return layer(
        f"{HOVER}-points", data, mark, encoding, where=where, named=True, params=pointed_at()
    )
