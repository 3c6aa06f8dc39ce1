"""`vbench promote`: write into the ledger that a pipeline passed and is current from now on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

LedgerOption = Annotated[
    Path | None,
    typer.Option(
        help="The ledger.  [default: the nearest deployments.jsonl here or above, in the"
        " repository]",
        show_default=False,
    ),
]
NoteOption = Annotated[str, typer.Option(help="Kept with the entry.", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")]


def promote(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.", show_default=False)],
    pipeline: Annotated[
        str | None,
        typer.Option(help="Which pipeline of the run; needed where it has several."),
    ] = None,
    ledger: LedgerOption = None,
    note: NoteOption = "",
    json: JsonOption = False,
) -> None:
    """Make a pipeline that passed the current one of its benchmark.

    The ledger keeps which pipeline passed which gates on which golden sets, and when; lines are
    only ever added. `baseline: promoted` in a benchmark means the current pipeline.

    Exit codes: 0 promoted, or current already, 2 wrong input or a corrupt ledger, 3 the pipeline
    failed, 5 its verdict is inconclusive.

    Example: **vbench promote runs/today --pipeline dock-v2 --note "release 12"**
    """
    from vbench.bench.promote import promote_run
    from vbench.cli.ledger_lines import print_promotion

    print_promotion(promote_run(run, pipeline, ledger, note), as_json=json)
