"""Files of the cache: parts in, the same parts out, or nothing at all."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from vbench.errors import RunFolderError
from vbench.record import cache_entry
from vbench.record.cache_entry import (
    DamagedEntryError,
    check_entry,
    unpack_entry,
    write_entry,
)

SHARD = bytes(range(200))


def packed(*parts: tuple[str, Path | bytes]) -> bytes:
    stream = io.BytesIO()
    write_entry(stream, parts)
    return stream.getvalue()


def test_parts_come_back_byte_for_byte(tmp_path: Path) -> None:
    shard = tmp_path / "shard"
    shard.write_bytes(SHARD)
    entry = packed(("detections", shard), ("empty", b""), ("facts", b"{}"))
    check_entry(io.BytesIO(entry))
    places = {"detections": tmp_path / "new" / "d", "absent": tmp_path / "absent"}
    assert unpack_entry(io.BytesIO(entry), places) == {"empty": b"", "facts": b"{}"}
    assert places["detections"].read_bytes() == SHARD
    assert not places["absent"].exists()
    assert [path.name for path in places["detections"].parent.iterdir()] == ["d"]


def test_parts_longer_than_a_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_entry, "_PIECE", 7)
    entry = packed(("a", SHARD), ("b", SHARD[::-1]))
    monkeypatch.setattr(cache_entry, "_PIECE", 11)
    assert unpack_entry(io.BytesIO(entry), {"a": tmp_path / "a"}) == {"b": SHARD[::-1]}
    assert (tmp_path / "a").read_bytes() == SHARD


def test_every_flipped_byte_is_noticed(tmp_path: Path) -> None:
    entry = packed(("detections", b"shard"), ("facts", b'{"a": 1}'))
    for position in range(len(entry)):
        for flip in (0x01, 0x20, 0xFF):
            damaged = bytearray(entry)
            damaged[position] ^= flip
            with pytest.raises(DamagedEntryError):
                check_entry(io.BytesIO(damaged))
            with pytest.raises(DamagedEntryError):
                unpack_entry(io.BytesIO(damaged), {"detections": tmp_path / "d"})
            assert list(tmp_path.iterdir()) == []


def test_every_cut_is_noticed_and_so_is_more(tmp_path: Path) -> None:
    entry = packed(("detections", b"shard"), ("facts", b"{}"))
    for damaged in (*(entry[:length] for length in range(len(entry))), entry + b"\0", entry * 2):
        with pytest.raises(DamagedEntryError):
            unpack_entry(io.BytesIO(damaged), {"detections": tmp_path / "d"})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "header",
    [b"", b"5", b"{}", b"[[1]]", b'[["a", null]]', b'[["a", "x"]]', b"[" * 4000, b'[["a", -5]]'],
)
def test_headers_that_are_none(header: bytes) -> None:
    with pytest.raises(DamagedEntryError):
        check_entry(io.BytesIO(b"vbench cache entry 1\n" + header + b"\n" + b"x" * 40))


def test_what_cannot_be_read_is_damage() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(DamagedEntryError, match="Input/output error"):
        check_entry(Broken(packed(("a", b"x"))))


def test_the_first_part_takes_its_name_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = packed(("detections", b"1"), ("alerts", b"2"), ("timings", b"3"))
    places = {name: tmp_path / name for name in ("timings", "detections", "alerts")}
    there: list[list[str]] = []
    replace = Path.replace

    def watched(path: Path, target: Path) -> Path:
        result = replace(path, target)
        there.append(sorted(one.name for one in tmp_path.iterdir() if one.name[0] != "."))
        return result

    monkeypatch.setattr(Path, "replace", watched)
    unpack_entry(io.BytesIO(entry), places)
    assert there == [["timings"], ["alerts", "timings"], ["alerts", "detections", "timings"]]


def test_a_shard_that_grows_meanwhile_is_not_kept(tmp_path: Path) -> None:
    shard = tmp_path / "shard"
    shard.write_bytes(b"12345")

    class Growing(io.BytesIO):
        def write(self, piece: bytes, /) -> int:  # type: ignore[override]
            shard.write_bytes(b"1234567")
            return super().write(piece)

    with pytest.raises(OSError, match="changed while it was copied"):
        write_entry(Growing(), [("a", b""), ("detections", shard)])


def test_a_full_disk_is_the_callers_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    entry = packed(("detections", b"1"))
    with pytest.raises(RunFolderError, match="cannot be written"):
        unpack_entry(io.BytesIO(entry), {"detections": blocker / "d"})
