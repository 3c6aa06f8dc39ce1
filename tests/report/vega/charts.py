"""One chart of every kind, with names that can be chosen."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np

from vbench.metrics.score_counts import N_THRESHOLDS, ScoreBins, ScoreCounts
from vbench.report.vega.curves import OperatingRow, calibration_spec, f1_spec, pr_spec
from vbench.report.vega.latency import StageSpan, TimeBin, time_series_spec, waterfall_spec
from vbench.report.vega.pareto import ParetoAxis, ParetoPoint, pareto_spec
from vbench.report.vega.specification import Json, Specification
from vbench.report.vega.theme import SCREEN, Theme
from vbench.report.vega.trend import TrendDot, trend_spec

LATENCY = ParetoAxis("latency", ".1f", lower_is_better=True)
RECALL = ParetoAxis("recall", ".3f", is_ratio=True)


def point(
    series: int,
    cost: float,
    accuracy: float,
    *,
    name: str = "",
    is_baseline: bool = False,
    accuracy_range: tuple[float, float] | None = None,
) -> ParetoPoint:
    label = name or f"p{series}"
    return ParetoPoint(series, label, cost, accuracy, None, accuracy_range, is_baseline)


def counts_of(tp: Sequence[int], fp: Sequence[int], n_truth: int) -> ScoreCounts:
    """One class, with the counts of the lowest thresholds given and 0 above."""
    rows = np.zeros((2, 2, N_THRESHOLDS), np.int64)
    rows[0, :, : len(tp)] = tp
    rows[1, :, : len(fp)] = fp
    whole = np.array([n_truth, n_truth])
    return ScoreCounts(rows[0], rows[0], rows[1], whole, whole, whole, whole.astype(np.float64))


def bins_of(n: Sequence[int], tp: Sequence[int]) -> ScoreBins:
    """One class; detections of each bin have scores in its middle."""
    filled = np.array([n, n], np.int64)
    middle = (np.arange(10) + 0.5) / 10
    return ScoreBins(filled, np.array([tp, tp], np.int64), filled * middle, np.zeros(2, np.int64))


def every_chart(names: Sequence[str], theme: Theme = SCREEN) -> dict[str, Specification]:
    """By kind; pipelines and stages carry the names."""
    n = len(names)
    counts = [counts_of([9, 8, 5], [6, 2, 1], 10) for _ in names]
    operating = [OperatingRow(k, 0.01, 0.8, 0.8, 0.8) for k in range(n)]
    bins = [bins_of([0] * 5 + [4] * 5, [0] * 5 + [3] * 5) for _ in names]
    points = [
        point(k, 3.0 + k, 0.9 - k / 10, name=name, is_baseline=k == 0)
        for k, name in enumerate(names)
    ]
    return {
        "pareto": pareto_spec(points, LATENCY, RECALL, n_series=n, theme=theme),
        "pr": pr_spec(names, counts, operating, theme=theme),
        "f1": f1_spec(names, counts, operating, theme=theme),
        "calibration": calibration_spec(names, bins, theme=theme),
        "waterfall": waterfall_spec([StageSpan(name, 1, 2, 3) for name in names], 9, theme=theme),
        "times": time_series_spec(
            names, [TimeBin(k, 0, 5, 3, 2, 4, names[k]) for k in range(n)], "ms", theme=theme
        ),
        "trend": trend_spec(
            names,
            ["monday", "tuesday"],
            [TrendDot(k, run, 0.5, 0.4, 0.6, run == 1) for k in range(n) for run in (0, 1)],
            "recall",
            "ratio",
            theme=theme,
        ),
    }


def rows_of(specification: Specification, name: str) -> list[dict[str, Json]]:
    """The data of one layer as it stands in the specification."""
    layer = layer_of(specification, name)
    rows = json.loads(json.dumps(layer))["data"]["values"]
    assert isinstance(rows, list)
    return rows


def layer_of(specification: Specification, name: str) -> dict[str, Json]:
    layers = json.loads(json.dumps(specification))["layer"]
    found = [layer for layer in layers if layer["name"] == name]
    assert len(found) == 1, [layer["name"] for layer in layers]
    return dict(found[0])


def texts_of(value: Json) -> Iterator[str]:
    """Every text anywhere in a specification."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_of(item)
