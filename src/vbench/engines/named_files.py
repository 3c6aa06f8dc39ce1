"""Files that an entry names because they decide what the engine answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vbench.errors import EngineError


def named_files(files: Sequence[str], folder: Path) -> tuple[Path, ...]:
    """The files under `files` of an entry. Raises EngineError where one is missing."""
    paths = tuple(folder / name for name in files)
    for path in paths:
        if not path.is_file():
            raise EngineError(
                "the file does not exist" if not path.exists() else "is not a file",
                where=str(path),
                hint="correct the path in the engine's `files`: it starts from the pipeline file",
            )
    return paths
