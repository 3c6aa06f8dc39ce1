"""`vbench evaluate mot`: tracking numbers for people who have files and no video."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from vbench.metrics.mot import MotEvaluation

_MEANINGS = {
    "TP": "boxes that match the truth",
    "FP": "boxes that match nothing",
    "FN": "truth boxes that were missed",
    "IDSW": "identity switches",
    "FM": "fragmentations: tracks that broke off and came back",
    "MT": "mostly tracked objects (more than 80 % of their boxes)",
    "PT": "partially tracked objects",
    "ML": "mostly lost objects (less than 20 %)",
    "MOTA": "1 - (FN + FP + IDSW) / truth boxes",
    "MOTP": "mean 1 - IoU of the matches: a distance, lower is better",
    "IDF1": "identity F1",
    "IDP": "identity precision",
    "IDR": "identity recall",
    "HOTA": "sqrt(DetA x AssA), mean over IoU 0.05 to 0.95",
    "DetA": "detection accuracy",
    "AssA": "association accuracy",
    "LocA": "mean IoU of the matches, over IoU 0.05 to 0.95",
}


def mot(
    truth: Annotated[
        Path, typer.Argument(metavar="GT.txt", help="MOTChallenge truth.", show_default=False)
    ],
    results: Annotated[
        Path, typer.Argument(metavar="RESULTS.txt", help="Tracker results.", show_default=False)
    ],
    json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON.")] = False,
    iou: Annotated[float, typer.Option(help="IoU from which on boxes match.")] = 0.5,
    preprocess: Annotated[
        Literal["mot15", "mot17", "mot20", "none"] | None,
        typer.Option(
            help="Which boxes count: mot15 leaves out truth with conf 0; mot17 and mot20 also other"
            " classes, and results on distractors; none takes all. Default: mot15, where the truth"
            " has no other class than pedestrian.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """CLEAR MOT, identity and HOTA of tracker results, by TrackEval's definitions.

    Exit code 0, or 2 where a file cannot be used.

    Example: **vbench evaluate mot MOT17-09/gt/gt.txt results/MOT17-09.txt --preprocess mot17**
    """
    from vbench.bench.evaluate_mot import evaluate_mot

    evaluation = evaluate_mot(truth, results, iou_threshold=iou, preprocess=preprocess)
    if json:
        from json import dumps

        print(dumps(evaluation.as_dict(), indent=1))
        return
    _print_table(evaluation)


def _print_table(evaluation: MotEvaluation) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from vbench.cli.terminal import stdout_console

    scores = evaluation.scores
    table = Table(
        title=f"MOT, {scores.n_truth:,} truth boxes in {int(scores.clear[6]):,} tracks, "
        f"{scores.n_detections:,} boxes of the results, IoU >= {evaluation.iou_threshold:g}, "
        f"preprocessing {evaluation.rules}",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_header=False,
    )
    table.add_column("")
    table.add_column("", justify="right")
    table.add_column("", style="dim")
    for item in evaluation.stats:
        if item.value is None:
            value = Text("undefined", style="dim")
        else:
            value = Text(f"{item.value:,}" if isinstance(item.value, int) else f"{item.value:.4f}")
        note = f"{_MEANINGS[item.name]}: {item.reason}" if item.reason else _MEANINGS[item.name]
        table.add_row(item.name, value, Text(note))
    stdout_console().print(table)
