"""Answers kept by what they were computed from, so that nothing is computed twice.

An entry is one file. It is written under a temporary name and renamed, so that several processes
may read, write and evict at once. Whatever is wrong with the folder or with an entry costs the
cache, never the run: it is told once, and the run goes on without.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, TypeVar

from vbench.record.cache_entry import (
    DamagedEntryError,
    Part,
    check_entry,
    unpack_entry,
    write_entry,
)
from vbench.record.cache_folder import (
    PART_SUFFIX,
    entry_path,
    is_plain_file,
    list_abandoned,
    list_entries,
    remove,
)

_Read = TypeVar("_Read")

_FILLED_TO = 0.9
"""Share of the limit that is left in use when entries are evicted, so that it is not done often."""
_LOOK_AGAIN = 64
"""Entries kept between two looks at what other processes have added."""


class DetectionCache:
    """A folder of entries up to a size; the least recently used ones go first."""

    def __init__(self, folder: Path, limit_bytes: int, note: Callable[[str], None]) -> None:
        """Nothing is opened or made yet.

        Args:
            folder: for entries alone; made when the first one is kept.
            limit_bytes: size of all entries together; 0 keeps nothing.
            note: told what is wrong, each thing once.
        """
        self.folder = folder
        self._limit_bytes = limit_bytes
        self._note = note
        self._said: set[str] = set()
        self._writes = limit_bytes > 0
        self._n_bytes: int | None = None
        """Of all entries as far as this process knows."""
        self._n_kept = 0

    def holds(self, key: str) -> bool:
        """Whether a whole and undamaged entry is there; all of it is read. Marks it as used."""
        return self._read(key, check_entry) is not None

    def restore(self, key: str, places: Mapping[str, Path]) -> dict[str, bytes] | None:
        """Put the parts of an entry where they belong, all or none. Marks it as used.

        Args:
            key: of the entry.
            places: as in `unpack_entry`.

        Returns:
            The parts that have no place; None where the entry is not there or damaged.

        Raises:
            OSError: a file outside the cache cannot be written.
        """
        return self._read(key, lambda stream: unpack_entry(stream, places))

    def keep(self, key: str, parts: Sequence[Part]) -> None:
        """Write an entry, and evict others where the limit is passed."""
        if not self._writes:
            return
        try:
            self._write(key, parts)
        except OSError as error:
            self._writes = False
            self._say(f"{self.folder} cannot keep results for the next run: {_reason(error)}")

    def _read(self, key: str, read: Callable[[BinaryIO], _Read]) -> _Read | None:
        """What an entry gives; None where it is not there or damaged."""
        path = entry_path(self.folder, key)
        stream = self._open(path)
        if stream is None:
            return None
        with stream:
            try:
                found = read(stream)
            except DamagedEntryError as error:
                self._drop(path, error)
                return None
        _mark_as_used(path)
        return found

    def _open(self, path: Path) -> BinaryIO | None:
        try:
            return path.open("rb") if is_plain_file(path) else None
        except FileNotFoundError:
            return None
        except OSError as error:
            self._say(f"{self.folder} cannot be read, so nothing is reused: {_reason(error)}")
            return None

    def _drop(self, path: Path, error: DamagedEntryError) -> None:
        self._say(f"{path} is damaged and not used, all is computed again: {error}")
        try:
            path.unlink(missing_ok=True)
        except OSError:
            # It stays unused, and is found out again next time.
            return

    def _write(self, key: str, parts: Sequence[Part]) -> None:
        n_bytes = sum(
            len(part) if isinstance(part, bytes) else part.stat().st_size for _, part in parts
        )
        if n_bytes > self._limit_bytes:
            self._say(
                f"results of {n_bytes / 1e6:.0f} MB are more than the cache may hold, and are not "
                "kept for the next run: raise VBENCH_CACHE_LIMIT"
            )
            return
        # Answers of private footage: nobody else reads them.
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(PART_SUFFIX, f".{key[:16]}-", self.folder)
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                write_entry(stream, parts)
            n_bytes = part.stat().st_size
            part.replace(entry_path(self.folder, key))
        finally:
            part.unlink(missing_ok=True)
        self._make_room(n_bytes)

    def _make_room(self, n_added: int) -> None:
        """Count what was added, and evict where it is too much."""
        self._n_kept += 1
        if self._n_bytes is not None:
            self._n_bytes += n_added
            if self._n_bytes <= self._limit_bytes and self._n_kept % _LOOK_AGAIN:
                return
        remove(list_abandoned(self.folder))
        entries = list_entries(self.folder)
        n_bytes = sum(one.n_bytes for one in entries)
        if n_bytes > self._limit_bytes:
            for one in entries[:-1]:
                if n_bytes <= _FILLED_TO * self._limit_bytes:
                    break
                remove([one])
                n_bytes -= one.n_bytes
        self._n_bytes = n_bytes

    def _say(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self._note(text)


def _mark_as_used(path: Path) -> None:
    try:
        os.utime(path, follow_symlinks=False)
    except OSError:
        # Not ours to mark, or gone: it is evicted sooner.
        return


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
