"""One file of the detections cache: named parts, and a digest over all of it.

A line that says what the file is, a line of JSON with name and length of each part, the parts, and
the sha256 of everything before as 32 bytes. Parts pass through in pieces: shards can be large.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, TypeAlias

from vbench.record.folder import named_write_errors, whole_file

Part: TypeAlias = tuple[str, "Path | bytes"]
"""A name, and the file or the bytes that it stands for."""

_MAGIC = b"vbench cache entry 1\n"
_LONGEST_HEADER = 4096
_PIECE = 1 << 20
_DIGEST_BYTES = 32


class DamagedEntryError(Exception):
    """The file is not what was once written; never seen by a user."""


def write_entry(stream: BinaryIO, parts: Sequence[Part]) -> None:
    """Write an entry. Raises OSError, also for a file that has changed its length meanwhile."""
    digest = hashlib.sha256()

    def put(piece: bytes) -> None:
        digest.update(piece)
        stream.write(piece)

    lengths = [
        (name, len(part) if isinstance(part, bytes) else part.stat().st_size)
        for name, part in parts
    ]
    put(_MAGIC + json.dumps(lengths).encode() + b"\n")
    for (name, length), (_, part) in zip(lengths, parts, strict=True):
        n_put = 0
        for piece in _pieces_of(part):
            put(piece)
            n_put += len(piece)
        if n_put != length:
            raise OSError(f"{name} changed while it was copied")
    stream.write(digest.digest())


def check_entry(stream: BinaryIO) -> int:
    """Read an entry to its end. Raises DamagedEntryError. Returns the length of its parts."""
    reader = _Reader(stream)
    n_bytes = sum(len(piece) for _, length in reader.header() for piece in reader.pieces(length))
    reader.check()
    return n_bytes


def unpack_entry(stream: BinaryIO, places: Mapping[str, Path]) -> dict[str, bytes]:
    """Put parts of an entry where they belong, all or none of them.

    Args:
        stream: the entry.
        places: name of a part -> its file; an entry need not have each part. The first part of an
            entry takes its name last.

    Returns:
        The parts that have no place.

    Raises:
        DamagedEntryError: the entry is damaged; nothing was put anywhere.
        RunFolderError: a file cannot be written.
    """
    reader = _Reader(stream)
    kept: dict[str, bytes] = {}
    with ExitStack() as files:
        for name, length in reader.header():
            if name in places:
                place = places[name]
                part = files.enter_context(whole_file(place))
                with named_write_errors(place), part.open("wb") as file:
                    for piece in reader.pieces(length):
                        file.write(piece)
            else:
                kept[name] = b"".join(reader.pieces(length))
        reader.check()
    return kept


def _pieces_of(part: Path | bytes) -> Iterator[bytes]:
    if isinstance(part, bytes):
        yield part
        return
    with part.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


class _Reader:
    """Reads an entry from its start, and keeps the digest of what it has read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()

    def header(self) -> list[tuple[str, int]]:
        """(name, length) of each part."""
        with _as_damage():
            line, header = (
                self._stream.readline(len(_MAGIC)),
                self._stream.readline(_LONGEST_HEADER),
            )
            if line != _MAGIC:
                raise DamagedEntryError("it does not begin as one")
            self._digest.update(line + header)
            return [(str(name), int(length)) for name, length in json.loads(header)]

    def pieces(self, length: int) -> Iterator[bytes]:
        """The next so many bytes."""
        n_left = length
        while n_left > 0:
            with _as_damage():
                piece = self._stream.read(min(n_left, _PIECE))
            if not piece:
                raise DamagedEntryError("it is cut short")
            self._digest.update(piece)
            n_left -= len(piece)
            yield piece

    def check(self) -> None:
        """Raise DamagedEntryError unless all that was read is as it was written."""
        with _as_damage():
            written = self._stream.read(_DIGEST_BYTES + 1)
        if written != self._digest.digest():
            raise DamagedEntryError("its digest is another one")


@contextmanager
def _as_damage() -> Iterator[None]:
    """What cannot be read, or is no header, is damage."""
    try:
        yield
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise DamagedEntryError(f"it cannot be read: {error}") from error
