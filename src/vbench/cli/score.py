"""`vbench score`: judge stored detections again, without video or model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


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
    json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Judge a run's stored detections again; no video and no model is needed.

    The run itself is never changed. Exit codes as for `vbench run`.

    Example: **vbench score runs/today --score 0.5**
    """
    from vbench.bench.score import score_run
    from vbench.cli.outcome import show_outcome
    from vbench.cli.terminal import terminal_progress

    progress = terminal_progress()
    try:
        finished = score_run(run, benchmark, score_threshold, out, progress)
    finally:
        progress.end()
    raise typer.Exit(show_outcome(finished, as_json=json))
