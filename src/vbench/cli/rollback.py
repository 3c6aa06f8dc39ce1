"""`vbench rollback`: make the pipeline before the current one current again."""

from __future__ import annotations

from typing import Annotated

import typer

from vbench.cli.promote import JsonOption, LedgerOption, NoteOption


def rollback(
    benchmark: Annotated[
        str | None,
        typer.Option(help="Whose pipeline; needed where the ledger is about several benchmarks."),
    ] = None,
    ledger: LedgerOption = None,
    note: NoteOption = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would become current.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Make the last good pipeline before the current one current again, and name it.

    Nothing is deployed: deploy the files whose SHA-256 is printed. `baseline: promoted` means the
    restored pipeline from now on. A second rollback goes back one further.

    Exit codes: 0 rolled back, 2 nothing to roll back to, wrong input or a corrupt ledger.

    Example: **vbench rollback --benchmark dock-release --note "misses forklifts"**
    """
    from vbench.bench.promote import roll_back
    from vbench.cli.ledger_lines import print_rollback

    print_rollback(roll_back(benchmark, ledger, note, dry_run=dry_run), as_json=json)
