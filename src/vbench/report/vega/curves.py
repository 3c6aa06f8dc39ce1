"""Precision, recall and F1 at every score, and whether scores can be read as probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.metrics.score_counts import ScoreBins, ScoreCounts
from vbench.report.language.strings import say
from vbench.report.vega.layers import layer, pointer_targets, symbols
from vbench.report.vega.specification import (
    Json,
    Specification,
    chart,
    number,
    quantity,
    series_color,
    series_dash,
    series_shape,
    standing_out,
    tooltip,
)
from vbench.report.vega.theme import SCREEN, Theme
from vbench.types import F64, I64

SIZE_PX = (360, 300)
_UNIT = (0.0, 1.0)
_MANY = 8
"""From so many series on lines are thin."""

CURVE, OPERATING, AT, BINS = "curve", "operating", "at", "bins"
"""Names of data sets; a page with its script fills them for other classes and scores."""


@dataclass(frozen=True, slots=True)
class OperatingRow:
    """Where a pipeline is judged; None where a number is undefined."""

    series: int
    score: float | None
    """None where classes have different thresholds."""
    recall: float | None
    precision: float | None
    f1: float | None


def pr_spec(
    names: Sequence[str],
    counts: Sequence[ScoreCounts],
    operating: Sequence[OperatingRow],
    *,
    row: int = 0,
    theme: Theme = SCREEN,
) -> Specification:
    """Precision over recall, a line per pipeline, its operating point marked.

    Args:
        names: of the pipelines.
        counts: of each.
        operating: of those that have one.
        row: class of the counts; 0 is all classes.
        theme: of the screen or of print.
    """
    x = quantity("r", say("recall"), _UNIT)
    y = quantity("p", say("precision"), _UNIT)
    return _curve_spec(names, _all_rows(counts, row), operating, x, y, theme)


def f1_spec(
    names: Sequence[str],
    counts: Sequence[ScoreCounts],
    operating: Sequence[OperatingRow],
    *,
    row: int = 0,
    theme: Theme = SCREEN,
) -> Specification:
    """F1 over the score threshold; arguments as of `pr_spec`."""
    x = quantity("t", say("score threshold"), _UNIT)
    y = quantity("f", say("F1"), _UNIT)
    return _curve_spec(names, _all_rows(counts, row), operating, x, y, theme)


def calibration_spec(
    names: Sequence[str], bins: Sequence[ScoreBins], *, row: int = 0, theme: Theme = SCREEN
) -> Specification:
    """How often detections of each score are right, beside the line where the score says so.

    Args:
        names: of the pipelines.
        bins: of each.
        row: class of the bins; 0 is all classes.
        theme: of the screen or of print.
    """
    x = quantity("s", say("score"), _UNIT)
    y = quantity("p", say("share that is right"), _UNIT)
    rows = [item for k, one in enumerate(bins) for item in _bin_rows(one, row, k)]
    n = len(names)
    tips = tooltip(
        ("name", say("pipeline"), ""),
        ("s", say("mean score"), ".3f"),
        ("p", say("share that is right"), ".3f"),
        ("n", say("detections"), ",d"),
    )
    place: Specification = {"x": x, "y": y}
    ideal: Specification = {"type": "line", "stroke": theme.muted, "strokeDash": [4, 4]}
    ends: Specification = {"values": [{"s": 0, "p": 0}, {"s": 1, "p": 1}]}
    points: Specification = {
        "type": "point",
        "filled": True,
        "stroke": theme.surface,
        "clip": True,
    }
    encoding: Specification = {
        **place,
        "color": series_color(theme, n),
        "shape": series_shape(n),
        "size": {
            "field": "n",
            "type": "quantitative",
            "legend": None,
            "scale": {"type": "sqrt", "range": [25, 170]},
        },
        "opacity": standing_out(),
        "tooltip": tips,
    }
    layers = [
        layer("ideal", ends, ideal, place),
        _lines({"name": BINS, "values": rows}, place, theme, n, order="s"),
        layer("points", {"name": BINS}, points, encoding, named=True),
    ]
    return chart(theme, SIZE_PX, layers, names=names)


def curve_rows(counts: ScoreCounts, row: int, series: int) -> list[Specification]:
    """A point per threshold where something changes; null where a number is undefined."""
    tp, known, fp = (table[row] for table in (counts.tp, counts.known_tp, counts.fp))
    recall = _ratio(tp, np.full_like(tp, counts.n_truth[row]))
    precision = _ratio(known, known + fp)
    f1 = _ratio(2 * known, known + fp + counts.known_truth[row])
    changes = np.diff(tp + fp) != 0
    kept = np.flatnonzero(np.append(True, changes) | np.append(changes, True))
    return [
        {
            "k": series,
            "t": number(float(counts.thresholds[j])),
            "r": number(float(recall[j])),
            "p": number(float(precision[j])),
            "f": number(float(f1[j])),
        }
        for j in kept.tolist()
    ]


def _curve_spec(
    names: Sequence[str],
    rows: Sequence[Specification],
    operating: Sequence[OperatingRow],
    x: Specification,
    y: Specification,
    theme: Theme,
) -> Specification:
    n = len(names)
    place: Specification = {"x": x, "y": y}
    known = f"isValid(datum.{x['field']}) && isValid(datum.{y['field']})"
    tips = tooltip(
        ("name", say("pipeline"), ""),
        ("t", say("score"), ".2f"),
        ("r", say("recall"), ".3f"),
        ("p", say("precision"), ".3f"),
        ("f", say("F1"), ".3f"),
    )
    data: Specification = {"name": CURVE}
    marks: Specification = {"name": OPERATING, "values": [_mark(one) for one in operating]}
    layers = [
        _lines({**data, "values": list(rows)}, place, theme, n, order="t", where=known),
        pointer_targets(data, place, theme, n, tooltip=tips, where=known, clip=True),
        symbols(
            "operating", marks, place, theme, n, size=120, tooltip=tips, where=known, clip=True
        ),
        _chosen_score(place, theme, n, known),
    ]
    return chart(theme, SIZE_PX, layers, names=names)


def _lines(
    data: Specification,
    place: Specification,
    theme: Theme,
    n_series: int,
    *,
    order: str,
    where: str = "",
) -> Specification:
    """A line per series, which can be zoomed."""
    mark: Specification = {
        "type": "line",
        "clip": True,
        "strokeWidth": 2.0 if n_series < _MANY else 1.2,
    }
    encoding: Specification = {
        **place,
        "color": series_color(theme, n_series),
        "strokeDash": series_dash(n_series),
        "order": {"field": order, "type": "quantitative"},
        "opacity": standing_out(),
    }
    return layer("lines", data, mark, encoding, where=where, params=_zoom())


def _chosen_score(place: Specification, theme: Theme, n_series: int, known: str) -> Specification:
    """Circles at the score that the reader chose; none until the script brings them."""
    mark: Specification = {
        "type": "point",
        "filled": False,
        "shape": "circle",
        "size": 260,
        "strokeWidth": 2.5,
        "clip": True,
    }
    encoding: Specification = {
        **place,
        "stroke": series_color(theme, n_series),
        "opacity": standing_out(),
    }
    return layer("at", {"name": AT, "values": []}, mark, encoding, where=known)


def _mark(one: OperatingRow) -> Specification:
    return {
        "k": one.series,
        "t": one.score,
        "r": None if one.recall is None else number(one.recall),
        "p": None if one.precision is None else number(one.precision),
        "f": None if one.f1 is None else number(one.f1),
    }


def _all_rows(counts: Sequence[ScoreCounts], row: int) -> list[Specification]:
    return [item for k, one in enumerate(counts) for item in curve_rows(one, row, k)]


def _bin_rows(bins: ScoreBins, row: int, series: int) -> list[Specification]:
    """A point per bin that holds a detection."""
    return [
        {
            "k": series,
            "s": number(float(bins.score_sum[row, j] / bins.n[row, j])),
            "p": number(float(bins.tp[row, j] / bins.n[row, j])),
            "n": int(bins.n[row, j]),
        }
        for j in np.flatnonzero(bins.n[row]).tolist()
    ]


def _zoom() -> list[Json]:
    """Wheel with Ctrl, so that the page can be scrolled past; drag; double click resets."""
    return [
        {
            "name": "zoom",
            "select": {"type": "interval", "zoom": "wheel![event.ctrlKey || event.metaKey]"},
            "bind": "scales",
        }
    ]


def _ratio(above: I64, below: I64) -> F64:
    undefined = np.full(len(above), np.nan)
    ratio: F64 = np.divide(above, below, out=undefined, where=below != 0)
    return ratio
