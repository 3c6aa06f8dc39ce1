"""What runs today, as far as the ledger of deployments knows, for a run to say `roll back to`."""

from __future__ import annotations

from pathlib import Path

from vbench.errors import LedgerError
from vbench.record.ledger import find_ledger, read_ledger


def deployed_names(folder: Path, benchmark: str) -> tuple[str, ...]:
    """``name version`` of the current pipeline of a benchmark, then of the one before it.

    Only what is another pipeline or version counts as the one before. Empty where no ledger is in
    the folder or above it, where it names nothing, or where it is corrupt: a run does not need it.
    """
    path = find_ledger(folder)
    if path is None:
        return ()
    try:
        standing = read_ledger(path).standing(benchmark)
    except LedgerError:
        return ()
    newest_first = dict.fromkeys(f"{item.pipeline} {item.version}" for item in reversed(standing))
    return tuple(newest_first)[:2]
