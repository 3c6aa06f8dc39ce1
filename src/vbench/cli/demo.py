"""`vbench demo`: the main job on the shipped golden set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    out: Annotated[
        Path | None,
        typer.Option(help="Run folder to write.  [default: runs/TIME-NAME]", show_default=False),
    ] = None,
    pdf: Annotated[bool, typer.Option(help="Write report.pdf too.")] = True,
) -> None:
    """Run the shipped benchmark: two detectors on a loading dock, by day, dusk, night and in rain.

    The demo succeeds when it ran; what `vbench run` would exit with is said in the last line.

    Example: **vbench demo**
    """
    from vbench.bench.run import run_benchmark
    from vbench.bench.shipped import demo_benchmark
    from vbench.cli.outcome import show_outcome
    from vbench.cli.terminal import terminal_progress

    progress = terminal_progress()
    try:
        finished = run_benchmark(demo_benchmark(), out, progress, pdf=pdf)
    finally:
        progress.end()
    code = show_outcome(finished, as_json=False)
    if code:
        typer.echo(f"`vbench run` exits with {code} here, so that a CI job stops.")
