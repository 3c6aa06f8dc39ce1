"""What running and judging a benchmark end with."""

from __future__ import annotations

from dataclasses import dataclass

from vbench.record.folder import RunFolder
from vbench.types import Run


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run and where it is."""

    folder: RunFolder
    run: Run
    stored: bool = True
    """Whether `folder` holds this result; False where a run was only judged again."""
