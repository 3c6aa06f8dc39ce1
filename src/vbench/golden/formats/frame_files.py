"""Folders with one truth file per frame, numbered in the file name."""

from __future__ import annotations

import re
from pathlib import Path

from vbench.errors import TruthError

_NUMBER_AT_END = re.compile(r"(?:^|[^0-9])([0-9]+)$")


def numbered_files(
    folder: Path, suffix: str, skip: frozenset[str] = frozenset()
) -> list[tuple[int, Path]]:
    """Files of a folder with the number that their stem ends in, by number.

    ``000012.txt`` and ``dock3-night_12.txt`` are both for frame number 12.

    Args:
        folder: where the files are.
        suffix: ending of the files, with the dot; others are no truth.
        skip: file names that are not for a frame.

    Raises:
        TruthError: no such folder, a name without number, or two files for one frame.
    """
    if not folder.is_dir():
        what = "is a file, expected a folder" if folder.is_file() else "folder not found"
        raise TruthError(what, where=str(folder), hint="this format has one file per frame")
    by_number: dict[int, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() != suffix or path.name in skip or path.name.startswith("."):
            continue
        match = _NUMBER_AT_END.search(path.stem)
        if match is None:
            raise TruthError(
                "the file's name does not end in a frame number",
                where=str(path),
                hint=f"name it like 000012{suffix} or clip_12{suffix}",
            )
        number = int(match.group(1))
        if number in by_number:
            raise TruthError(
                f"is for frame {number}, as {by_number[number].name} is",
                where=str(path),
                hint="keep one file per frame",
            )
        by_number[number] = path
    others = sorted(item.name for item in folder.iterdir() if not item.name.startswith("."))
    if not by_number and others and not skip.issuperset(others):
        raise TruthError(
            f"the folder holds no {suffix} file",
            where=str(folder),
            hint=f"it holds {', '.join(others[:5])}; is truth_format right?",
        )
    return sorted(by_number.items())
