"""`vbench cache`: what is kept of earlier runs, and throwing it away."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from vbench.config.cache_settings import FOLDER_VARIABLE, cache_limit_bytes
from vbench.errors import InputError
from vbench.record.cache_folder import (
    CachedFile,
    detections_folder,
    list_abandoned,
    list_entries,
    remove,
)

_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """What is in the cache."""

    folder: Path
    n_entries: int
    """Clips of pipelines, and trials of pipelines."""
    n_bytes: int
    limit_bytes: int
    oldest_use: str | None
    """When the entry that goes first was last used, UTC, ISO 8601; None for an empty cache."""
    newest_use: str | None


@dataclass(frozen=True, slots=True)
class ClearedCache:
    """What was thrown away."""

    folder: Path
    n_entries: int
    n_bytes: int
    n_left: int
    """Entries that were used since."""


def cache_info() -> CacheInfo:
    """What is in the cache.

    Raises:
        ConfigError: the limit in the environment is no size.
        InputError: the folder cannot be read.
    """
    folder, limit_bytes = detections_folder(), cache_limit_bytes()
    entries = _entries(folder)
    return CacheInfo(
        folder,
        len(entries),
        sum(one.n_bytes for one in entries),
        limit_bytes,
        _moment(entries[0]) if entries else None,
        _moment(entries[-1]) if entries else None,
    )


def clear_cache(older_than: str | None = None) -> ClearedCache:
    """Delete what has not been used for some time, like ``30d``; everything where nothing is said.

    Only the cache's own files go: what else lies in its folder stays, and so do TensorRT engines.

    Raises:
        InputError: `older_than` is no time; a file cannot be deleted.
    """
    age_s = 0.0 if older_than is None else _age_s(older_than)
    folder = detections_folder()
    entries = _entries(folder)
    before_s = time.time() - age_s
    chosen = [one for one in entries if older_than is None or one.used_s < before_s]
    try:
        remove(chosen)
        remove(list_abandoned(folder))
    except OSError as error:
        raise InputError(
            f"not all of it can be deleted: {error.strerror}",
            where=str(folder),
            hint="check the permissions of the folder",
        ) from None
    n_bytes = sum(one.n_bytes for one in chosen)
    return ClearedCache(folder, len(chosen), n_bytes, len(entries) - len(chosen))


def _entries(folder: Path) -> tuple[CachedFile, ...]:
    try:
        return list_entries(folder)
    except OSError as error:
        raise InputError(
            f"the cache cannot be read: {error.strerror}",
            where=str(folder),
            hint=f"it is where {FOLDER_VARIABLE} says; check that it is a folder of yours",
        ) from None


def _age_s(written: str) -> float:
    match = _AGE.fullmatch(written.strip())
    if match is None:
        raise InputError(
            f'"{written}" is not a time',
            where="--older-than",
            hint="write a number and a unit: 12h, 30d, 4w",
        )
    return float(match[1]) * _SECONDS[match[2]]


def _moment(entry: CachedFile) -> str:
    return datetime.fromtimestamp(entry.used_s, UTC).isoformat(timespec="seconds")
