"""`vbench report`: render finished runs again, without video or model."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
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
    JSON = "json"
    CSV = "csv"
    LABEL_ERRORS = "label-errors"


_OF_A_RUN = (ReportFormat.HTML, ReportFormat.PDF, ReportFormat.MD, ReportFormat.JUNIT)


def report(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN...",
            help="Folder of a finished run; several: how their numbers moved over time.",
            show_default=False,
        ),
    ],
    formats: Annotated[
        list[ReportFormat] | None,
        typer.Option(
            "--format",
            help="What to write; may be given several times.  [default: html, pdf, md, junit; of"
            " several runs html, md]",
        ),
    ] = None,
    brand: Annotated[
        Path | None,
        typer.Option(help="A brand.yaml.  [default: what the run keeps]"),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(help="Of the PDF: en, de, or a strings file.  [default: the brand's, or en]"),
    ] = None,
    templates: Annotated[
        Path | None,
        typer.Option(help="A folder whose files go before the templates of vbench."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="With several runs: folder to write to.  [default: trend]"),
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(
            help="With several runs: whose promotions are marked.  [default: the nearest"
            " deployments.jsonl of each run]",
        ),
    ] = None,
) -> None:
    r"""Render a finished run's reports into its folder; results do not change.

    Several runs of one benchmark give a trend: every metric over time with its intervals, what
    changed between the runs, and what was promoted.

    Example: **vbench report runs/today --format html**

    Example: **vbench report runs/\* --out trend**
    """
    from vbench.errors import InputError

    of_one = {"--brand": brand, "--language": language, "--templates": templates}
    of_several = {"--out": out, "--ledger": ledger}
    is_one = len(runs) == 1
    for name, value in (of_several if is_one else of_one).items():
        if value is not None:
            raise InputError(
                f"{name} is for several runs: reports of one run are written into its folder"
                if is_one
                else f"{name} is for one run: a trend has one look and is in English",
                where=name,
                hint=f"leave {name} out",
            )
    with _no_garbage():
        if is_one:
            _render_one(runs[0], formats, brand, language, templates)
        else:
            _render_trend(runs, formats, out or Path("trend"), ledger)


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Looking for garbage among a large run's rows took a seventh of the time and freed nothing."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _render_one(
    run: Path,
    formats: list[ReportFormat] | None,
    brand: Path | None,
    language: str | None,
    templates: Path | None,
) -> None:
    from vbench.bench.report import render

    rendered = render(
        run,
        [item.value for item in formats or _OF_A_RUN],
        brand=brand,
        language=language,
        templates=templates,
    )
    for path in rendered.files:
        typer.echo(path)
    if rendered.note:
        typer.echo(f"note: {rendered.note}", err=True)


def _render_trend(
    runs: list[Path], formats: list[ReportFormat] | None, out: Path, ledger: Path | None
) -> None:
    from vbench.bench.report import TREND_FORMATS, render_trend
    from vbench.errors import InputError

    asked = [item.value for item in formats or (ReportFormat.HTML, ReportFormat.MD)]
    for name in asked:
        if name not in TREND_FORMATS:
            raise InputError(
                f"several runs over time cannot be written as {name}",
                where="--format",
                hint=f"choose of {', '.join(TREND_FORMATS)}",
            )
    for path in render_trend(runs, asked, out, ledger):
        typer.echo(path)
