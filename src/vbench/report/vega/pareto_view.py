"""Which pipelines buy accuracy with time, read from a run's metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vbench.report import wording
from vbench.report.language.strings import say, say_n
from vbench.report.lookup import MetricIndex
from vbench.report.numbers import number_with_unit
from vbench.report.vega.pareto import (
    ParetoAxis,
    ParetoPoint,
    pareto_front,
    pareto_spec,
    without_intervals,
)
from vbench.report.vega.specification import Specification
from vbench.report.vega.theme import SCREEN, Theme
from vbench.types import Metric

ACCURACIES = ("f1", "recall", "precision", "ap50", "ap", "idf1", "hota")
"""What can stand on the vertical axis; those that no pipeline has are left out."""
COSTS = ("latency_ms_p95", "throughput_fps")
_MAX_IN_WORDS = 6
_MAX_WITH_INTERVALS = 8


@dataclass(frozen=True, slots=True)
class Pareto:
    """One chart: an accuracy over a cost."""

    cost: str
    accuracy: str
    title: str
    label: str
    """The chart in words."""
    front: str
    """Who is on the front, one sentence."""
    specification: Specification
    n_points: int


def paretos(
    index: MetricIndex, golden_set: str, *, theme: Theme = SCREEN, size_px: tuple[int, int]
) -> tuple[Pareto, ...]:
    """Every pair of a cost and an accuracy that two pipelines or more have, costs in order.

    Args:
        index: of the run.
        golden_set: of these numbers.
        theme: of the screen or of print.
        size_px: of each drawing.
    """
    made = []
    for cost in COSTS:
        for accuracy in ACCURACIES:
            points = _points(index, golden_set, cost, accuracy)
            if len(points) > 1:
                made.append(_pareto(index, points, cost, accuracy, theme, size_px))
    return tuple(made)


def _pareto(
    index: MetricIndex,
    points: Sequence[ParetoPoint],
    cost: str,
    accuracy: str,
    theme: Theme,
    size_px: tuple[int, int],
) -> Pareto:
    lower = cost.startswith("latency")
    x_title = (
        say("latency p95 in ms (less is better)")
        if lower
        else say("frames per second (more is better)")
    )
    title = wording.metric_title(accuracy)
    drawn = points if len(points) <= _MAX_WITH_INTERVALS else without_intervals(points)
    front = pareto_front(points, lower_is_better=lower)
    return Pareto(
        cost=cost,
        accuracy=accuracy,
        title=say("{accuracy} against {cost}", accuracy=title, cost=wording.metric_title(cost)),
        label=_label(points, cost, accuracy),
        front=_front_sentence(points, front),
        specification=pareto_spec(
            drawn,
            ParetoAxis(x_title, ".3~f" if lower else ",.1~f", lower_is_better=lower),
            ParetoAxis(title, ".3f", is_ratio=wording.metric_unit(accuracy) == "ratio"),
            n_series=len(index.run.pipelines),
            theme=theme,
            size_px=size_px,
        ),
        n_points=len(points),
    )


def _points(
    index: MetricIndex, golden_set: str, cost: str, accuracy: str
) -> tuple[ParetoPoint, ...]:
    points = []
    for number, pipeline in enumerate(index.run.pipelines):
        x = index.find(pipeline.name, golden_set, cost)
        y = index.find(pipeline.name, golden_set, accuracy)
        if x is None or y is None or x.value is None or y.value is None:
            continue
        points.append(
            ParetoPoint(
                series=number,
                name=pipeline.name,
                cost=x.value,
                accuracy=y.value,
                cost_range=_range(x),
                accuracy_range=_range(y),
                is_baseline=pipeline.name == index.run.baseline,
            )
        )
    return tuple(points)


def _range(metric: Metric) -> tuple[float, float] | None:
    interval = metric.interval
    return None if interval is None else (interval.low, interval.high)


def _label(points: Sequence[ParetoPoint], cost: str, accuracy: str) -> str:
    """Every point, best first; a screen reader has nothing else of the drawing."""
    best = sorted(points, key=lambda point: (-point.accuracy, point.series))
    texts = [
        say(
            "{name}: {accuracy} {value} at {cost}",
            name=point.name,
            accuracy=wording.metric_title(accuracy),
            value=number_with_unit(point.accuracy, wording.metric_unit(accuracy)),
            cost=number_with_unit(point.cost, wording.metric_unit(cost)),
        )
        for point in best[:_MAX_IN_WORDS]
    ]
    if len(best) > _MAX_IN_WORDS:
        more = len(best) - _MAX_IN_WORDS
        texts.append(say_n(more, "and {n} more pipeline", "and {n} more pipelines"))
    return "; ".join(texts)


def _front_sentence(points: Sequence[ParetoPoint], front: Sequence[int]) -> str:
    names = {point.series: point.name for point in points}
    listed = wording.join_names([names[series] for series in front], limit=_MAX_IN_WORDS)
    if len(front) == 1:
        return say("{name} is best in both.", name=listed)
    if len(front) == len(points):
        return say("Each is the best choice for some trade: {names}.", names=listed)
    return say("The best choices, by what speed is worth: {names}.", names=listed)
