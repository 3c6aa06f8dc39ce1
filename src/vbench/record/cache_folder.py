"""The files of the detections cache: what is there, and taking it away.

Only regular files with the cache's own names are looked at; links are left alone.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from vbench.config.cache_settings import cache_base

ENTRY_SUFFIX = ".entry"
PART_SUFFIX = ".part"
_ENTRY_NAME = re.compile(r"[0-9a-f]{64}\.entry")
_PART_NAME = re.compile(r"\.[0-9a-f]{16}-\w+\.part")
_ABANDONED_S = 3_600.0
"""A file that has not been finished in this time never will be."""


@dataclass(frozen=True, slots=True)
class CachedFile:
    """An entry of the cache."""

    path: Path
    n_bytes: int
    used_s: float
    """When it was last used, seconds since 1970."""


def detections_folder() -> Path:
    """Where detections are cached; the folder need not exist."""
    return cache_base() / "detections"


def entry_path(folder: Path, key: str) -> Path:
    """The file of a key."""
    return folder / f"{key}{ENTRY_SUFFIX}"


def is_plain_file(path: Path) -> bool:
    """Whether a regular file is there, and not a link to one. Raises OSError."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def list_entries(folder: Path) -> tuple[CachedFile, ...]:
    """Every entry, least recently used first; none where there is no folder. Raises OSError."""
    found = _files(folder, _ENTRY_NAME)
    return tuple(sorted(found, key=lambda one: (one.used_s, one.path.name)))


def list_abandoned(folder: Path) -> tuple[CachedFile, ...]:
    """Files that somebody began and will not finish: they were killed. Raises OSError."""
    before_s = time.time() - _ABANDONED_S
    return tuple(one for one in _files(folder, _PART_NAME) if one.used_s < before_s)


def remove(files: Iterable[CachedFile]) -> None:
    """Delete files; those that are gone already are fine. Raises OSError."""
    for one in files:
        one.path.unlink(missing_ok=True)


def _files(folder: Path, name: re.Pattern[str]) -> Iterator[CachedFile]:
    try:
        scan = os.scandir(folder)
    except FileNotFoundError:
        return
    with scan as items:
        for item in items:
            if name.fullmatch(item.name) is None:
                continue
            try:
                facts = item.stat(follow_symlinks=False)
            except FileNotFoundError:
                # Another process has just taken it away.
                continue
            if stat.S_ISREG(facts.st_mode):
                yield CachedFile(Path(item.path), facts.st_size, facts.st_mtime)
