"""All charts of the HTML report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from vbench.record.folder import RunFolder
from vbench.report.evidence import Evidence
from vbench.report.lookup import MetricIndex
from vbench.report.vega.curves_view import SCRIPTED, Curves, curves_of
from vbench.report.vega.figures import (
    MANY_SERIES,
    Figure,
    LegendItem,
    figure,
    legend,
    script_json,
    without_values,
)
from vbench.report.vega.latency_charts import LatencyCharts, latency_charts
from vbench.report.vega.pareto import SIZE_PX
from vbench.report.vega.pareto_view import Pareto, paretos
from vbench.report.vega.runtime import Runtime, runtime_script
from vbench.report.vega.specification import Json
from vbench.report.web.latency_view import read_latency
from vbench.report.wording import metric_title


@dataclass(frozen=True, slots=True)
class ParetoChart:
    """Accuracies over one cost: the first is drawn, the script can show the others."""

    figure: Figure
    front: str
    accuracies: tuple[tuple[str, str], ...]
    """Key in the page's JSON and title of each."""
    others: tuple[Pareto, ...]


@dataclass(frozen=True, slots=True)
class SetCharts:
    """Charts of one golden set."""

    paretos: tuple[ParetoChart, ...]
    curves: Curves
    latency: LatencyCharts


@dataclass(frozen=True, slots=True)
class Charts:
    """Charts of the page."""

    sets: tuple[SetCharts, ...]
    legend: tuple[LegendItem, ...]
    n_legend: int
    """Items that are shown without a click."""
    json: Markup
    runtime: Runtime


def charts_of(folder: RunFolder, index: MetricIndex, evidence: Evidence) -> Charts:
    """Draw every chart of a run.

    Raises:
        RunFolderError: times are broken.
        MissingDependencyError: charts cannot be drawn.
    """
    run = index.run
    sets = tuple(
        SetCharts(
            paretos=_pareto_charts(index, golden_set.name, number),
            curves=curves_of(index, evidence, number),
            latency=latency_charts(
                index, read_latency(folder, run, golden_set.name), golden_set.name, number
            ),
        )
        for number, golden_set in enumerate(run.golden_sets)
    )
    return Charts(
        sets=sets,
        legend=legend([item.name for item in run.pipelines], run.baseline),
        n_legend=MANY_SERIES,
        json=script_json({"charts": _specifications(sets), "sets": [s.curves.data for s in sets]}),
        runtime=runtime_script(),
    )


def _pareto_charts(
    index: MetricIndex, golden_set: str, number_of_set: int
) -> tuple[ParetoChart, ...]:
    found: dict[str, list[Pareto]] = {}
    for one in paretos(index, golden_set, size_px=SIZE_PX):
        found.setdefault(one.cost, []).append(one)
    made = []
    for cost, (first, *others) in found.items():
        key = f"pareto-{number_of_set}-{cost}"
        made.append(
            ParetoChart(
                figure=figure(first.specification, key, first.title, first.label),
                front=first.front,
                accuracies=tuple(
                    (key if one is first else f"{key}-{one.accuracy}", metric_title(one.accuracy))
                    for one in (first, *others)
                ),
                others=tuple(others),
            )
        )
    return tuple(made)


def _specifications(sets: tuple[SetCharts, ...]) -> Mapping[str, Json]:
    """By figure what its script needs; of Pareto charts also those that are not drawn."""
    found: dict[str, Json] = {}
    for number, one in enumerate(sets):
        for item in one.curves.figures:
            spec = without_values(item.specification, SCRIPTED)
            found[item.key] = {"spec": spec, "set": number}
        for pareto in one.paretos:
            key = pareto.figure.key
            found[key] = {"spec": pareto.figure.specification, "set": number}
            for other in pareto.others:
                found[f"{key}-{other.accuracy}"] = {
                    "spec": other.specification,
                    "set": number,
                    "label": other.label,
                    "front": other.front,
                    "title": other.title,
                }
            entry = found[key]
            first = {"label": pareto.figure.label, "front": pareto.front}
            found[key] = {**(entry if isinstance(entry, dict) else {}), **first}
        for waterfall in one.latency.waterfalls.values():
            found[waterfall.key] = {"spec": waterfall.specification, "set": number}
        if one.latency.series is not None:
            found[one.latency.series.key] = {
                "spec": one.latency.series.specification,
                "set": number,
            }
    return found
