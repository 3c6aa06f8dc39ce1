"""How confusion matrices are told: tables, or JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from vbench.bench.confusion import ConfusionTable, RunConfusion

_BACKGROUND = "background"
_NAME_WIDTH = 20
"""Longer names of rows are folded."""
_HEADING_WIDTH = 6
"""Longer names of columns may be folded, where the terminal is narrow."""
_GAP = 2
"""Between two columns."""


def show_confusion(confusion: RunConfusion, *, as_json: bool) -> None:
    """Print the confusion matrices of a run on stdout."""
    if as_json:
        print(json.dumps(_answer(confusion), ensure_ascii=False, indent=1))
        return
    from rich.text import Text

    from vbench.cli.terminal import stdout_console

    console = stdout_console()
    for table in confusion.tables:
        title = f"{table.pipeline} on {table.golden_set}, confusion matrix"
        console.print(Text(title, style="bold"), soft_wrap=True)
        for block in _blocks(table, console.width):
            console.print(_rich_table(table, block), crop=False)
        console.print(_legend(table), markup=False, soft_wrap=True)
        console.print()


def _answer(confusion: RunConfusion) -> dict[str, object]:
    return {
        "run": str(confusion.run),
        "tables": [
            {
                "pipeline": table.pipeline,
                "golden_set": table.golden_set,
                "operating_point": table.point.text(),
                "classes": list(table.matrix.class_names),
                "not_exhaustive": list(table.not_exhaustive),
                "cells": [
                    {
                        "truth_class": cell.truth_class,
                        "detection_class": cell.detection_class,
                        "n": cell.n,
                    }
                    for cell in table.matrix.cells()
                ],
            }
            for table in confusion.tables
        ],
    }


def _names(data: ConfusionTable) -> tuple[str, ...]:
    """Of rows and columns."""
    return (*data.matrix.class_names, _BACKGROUND)


def _name_width(data: ConfusionTable) -> int:
    """Of the names of the rows."""
    from rich.cells import cell_len

    return min(max(cell_len(name) for name in _names(data)), _NAME_WIDTH)


def _blocks(data: ConfusionTable, terminal_width: int) -> list[dict[int, int]]:
    """Columns side by side, with their widths; more blocks than one where they do not fit."""
    room = terminal_width - _name_width(data) - _GAP - 1
    blocks: list[dict[int, int]] = [{}]
    for j, width in enumerate(_least_widths(data)):
        if blocks[-1] and _taken(blocks[-1]) + width + _GAP > room:
            blocks.append({})
        blocks[-1][j] = width
    for block in blocks:
        _widen(block, _names(data), room - _taken(block))
    return blocks


def _least_widths(data: ConfusionTable) -> list[int]:
    """Per column, so that no count is cut."""
    from rich.cells import cell_len

    names, largest = _names(data), data.matrix.counts.max(axis=0).tolist()
    widths = [
        max(len(f"{n:,}"), min(cell_len(name), _HEADING_WIDTH))
        for n, name in zip(largest, names, strict=True)
    ]
    widths[-1] = max(widths[-1], len(_BACKGROUND))
    return widths


def _taken(block: dict[int, int]) -> int:
    return sum(block.values()) + _GAP * len(block)


def _widen(block: dict[int, int], names: Sequence[str], spare: int) -> None:
    """Spend what is left in a line on headings: first to cut fewer words, then to wrap fewer."""
    from rich.cells import cell_len

    word = {j: max(map(cell_len, names[j].split()), default=0) for j in block}
    whole = {j: cell_len(names[j]) for j in block}
    for wanted in (word, whole):
        lacking = {j: wanted[j] - block[j] for j in block if wanted[j] > block[j]}
        for j in sorted(lacking, key=lacking.__getitem__):
            if lacking[j] <= spare:
                block[j] = wanted[j]
                spare -= lacking[j]


def _rich_table(data: ConfusionTable, block: dict[int, int]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    names = _names(data)
    name_width = _name_width(data)
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, _GAP - 1, 0, 0),
        # Said, so that a terminal narrower than one column cuts no count.
        width=name_width + _GAP + _taken(block) + 1,
    )
    table.add_column("truth", width=name_width, overflow="fold")
    for j, width in block.items():
        table.add_column(Text(names[j]), width=width, justify="right", overflow="fold")
    for i, name in enumerate(names):
        table.add_row(Text(name), *(Text(*_cell(data, i, j)) for j in block))
    return table


def _cell(data: ConfusionTable, i: int, j: int) -> tuple[str, str]:
    """Text and style: what is right stands out, what never happened steps back."""
    n = int(data.matrix.counts[i, j])
    if i == j == len(data.matrix.class_names):
        return "-", "dim"
    if i == j:
        return f"{n:,}", "bold green"
    return f"{n:,}", "" if n else "dim"


def _legend(data: ConfusionTable) -> str:
    lines = [
        f"rows: truth; columns: detected; {data.point.text()}",
        "background: detections without truth (row), truth without a detection (column)",
    ]
    if data.not_exhaustive:
        names = ", ".join(data.not_exhaustive)
        lines.append(
            f"not exhaustive in some clips, where unmatched detections do not count: {names}"
        )
    return "\n".join(lines)
