"""How a sweep over score thresholds is told: tables, or JSON."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from vbench.bench.sweep import Sweep, SweepTable

_RATIOS = ("recall", "precision", "f1")


def show_sweep(sweep: Sweep, *, as_json: bool) -> None:
    """Print a sweep on stdout."""
    if as_json:
        print(json.dumps(_answer(sweep), ensure_ascii=False, indent=1))
        return
    from vbench.cli.terminal import stdout_console

    console = stdout_console()
    console.print(f"goal: {sweep.goal.text()}", markup=False, soft_wrap=True)
    for table in sweep.tables:
        console.print(_rich_table(table))
        console.print(_recommended(table), markup=False, soft_wrap=True)


def _rows(table: SweepTable) -> list[dict[str, float | int | None]]:
    """A row per threshold, ascending."""
    curve = table.rows
    columns = {
        "score": curve.scores,
        "recall": curve.recall,
        "precision": curve.precision,
        "f1": curve.f1,
        "fp_per_frame": curve.fp_per_frame,
        "fp_per_camera_hour": curve.fp_per_camera_hour,
    }
    unknown = curve.known_frames == 0
    rows: list[dict[str, float | int | None]] = []
    for k in range(len(curve) - 1, -1, -1):
        row: dict[str, float | int | None] = {
            name: float(values[k]) if math.isfinite(values[k]) else None
            for name, values in columns.items()
        }
        row["tp"] = int(curve.tp[k])
        row["fp"] = None if unknown else int(curve.fp[k])
        row["fn"] = curve.n_truth - int(curve.tp[k])
        rows.append(row)
    return rows


def _answer(sweep: Sweep) -> dict[str, object]:
    tables = []
    for table in sweep.tables:
        rows = _rows(table)
        score = table.recommendation.score
        tables.append(
            {
                "pipeline": table.pipeline,
                "golden_set": table.golden_set,
                "class": table.rows.class_name,
                "iou": table.rows.iou,
                "score_floor": table.score_floor,
                "operating_score": table.operating_score,
                "recommended": next((row for row in rows if row["score"] == score), None),
                "reason": table.recommendation.reason,
                "rows": rows,
            }
        )
    return {"run": str(sweep.run), "goal": sweep.goal.text(), "tables": tables}


def _rich_table(data: SweepTable) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    of_class = "all classes" if data.rows.class_name is None else f"class {data.rows.class_name}"
    title = f"{data.pipeline} on {data.golden_set}, {of_class}, IoU >= {data.rows.iou:g}"
    table = Table(
        title=Text(title),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("score >=", justify="right")
    for name in (*_RATIOS, "FP / h", "TP", "FP", "FN"):
        table.add_column(name, justify="right")
    table.add_column("")
    for row in _rows(data):
        marks = []
        if row["score"] == data.operating_score:
            marks.append("now")
        recommended = row["score"] == data.recommendation.score
        if recommended:
            marks.append("best")
        cells = [
            f"{row['score']:.6g}",
            *(_number(row[name], ".3f") for name in _RATIOS),
            _rate(row["fp_per_camera_hour"]),
            *(_number(row[name], "d") for name in ("tp", "fp", "fn")),
            ", ".join(marks),
        ]
        table.add_row(*(Text(cell) for cell in cells), style="bold green" if recommended else "")
    return table


def _recommended(table: SweepTable) -> str:
    recommendation = table.recommendation
    if recommendation.score is None:
        return f"no operating point: {recommendation.reason}"
    # Every digit: a rounded threshold may tell other detections apart.
    score = repr(recommendation.score)
    name = table.rows.class_name
    written = f"score: {score}" if name is None else f"score_per_class: {{{name}: {score}}}"
    return f"recommended: score >= {score}; in the pipeline file: post: {{{written}}}"


def _number(value: float | int | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def _rate(value: float | int | None) -> str:
    return _number(value, ",.0f" if value is not None and value >= 100 else ".1f")
