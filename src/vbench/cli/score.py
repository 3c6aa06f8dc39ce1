"""`vbench score`: judge stored detections again, without video or model."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Pixels(StrEnum):
    """How long the side of a box is: x2 - x1 + 1, or x2 - x1."""

    INCLUSIVE = "inclusive"
    CONTINUOUS = "continuous"


def score(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.", show_default=False)],
    benchmark: Annotated[
        Path | None,
        typer.Option(
            help="Take gates, slices and matching from this file instead of the run's own.",
            show_default=False,
        ),
    ] = None,
    score_threshold: Annotated[
        float | None,
        typer.Option(
            "--score", help="Another operating point for all classes.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the result as a run folder of its own.", show_default=False),
    ] = None,
    sweep: Annotated[
        bool,
        typer.Option("--sweep", help="Show other score thresholds, and recommend one."),
    ] = False,
    goal: Annotated[
        str | None,
        typer.Option(
            help='With --sweep: what to reach, as "recall >= 0.9", "precision >= 0.95",'
            ' "fp_per_camera_hour <= 30" or "f1".  [default: f1]',
            show_default=False,
        ),
    ] = None,
    worst_slices: Annotated[
        bool,
        typer.Option("--worst-slices", help="Show where the pipelines do worst."),
    ] = False,
    metric: Annotated[
        str | None,
        typer.Option(
            help="With --worst-slices: recall, precision, f1 or fp_per_camera_hour."
            "  [default: recall]",
            show_default=False,
        ),
    ] = None,
    min_support: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="With --worst-slices: leave smaller slices out.  [default: 50]",
            show_default=False,
        ),
    ] = None,
    class_names: Annotated[
        list[str] | None,
        typer.Option(
            "--class",
            help="With --sweep or --worst-slices: this class alone; can be repeated.",
            show_default=False,
        ),
    ] = None,
    voc: Annotated[
        Pixels | None,
        typer.Option(
            help="Show Pascal VOC's AP, all-point and 11-point; inclusive is VOC's own pixel"
            " convention (a side is x2 - x1 + 1 long).",
            show_default=False,
        ),
    ] = None,
    confusion: Annotated[
        bool,
        typer.Option("--confusion", help="Show which class was taken for which."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Judge a run's stored detections again; no video and no model is needed.

    The run itself is never changed. Exit codes as for `vbench run`; a sweep, worst slices, VOC and
    confusion judge no gate and end with 0, also where no threshold reaches the goal.

    Example: **vbench score runs/today --score 0.5**

    Example: **vbench score runs/today --sweep --goal "recall >= 0.9" --class person**

    Example: **vbench score runs/today --worst-slices --metric precision**
    """
    judging: dict[str, object] = {
        "--benchmark": benchmark,
        "--score": score_threshold,
        "--out": out,
    }
    exploring: dict[str, object] = {
        "--sweep": sweep or None,
        "--goal": goal,
        "--worst-slices": worst_slices or None,
        "--metric": metric,
        "--min-support": min_support,
        "--class": class_names,
    }
    if voc is not None:
        _refuse_with("--voc", {**judging, **exploring, "--confusion": confusion or None})
        _voc(run, voc, as_json=json)
        return
    if confusion:
        _refuse_with("--confusion", {**judging, **exploring})
        _confusion(run, as_json=json)
        return
    if worst_slices:
        _refuse_with("--worst-slices", {**judging, "--sweep": sweep or None, "--goal": goal})
        _worst_slices(run, metric, min_support, class_names or [], as_json=json)
        return
    _refuse_without("--worst-slices", {"--metric": metric, "--min-support": min_support})
    if sweep:
        _refuse_with("--sweep", judging)
        _sweep(run, goal, class_names or [], as_json=json)
        return
    _refuse_without("--sweep", {"--goal": goal})
    _refuse_without("--sweep or --worst-slices", {"--class": class_names})
    from vbench.bench.score import score_run
    from vbench.cli.outcome import show_outcome
    from vbench.cli.terminal import terminal_progress

    progress = terminal_progress()
    try:
        finished = score_run(run, benchmark, score_threshold, out, progress)
    finally:
        progress.end()
    raise typer.Exit(show_outcome(finished, as_json=json))


def _sweep(run: Path, goal: str | None, class_names: list[str], *, as_json: bool) -> None:
    from vbench.bench.sweep import DEFAULT_GOAL, sweep_run
    from vbench.cli.sweep_table import show_sweep

    show_sweep(sweep_run(run, DEFAULT_GOAL if goal is None else goal, class_names), as_json=as_json)


def _voc(run: Path, pixels: Pixels, *, as_json: bool) -> None:
    from vbench.bench.voc import voc_of_run
    from vbench.cli.voc_table import show_voc

    show_voc(voc_of_run(run, pixels.value), as_json=as_json)


def _confusion(run: Path, *, as_json: bool) -> None:
    from vbench.bench.confusion import confusion_of_run
    from vbench.cli.confusion_table import show_confusion

    show_confusion(confusion_of_run(run), as_json=as_json)


def _worst_slices(
    run: Path,
    metric: str | None,
    min_support: int | None,
    class_names: list[str],
    *,
    as_json: bool,
) -> None:
    from vbench.bench.worst_slices import worst_slices_of_run
    from vbench.cli.worst_slices_table import show_worst_slices
    from vbench.metrics.worst_slices import DEFAULT_MIN_SUPPORT

    found = worst_slices_of_run(
        run, metric or "recall", min_support or DEFAULT_MIN_SUPPORT, class_names
    )
    show_worst_slices(found, as_json=as_json)


def _refuse_with(mode: str, options: dict[str, object]) -> None:
    from vbench.errors import InputError

    for name, value in options.items():
        if value is not None:
            raise InputError(
                f"{name} has no meaning with {mode}", where=name, hint="leave one of them out"
            )


def _refuse_without(mode: str, options: dict[str, object]) -> None:
    from vbench.errors import InputError

    for name, value in options.items():
        if value:
            raise InputError(f"{name} needs {mode}", where=name, hint=f"add {mode}")
