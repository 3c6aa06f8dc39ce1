"""How the worst slices are told: tables, or JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from vbench.bench.worst_slices import RunWorstSlices, WorstSlicesTable
    from vbench.metrics.worst_slices import WorstSlice

_SHOWN = 10
"""Slices in a table; JSON has all."""


def show_worst_slices(found: RunWorstSlices, *, as_json: bool) -> None:
    """Print the worst slices of a run on stdout."""
    if as_json:
        print(json.dumps(_answer(found), ensure_ascii=False, indent=1))
        return
    from vbench.cli.terminal import stdout_console

    console = stdout_console()
    for table in found.tables:
        if table.worst.slices:
            console.print(_rich_table(table))
        console.print(_summary(table), markup=False, soft_wrap=True)


def _answer(found: RunWorstSlices) -> dict[str, object]:
    return {
        "run": str(found.run),
        "metric": found.metric,
        "min_support": found.min_support,
        "tables": [
            {
                "pipeline": table.pipeline,
                "golden_set": table.golden_set,
                "class": table.worst.class_name,
                "operating_point": table.point.text(),
                "value": table.worst.value,
                "n": table.worst.n,
                "n_lost": table.worst.n_lost,
                "n_slices": table.worst.n_slices,
                "n_small": table.worst.n_small,
                "slices": [
                    {
                        "slice": dict(one.slice),
                        "same": [dict(slice_) for slice_ in one.same],
                        "value": one.value,
                        "gap": one.gap,
                        "n": one.n,
                        "n_lost": one.n_lost,
                        "loss_share": one.loss_share,
                        "excess": one.excess,
                    }
                    for one in table.worst.slices
                ],
            }
            for table in found.tables
        ],
    }


def _rich_table(data: WorstSlicesTable) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    worst = data.worst
    of_class = "all classes" if worst.class_name is None else f"class {worst.class_name}"
    title = f"{data.pipeline} on {data.golden_set}, {of_class}, {data.point.text()}"
    table = Table(
        title=Text(title),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    shown = worst.slices[:_SHOWN]
    width = max(len(line) for one in shown for line in _names(one).split("\n"))
    table.add_column("slice", min_width=min(width, 30), overflow="fold")
    for heading in ("value", "gap", "n", "lost", "share", "excess"):
        table.add_column(heading, justify="right")
    for one in shown:
        cells = (
            _names(one),
            _number(worst.metric, one.value),
            _number(worst.metric, one.gap),
            f"{one.n:,}",
            f"{one.n_lost:,}",
            f"{100 * one.loss_share:.1f} %",
            f"{one.excess:,.1f}",
        )
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _names(one: WorstSlice) -> str:
    """A slice, and on a second line one that holds the very same boxes."""
    first, *others = (
        ", ".join(f"{key}={value}" for key, value in slice_) for slice_ in (one.slice, *one.same)
    )
    if not others:
        return first
    more = f" and {len(others) - 1:,} more" if len(others) > 1 else ""
    return f"{first}\n  same: {others[0]}{more}"


def _summary(data: WorstSlicesTable) -> str:
    """What the table is compared with, what it leaves out, and what its columns mean."""
    worst = data.worst
    subject = f"{data.pipeline} on {data.golden_set}"
    if worst.value is None:
        return f"{subject}: {worst.metric} is undefined on the whole, nothing to compare with"
    value = _number(worst.metric, worst.value)
    whole = f"{worst.metric} on the whole is {value} (n = {worst.n:,})"
    judged = f"{worst.n_slices:,} slices with n >= {worst.min_support:,} were compared"
    if worst.n_small:
        judged += f", {worst.n_small:,} smaller ones were not"
    if not worst.slices:
        return f"{subject}: no slice is worse than the whole; {whole}; {judged}"
    n_hidden = len(worst.slices) - _SHOWN
    if n_hidden > 0:
        judged += f"; {n_hidden:,} more are in --json"
    lost = _lost(data)
    return (
        f"{whole}; {judged}\n"
        f"value: {worst.metric}; gap: how much worse than the whole; lost: {lost};"
        f" share: of all {lost}; excess: {lost} beyond the rate of the whole"
    )


def _lost(data: WorstSlicesTable) -> str:
    from vbench.metrics.worst_slices import LOSS_WORDS

    return LOSS_WORDS[data.worst.metric]


def _number(metric: str, value: float) -> str:
    return f"{value:,.0f}" if metric == "fp_per_camera_hour" else f"{value:.3f}"
