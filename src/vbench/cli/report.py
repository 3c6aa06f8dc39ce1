"""`vbench report`: render a finished run again, without video or model."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class ReportFormat(StrEnum):
    """What can be rendered."""

    HTML = "html"
    PDF = "pdf"
    MD = "md"
    JUNIT = "junit"


def report(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.", show_default=False)],
    formats: Annotated[
        list[ReportFormat] | None,
        typer.Option("--format", help="What to write; may be given several times.  [default: all]"),
    ] = None,
) -> None:
    """Render a finished run's reports into its folder; results do not change.

    Example: **vbench report runs/today --format html**
    """
    from vbench.bench.report import render

    for path in render(run, [item.value for item in formats or ReportFormat]):
        typer.echo(path)
