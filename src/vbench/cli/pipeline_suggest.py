"""`vbench pipeline suggest`: a pipeline file for a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Make pipeline files.", no_args_is_help=True)


@app.callback()
def _root() -> None:
    """Keep `suggest` a command of its own, also while it is the only one."""


@app.command("suggest")
def suggest(
    model: Annotated[Path, typer.Argument(help="ONNX file.", show_default=False)],
    classes: Annotated[
        Path | None, typer.Option("--classes", help="Text file with one class per line.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Pipeline file to write; never overwritten.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print choices, reasons and the file as JSON.")
    ] = False,
) -> None:
    """Read a model's names and shapes and propose a pipeline file, saying how sure it is.

    Example: **vbench pipeline suggest yolox_nano.onnx --classes labels.txt --out person.yaml**
    """
    from vbench.bench.suggest import suggest_pipeline, write_suggestion

    suggestion = suggest_pipeline(model, classes, out)
    if out is not None:
        write_suggestion(suggestion, out)
    if json:
        typer.echo(suggestion.json_text(), nl=False)
    elif out is None:
        typer.echo(suggestion.text, nl=False)
    else:
        typer.echo(f"{out}: written; next: vbench check {out}")
