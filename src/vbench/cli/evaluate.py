"""`vbench evaluate`: numbers for people who have files and no video."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vbench.cli.evaluate_mot import mot

if TYPE_CHECKING:
    from vbench.types.coco import CocoEvaluation

app = typer.Typer(
    help="Score plain truth and results files; no golden set, no video.", no_args_is_help=True
)
app.command("mot")(mot)

_MEANINGS = {
    "AP": "average precision, IoU 0.50 to 0.95",
    "AP50": "average precision at IoU 0.50",
    "AP75": "average precision at IoU 0.75",
    "APs": "AP of small objects (up to 32 x 32 px)",
    "APm": "AP of medium objects",
    "APl": "AP of large objects (from 96 x 96 px)",
    "AR1": "average recall, 1 detection per image and class",
    "AR10": "average recall, 10 detections per image and class",
    "AR100": "average recall, 100 detections per image and class",
    "ARs": "AR100 of small objects",
    "ARm": "AR100 of medium objects",
    "ARl": "AR100 of large objects",
}


@app.command("coco")
def coco(
    truth: Annotated[
        Path, typer.Argument(metavar="GT.json", help="COCO truth.", show_default=False)
    ],
    results: Annotated[
        Path, typer.Argument(metavar="DT.json", help="COCO results.", show_default=False)
    ],
    strict: Annotated[
        bool, typer.Option("--strict", help="The very numbers of pycocotools, defects included.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON.")] = False,
) -> None:
    """Average precision and recall of COCO box detections.

    Exit code 0, or 2 where a file cannot be used.

    Example: **vbench evaluate coco instances_val2017.json detections.json**
    """
    from vbench.bench.evaluate_coco import evaluate_coco

    evaluation = evaluate_coco(truth, results, strict=strict)
    if json:
        from json import dumps

        print(dumps(evaluation.stats.as_dict(), indent=1))
        return
    _print_table(evaluation)


def _print_table(evaluation: CocoEvaluation) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from vbench.cli.terminal import stdout_console
    from vbench.report.numbers import plural

    n_truth = int(evaluation.n_truth[:, 0].sum())
    mode = " (strict: as pycocotools 2.0.11)" if evaluation.settings.strict else ""
    n_classes = len(evaluation.category_ids)
    boxes, classes = (
        plural(n_truth, "truth box", "truth boxes"),
        plural(n_classes, "class", "classes"),
    )
    title = f"COCO, {boxes}, {classes}{mode}"
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_header=False,
    )
    table.add_column("")
    table.add_column("", justify="right")
    table.add_column("", style="dim")
    for item in evaluation.stats.items:
        value = Text("undefined", style="dim") if item.value is None else Text(f"{item.value:.4f}")
        note = f"{_MEANINGS[item.name]}: {item.reason}" if item.reason else _MEANINGS[item.name]
        table.add_row(item.name, value, Text(note))
    stdout_console().print(table)
