"""How Pascal VOC's average precision is told: tables, or JSON."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from vbench.bench.voc import VocAnswer, VocTable


def show_voc(answer: VocAnswer, *, as_json: bool) -> None:
    """Print the VOC numbers of a run on stdout."""
    if as_json:
        print(json.dumps(_answer(answer), ensure_ascii=False, indent=1))
        return
    from vbench.cli.terminal import stdout_console

    console = stdout_console()
    for table in answer.tables:
        console.print(_rich_table(table, answer.pixels))


def _answer(answer: VocAnswer) -> dict[str, object]:
    return {
        "run": str(answer.run),
        "pixels": answer.pixels,
        "tables": [
            {
                "pipeline": table.pipeline,
                "golden_set": table.golden_set,
                "iou": table.all_points.iou,
                "map": table.all_points.mean,
                "map_11_point": table.eleven_points.mean,
                "classes": _rows(table),
            }
            for table in answer.tables
        ],
    }


def _rows(table: VocTable) -> list[dict[str, str | float | None]]:
    whole, eleven = table.all_points, table.eleven_points
    return [
        {
            "class": name,
            "ap": _defined(float(whole.ap[c])),
            "ap_11_point": _defined(float(eleven.ap[c])),
            "tp": int(whole.tp[c]),
            "fp": int(whole.fp[c]),
            "n_truth": int(whole.n_truth[c]),
        }
        for c, name in enumerate(whole.class_names)
    ]


def _rich_table(data: VocTable, pixels: str) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    title = (
        f"{data.pipeline} on {data.golden_set}, Pascal VOC, IoU >= {data.all_points.iou:g},"
        f" {pixels} pixels, all stored detections"
    )
    table = Table(title=Text(title), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("class")
    for name in ("AP", "AP 11-point", "TP", "FP", "truth"):
        table.add_column(name, justify="right")
    for row in _rows(data):
        counts = (str(row[name]) for name in ("tp", "fp", "n_truth"))
        table.add_row(Text(str(row["class"])), _ap(row["ap"]), _ap(row["ap_11_point"]), *counts)
    table.add_row("mean", _ap(data.all_points.mean), _ap(data.eleven_points.mean), "", "", "")
    return table


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else value


def _ap(value: str | float | None) -> str:
    return f"{value:.4f}" if isinstance(value, float) else "-"
