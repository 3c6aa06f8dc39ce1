"""Heat maps: one metric, parts of the footage (or classes) in rows, pipelines in columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from vbench.metrics.definitions import METRICS
from vbench.report.lookup import MetricIndex
from vbench.report.numbers import Change, change
from vbench.report.tables import (
    CLASS_METRICS,
    SLICE_METRICS,
    Cell,
    Table,
    class_table,
    slice_table,
)
from vbench.report.wording import metric_title, slice_title
from vbench.types import Metric, Slice

_Find = Callable[[str, str, str], Metric | None]
"""(row name, pipeline, metric name) -> the metric that a cell shows."""


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One pipeline on one part of the footage."""

    cell: Cell
    change: Change | None
    """Against the baseline; None for the baseline itself and where there is none."""
    is_worst: bool
    """The poorest of its row, where pipelines differ."""


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One part of the footage, or one class."""

    title: str
    slice_id: int | None
    """Number of the slice in the page's data, by which the page is filtered; None: no slice."""
    is_total: bool
    n_boxes: int
    """Truth boxes; the support of recall."""
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """One metric."""

    metric: str
    """Its name as the files have it."""
    title: str
    better: str
    """``higher`` or ``lower``, or ``neither``."""
    rows: tuple[HeatRow, ...]


@dataclass(frozen=True, slots=True)
class HeatMaps:
    """Maps of several metrics over the same rows and columns."""

    columns: tuple[str, ...]
    """Pipelines."""
    baseline: str | None
    maps: tuple[HeatMap, ...]
    reasons: tuple[str, ...]
    """Footnotes of all maps; `Cell.note` k is ``reasons[k - 1]``."""


def slice_heat_maps(
    index: MetricIndex, golden_set: str, numbers: Mapping[tuple[str, Slice], int]
) -> HeatMaps:
    """Slices of a golden set, all of its footage first; `numbers` as of `numbered_slices`."""
    by_name = {slice_title(item): item for item in index.slices.get(golden_set, ())}

    def find(row: str, pipeline: str, metric: str) -> Metric | None:
        return index.find(pipeline, golden_set, metric, slice_=by_name.get(row, ()))

    table = slice_table(index, golden_set)
    ids = {name: numbers[golden_set, item] for name, item in by_name.items()}
    return _heat_maps(index, table, SLICE_METRICS, find, ids=ids, total="all")


def class_heat_maps(index: MetricIndex, golden_set: str, class_names: Sequence[str]) -> HeatMaps:
    """Classes of a golden set."""

    def find(row: str, pipeline: str, metric: str) -> Metric | None:
        return index.find(pipeline, golden_set, metric, class_name=row)

    table = class_table(index, golden_set, class_names)
    return _heat_maps(index, table, CLASS_METRICS, find)


def _heat_maps(
    index: MetricIndex,
    table: Table,
    names: Sequence[str],
    find: _Find,
    *,
    ids: Mapping[str, int] = MappingProxyType({}),
    total: str | None = None,
) -> HeatMaps:
    """`ids` numbers rows by their names; `total` is the name of the row that holds all others."""
    maps = []
    for k, name in enumerate(names):
        rows = tuple(
            HeatRow(
                title=row.title,
                slice_id=ids.get(row.name),
                is_total=row.name == total,
                n_boxes=row.cells[0].n if row.cells else 0,
                cells=_row_cells(
                    index,
                    row.cells[k :: len(names)],
                    [find(row.name, pipeline, name) for pipeline in table.columns],
                ),
            )
            for row in table.rows
        )
        definition = METRICS[name]
        maps.append(HeatMap(name, metric_title(name), definition.better, rows))
    return HeatMaps(table.columns, index.run.baseline, tuple(maps), table.reasons)


def _row_cells(
    index: MetricIndex, cells: Sequence[Cell], metrics: Sequence[Metric | None]
) -> tuple[HeatCell, ...]:
    """One row of one metric, a cell and a metric per pipeline."""
    known = [metric for metric in metrics if metric is not None and metric.value is not None]
    values = {metric.value for metric in known}
    worst: float | None = None
    if len(values) > 1 and known[0].better != "neither":
        extreme = min if known[0].better == "higher" else max
        worst = extreme(value for value in values if value is not None)
    return tuple(
        HeatCell(
            cell=cell,
            change=_change(index, metric),
            is_worst=worst is not None and metric is not None and metric.value == worst,
        )
        for cell, metric in zip(cells, metrics, strict=True)
    )


def _change(index: MetricIndex, metric: Metric | None) -> Change | None:
    before = None if metric is None else index.baseline_of(metric)
    if metric is None or metric.value is None or before is None or before.value is None:
        return None
    return change(metric.value, before.value, metric.unit, metric.better)
