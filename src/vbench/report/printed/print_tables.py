"""Tables of the PDF: cut to the pipelines and rows that matter most, and saying what is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vbench.report.tables import Row, Table
from vbench.types import Run, Verdict

PER_TABLE = 3
"""Pipelines side by side with all their metrics; of more, each shows its first metric only."""
_MAX_REASONS = 5


@dataclass(frozen=True, slots=True)
class PrintTable:
    """A table of the PDF."""

    table: Table
    n_metrics: int
    """Columns of each pipeline."""
    n_reasons_left_out: int


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Slices or classes: the worst rows of a long table, in the order of the run."""

    parts: tuple[PrintTable, ...]
    """None where there is nothing to compare."""
    n_left_out: int
    """Rows that are in the HTML report only, none worse than those shown."""


def chosen_pipelines(run: Run, n: int) -> tuple[int, ...]:
    """Which pipelines to show where there is no room for all, in the order of the run.

    The baseline first, then those that pass, then those that may yet.
    """
    order = (Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.FAIL)
    ranked = sorted(
        range(len(run.pipelines)),
        key=lambda k: (
            run.pipelines[k].name != run.baseline,
            order.index(run.pipelines[k].verdict),
        ),
    )
    return tuple(sorted(ranked[:n]))


def side_by_side(table: Table, chosen: Sequence[int]) -> tuple[PrintTable, ...]:
    """A table with one column for each pipeline, cut into tables of `PER_TABLE` pipelines."""
    groups = [chosen[first : first + PER_TABLE] for first in range(0, len(chosen), PER_TABLE)]
    return tuple(_printed(_columns(table, group, 1, 1), 1) for group in groups)


def breakdown(table: Table, chosen: Sequence[int], n_metrics: int, max_rows: int) -> Breakdown:
    """A table with `n_metrics` columns for each pipeline; a single row is no comparison."""
    if len(table.rows) < 2 or not chosen:
        return Breakdown((), 0)
    shown = n_metrics if len(chosen) <= PER_TABLE else 1
    cut = _columns(table, chosen, n_metrics, shown)
    kept = _worst(cut.rows, shown, max_rows)
    part = _printed(Table(cut.columns, kept, cut.reasons), shown)
    return Breakdown((part,), len(table.rows) - len(kept))


def _worst(rows: Sequence[Row], n_metrics: int, max_rows: int) -> tuple[Row, ...]:
    """The row of everything, and those with the darkest first metric of any pipeline."""

    def badness(k: int) -> tuple[bool, float, int]:
        first = rows[k].cells[::n_metrics]
        known = [float(cell.exact) for cell in first if cell.exact]
        return rows[k].name != "all", min(known, default=2.0), k

    kept = sorted(sorted(range(len(rows)), key=badness)[:max_rows])
    return tuple(rows[k] for k in kept)


def _columns(table: Table, chosen: Sequence[int], n_metrics: int, shown: int) -> Table:
    """Some pipelines of a table, and the first metrics of each."""
    columns = tuple(table.columns[k] for k in chosen)
    places = [k * n_metrics + metric for k in chosen for metric in range(shown)]
    rows = [replace(row, cells=tuple(row.cells[k] for k in places)) for row in table.rows]
    return Table(columns, tuple(rows), table.reasons)


def _printed(table: Table, n_metrics: int) -> PrintTable:
    """With the footnotes of what is left in it, numbered from 1 again."""
    used = dict.fromkeys(
        cell.reason for row in table.rows for cell in row.cells if cell.reason is not None
    )
    numbers = {reason: k for k, reason in enumerate(used, start=1)}

    def renumber(row: Row) -> Row:
        cells = tuple(
            cell if cell.reason is None else replace(cell, note=numbers[cell.reason])
            for cell in row.cells
        )
        return replace(row, cells=cells)

    shown = Table(
        table.columns, tuple(renumber(row) for row in table.rows), tuple(numbers)[:_MAX_REASONS]
    )
    return PrintTable(shown, n_metrics, max(0, len(numbers) - _MAX_REASONS))
