"""`vbench init`: a starter folder that runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    folder: Annotated[Path, typer.Argument(help="New folder.", show_default=False)],
) -> None:
    """Write a small benchmark that runs at once, to be changed into your own.

    Example: **vbench init my-benchmark**, then **vbench run my-benchmark**
    """
    from vbench.bench.starter import write_starter
    from vbench.cli.terminal import terminal_progress

    progress = terminal_progress()
    try:
        write_starter(folder, progress)
    finally:
        progress.end()
    typer.echo(f"{folder}: ready; next: vbench run {folder}")
