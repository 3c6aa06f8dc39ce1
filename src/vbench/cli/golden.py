"""`vbench golden`: make, check and lock golden sets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Make, check and lock golden sets.", no_args_is_help=True)

_FolderArgument = Annotated[
    Path, typer.Argument(help="Folder of a golden set, or its golden.yaml.", show_default=False)
]


@app.command("lock")
def lock(
    golden_set: _FolderArgument,
    check: Annotated[
        bool, typer.Option("--check", help="Only compare media and truth with golden.lock.")
    ] = False,
) -> None:
    """Decode every clip once and write golden.lock; runs then refuse media that changed.

    Example: **vbench golden lock golden_sets/loading-dock**
    """
    from vbench.bench.golden import check_lock, lock_golden_set
    from vbench.cli.terminal import terminal_progress

    progress = terminal_progress()
    try:
        path = (check_lock if check else lock_golden_set)(golden_set, progress)
    finally:
        progress.end()
    typer.echo(f"{path}: {'everything matches' if check else 'written'}")


@app.command("validate")
def validate(
    golden_set: _FolderArgument,
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check a golden set whole: files, truth, classes, tags; every problem at once.

    Example: **vbench golden validate golden_sets/loading-dock**
    """
    from vbench.bench.golden import validate_golden_set
    from vbench.cli.golden_findings import show_findings
    from vbench.cli.terminal import terminal_progress

    progress = terminal_progress()
    try:
        findings = validate_golden_set(golden_set, progress)
    finally:
        progress.end()
    raise typer.Exit(show_findings(findings, as_json=json))


@app.command("synth")
def synth(
    folder: Annotated[
        Path, typer.Argument(help="New folder for the golden set.", show_default=False)
    ],
    seed: Annotated[int, typer.Option(help="Same seed, same videos, byte for byte.")] = 0,
    clips: Annotated[
        int | None, typer.Option(min=1, help="Only the first so many clips.", show_default=False)
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(min=0.5, help="Length of each clip.  [default: as designed]"),
    ] = None,
) -> None:
    """Render a golden set of loading-dock scenes with exact truth, and lock it.

    Example: **vbench golden synth my-set --seed 7**
    """
    from vbench.bench.golden import synthesize
    from vbench.cli.terminal import terminal_progress

    progress = terminal_progress()
    try:
        path = synthesize(folder, seed, clips, seconds, progress)
    finally:
        progress.end()
    typer.echo(f"{path}: written and locked")
