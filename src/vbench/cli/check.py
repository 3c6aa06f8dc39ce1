"""`vbench check`: configuration and preflight; nothing is run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def check(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="benchmark.yaml, golden.yaml or pipeline files; or their folders.",
            show_default=False,
        ),
    ],
) -> None:
    """Check files as a run would, without running: keys, paths, classes, models, gates.

    Benchmarks are checked with everything they name: media against the lock, truth, and every
    model with one frame. All files are checked; the exit code is that of the first problem.

    Example: **vbench check benchmarks/loading-dock/benchmark.yaml**
    """
    from vbench.bench.check import check_file
    from vbench.cli.terminal import print_error, terminal_progress
    from vbench.errors import VbenchError

    progress = terminal_progress()
    first: VbenchError | None = None
    for file in files:
        try:
            for line in check_file(file, progress):
                typer.echo(line)
        except VbenchError as error:
            progress.end()
            print_error(error)
            first = first or error
    progress.end()
    if first is not None:
        raise typer.Exit(first.exit_code)
