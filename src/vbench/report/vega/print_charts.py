"""Charts of the PDF, in the language and the colours of print."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from vbench.report.lookup import MetricIndex
from vbench.report.vega.drawing import svg
from vbench.report.vega.pareto_view import paretos
from vbench.report.vega.theme import PRINT

PRINT_SIZE_PX = (330, 230)


@dataclass(frozen=True, slots=True)
class PrintChart:
    """One drawing."""

    title: str
    text: str
    """What it shows, one sentence."""
    svg: Markup


def print_paretos(index: MetricIndex, golden_set: str, key: str) -> tuple[PrintChart, ...]:
    """Accuracy against latency and against throughput: for each the first accuracy there is.

    None where fewer than two pipelines have both.

    Args:
        index: of the run.
        golden_set: of these numbers.
        key: begins every id of the drawings; unique in the document.

    Raises:
        MissingDependencyError: charts cannot be drawn.
    """
    first = {
        one.cost: one
        for one in reversed(paretos(index, golden_set, theme=PRINT, size_px=PRINT_SIZE_PX))
    }
    return tuple(
        PrintChart(
            one.title,
            one.front,
            svg(one.specification, f"{key}-{one.cost}", one.label, alone=True),
        )
        for one in reversed(first.values())
    )
