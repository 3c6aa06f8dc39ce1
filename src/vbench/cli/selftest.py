"""`vbench selftest`: plant known regressions and see which gates notice."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def selftest(
    run: Annotated[
        Path | None,
        typer.Argument(
            help="Folder of a finished run.  [default: a made-up detector on the shipped footage]",
            show_default=False,
        ),
    ] = None,
    pipeline: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Plant into this pipeline of the run.  [default: the baseline, or the first]",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Keep the planted detections and the result here.", show_default=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Plant known regressions into stored detections, and show which gates caught them.

    Boxes are dropped and shifted, classes and track ids swapped, alerts doubled, answers delayed.
    Exit code 0 when no regression gets past all gates and no comparing gate fails the unchanged
    pipeline, 3 otherwise.

    Example: **vbench selftest**

    Example: **vbench selftest runs/today --pipeline dock-v2**
    """
    from vbench.bench.selftest import run_selftest
    from vbench.cli.selftest_table import keep_selftest, show_selftest
    from vbench.cli.terminal import terminal_progress
    from vbench.errors import ExitCode

    progress = terminal_progress()
    try:
        found = run_selftest(run, pipeline, out, progress)
    finally:
        progress.end()
    if out is not None:
        keep_selftest(found, out)
    show_selftest(found, as_json=json)
    raise typer.Exit(ExitCode.OK if found.passed else ExitCode.GATE_FAILED)
