"""`vbench compare`: finished runs against each other, paired."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN",
            help="Folders of two or more finished runs, A, B, ...; the first is the reference.",
            show_default=False,
        ),
    ],
    pipeline: Annotated[
        list[str] | None,
        typer.Option(
            help="Compare this pipeline of every run, or A=NAME, B=NAME for each run its own; can"
            " be repeated.  [default: pipelines of the same name]",
            show_default=False,
        ),
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND[,KIND]",
            help="Compare in spite of another golden-set, taxonomy or operating-point.",
            show_default=False,
        ),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            help="Compare this metric; can be repeated.  [default: the headline metrics]",
            show_default=False,
        ),
    ] = None,
    class_names: Annotated[
        list[str] | None,
        typer.Option(
            "--class",
            help="This class alone; can be repeated.  [default: all classes together]",
            show_default=False,
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
) -> None:
    """Compare pipelines of finished runs on the same resamples of the same footage.

    Every change has a confidence interval and a p-value that is corrected for being many. Runs over
    another golden set, taxonomy or operating point are refused unless allowed. Nothing is
    judged: the exit code is 0 whatever the difference is; use `max_drop` or `not_worse` gates to
    decide.

    Example: **vbench compare runs/may runs/today --pipeline dock-v2**

    Example: **vbench compare runs/today runs/today --pipeline A=dock-v1 --pipeline B=dock-v2**
    """
    from vbench.bench.compare import compare_runs
    from vbench.cli.compare_table import show_comparison
    from vbench.cli.terminal import terminal_progress

    progress = terminal_progress()
    try:
        found = compare_runs(
            runs, pipeline or (), allow or (), metric or (), class_names or (), progress
        )
    finally:
        progress.end()
    show_comparison(found, as_json=json)
