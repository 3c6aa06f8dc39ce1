"""The store of entries: found again, evicted, and never in the way of a run."""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import tempfile
from pathlib import Path
from typing import BinaryIO

import pytest

from vbench.record import detection_cache
from vbench.record.cache_folder import entry_path, list_entries
from vbench.record.detection_cache import DetectionCache

LIMIT = 10_000


def key_of(number: int) -> str:
    return f"{number:064x}"


class Notes(list[str]):
    """What was said."""

    def one(self) -> str:
        (text,) = self
        return text


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def cache(tmp_path: Path, notes: Notes) -> DetectionCache:
    return DetectionCache(tmp_path / "cache", LIMIT, notes.append)


def use(cache: DetectionCache, number: int, age_s: float) -> None:
    """Set when an entry was last used."""
    path = entry_path(cache.folder, key_of(number))
    moment = path.stat().st_mtime - age_s
    os.utime(path, (moment, moment))


def test_kept_and_restored(cache: DetectionCache, notes: Notes, tmp_path: Path) -> None:
    key = key_of(1)
    assert not cache.holds(key)
    assert cache.restore(key, {}) is None
    assert not cache.folder.exists()
    cache.keep(key, [("detections", b"shard"), ("facts", b"{}")])
    assert cache.holds(key)
    assert cache.restore(key, {"detections": tmp_path / "d"}) == {"facts": b"{}"}
    assert (tmp_path / "d").read_bytes() == b"shard"
    cache.keep(key, [("facts", b"new")])
    assert cache.restore(key, {}) == {"facts": b"new"}
    assert cache.restore(key_of(2), {}) is None
    assert notes == []
    assert cache.folder.stat().st_mode & 0o077 == 0


def test_a_damaged_entry_is_dropped_and_told(
    cache: DetectionCache, notes: Notes, tmp_path: Path
) -> None:
    key = key_of(1)
    path = entry_path(cache.folder, key)
    for read in (lambda: cache.holds(key), lambda: cache.restore(key, {"a": tmp_path / "a"})):
        cache.keep(key, [("a", b"shard")])
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
        assert not read()
        assert not path.exists()
        assert not (tmp_path / "a").exists()
    assert notes.one() == f"{path} is damaged and not used, all is computed again: " + (
        "its digest is another one"
    )
    cache.keep(key, [("a", b"shard")])
    assert cache.holds(key)


def test_the_least_recently_used_go_first(cache: DetectionCache) -> None:
    for number in range(4):
        cache.keep(key_of(number), [("a", bytes(2_000))])
        use(cache, number, 1_000 - 100 * number)
    # Reading is using: now 1 and 2 are the oldest.
    assert cache.holds(key_of(0))
    assert cache.restore(key_of(3), {}) is not None
    cache.keep(key_of(4), [("a", bytes(2_500))])
    left = {one.path for one in list_entries(cache.folder)}
    assert left == {entry_path(cache.folder, key_of(number)) for number in (0, 2, 3, 4)}
    assert sum(one.n_bytes for one in list_entries(cache.folder)) <= LIMIT


def test_one_entry_is_never_evicted_for_itself(cache: DetectionCache, notes: Notes) -> None:
    cache.keep(key_of(1), [("a", bytes(LIMIT - 150))])
    assert cache.holds(key_of(1))
    cache.keep(key_of(2), [("a", bytes(LIMIT - 150))])
    assert not cache.holds(key_of(1))
    assert cache.holds(key_of(2))
    assert notes == []


def test_an_entry_beyond_the_limit(cache: DetectionCache, notes: Notes) -> None:
    cache.keep(key_of(1), [("a", b"small")])
    cache.keep(key_of(2), [("a", bytes(LIMIT + 1))])
    assert cache.holds(key_of(1))
    assert not cache.holds(key_of(2))
    assert "raise VBENCH_CACHE_LIMIT" in notes.one()
    cache.keep(key_of(3), [("a", b"small")])
    assert cache.holds(key_of(3))


def test_a_limit_of_zero_keeps_nothing(tmp_path: Path, notes: Notes) -> None:
    cache = DetectionCache(tmp_path / "cache", 0, notes.append)
    cache.keep(key_of(1), [("a", b"")])
    assert not cache.folder.exists()
    assert notes == []


def test_what_others_added_counts(cache: DetectionCache, tmp_path: Path) -> None:
    cache.keep(key_of(0), [("a", b"")])
    other = DetectionCache(cache.folder, 10 * LIMIT, lambda text: None)
    for number in range(1, 40):
        other.keep(key_of(number), [("a", bytes(1_000))])
    for number in range(100, 100 + detection_cache._LOOK_AGAIN):
        cache.keep(key_of(number), [("a", b"")])
    assert sum(one.n_bytes for one in list_entries(cache.folder)) <= LIMIT


def test_unfinished_files_of_killed_runs_go(cache: DetectionCache) -> None:
    cache.keep(key_of(1), [("a", b"")])
    for name, age_s in ((".0123456789abcdef-old.part", 7_200), (".0123456789abcdef-new.part", 60)):
        path = cache.folder / name
        path.write_bytes(b"half")
        moment = path.stat().st_mtime - age_s
        os.utime(path, (moment, moment))
    cache = DetectionCache(cache.folder, LIMIT, pytest.fail)
    cache.keep(key_of(2), [("a", b"")])
    assert [one.name for one in cache.folder.glob(".*")] == [".0123456789abcdef-new.part"]


def test_foreign_files_and_links_are_left_alone(cache: DetectionCache, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(bytes(2 * LIMIT))
    cache.keep(key_of(1), [("a", b"")])
    link = entry_path(cache.folder, key_of(2))
    link.symlink_to(outside)
    (cache.folder / "mine.txt").write_bytes(bytes(2 * LIMIT))
    entry_path(cache.folder, key_of(3)).mkdir()
    cache = DetectionCache(cache.folder, LIMIT, pytest.fail)
    assert not cache.holds(key_of(2))
    assert not cache.holds(key_of(3))
    cache.keep(key_of(4), [("a", bytes(9_000))])
    assert cache.holds(key_of(1))
    assert link.is_symlink()
    assert outside.exists()
    assert (cache.folder / "mine.txt").exists()


def test_a_file_in_place_of_the_folder(cache: DetectionCache, notes: Notes) -> None:
    cache.folder.write_text("not a folder")
    assert not cache.holds(key_of(1))
    for number in range(3):
        cache.keep(key_of(number), [("a", b"")])
    assert "cannot keep results for the next run" in notes.one()
    assert cache.folder.read_text() == "not a folder"


def test_a_folder_that_cannot_be_read(
    cache: DetectionCache, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.keep(key_of(1), [("a", b"")])

    def refused(_path: Path) -> os.stat_result:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "lstat", refused)
    assert not cache.holds(key_of(1))
    assert cache.restore(key_of(1), {}) is None
    assert notes.one() == f"{cache.folder} cannot be read, so nothing is reused: Permission denied"


def test_a_read_only_folder_still_gives(
    cache: DetectionCache, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.keep(key_of(1), [("a", b"x")])

    def refused(*_args: object, **_keys: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "utime", refused)
    monkeypatch.setattr(tempfile, "mkstemp", refused)
    monkeypatch.setattr(Path, "unlink", refused)
    assert cache.holds(key_of(1))
    cache.keep(key_of(2), [("a", b"")])
    cache.keep(key_of(3), [("a", b"")])
    assert notes.one().endswith("cannot keep results for the next run: Read-only file system")
    path = entry_path(cache.folder, key_of(1))
    path.write_bytes(b"broken")
    assert not cache.holds(key_of(1))
    assert path.exists()


def test_a_full_disk_leaves_nothing_behind(
    cache: DetectionCache, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.keep(key_of(1), [("a", b"x")])

    def full(stream: BinaryIO, parts: object) -> None:
        stream.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(detection_cache, "write_entry", full)
    cache.keep(key_of(2), [("a", b"")])
    cache.keep(key_of(3), [("a", b"")])
    assert notes.one().endswith("cannot keep results for the next run: No space left on device")
    assert len(list(cache.folder.iterdir())) == 1
    assert cache.holds(key_of(1))


def test_an_entry_that_goes_while_it_is_read(cache: DetectionCache, tmp_path: Path) -> None:
    cache.keep(key_of(1), [("a", bytes(5_000)), ("facts", b"{}")])

    class Places(dict[str, Path]):
        def __getitem__(self, name: str) -> Path:
            entry_path(cache.folder, key_of(1)).unlink()
            return super().__getitem__(name)

    found = cache.restore(key_of(1), Places(a=tmp_path / "a"))
    assert found == {"facts": b"{}"}
    assert (tmp_path / "a").read_bytes() == bytes(5_000)


def _work(folder: Path, seed: int, said: multiprocessing.SimpleQueue[str]) -> None:
    """Keep and read at random; what is read must be what was kept."""
    try:
        cache = DetectionCache(folder, LIMIT, said.put)
        draw = random.Random(seed)
        for _ in range(300):
            number = draw.randrange(12)
            if draw.random() < 0.5:
                cache.keep(key_of(number), [("a", bytes([number]) * (1_000 + 100 * number))])
            else:
                found = cache.restore(key_of(number), {})
                if found is not None and found["a"] != bytes([number]) * (1_000 + 100 * number):
                    said.put(f"{number} is wrong")
    except BaseException as error:
        said.put(repr(error))
        raise


def test_processes_that_write_and_evict_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    said: multiprocessing.SimpleQueue[str] = context.SimpleQueue()
    workers = [
        context.Process(target=_work, args=(tmp_path / "cache", seed, said)) for seed in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert said.empty()
    assert not list((tmp_path / "cache").glob(".*"))
    assert list_entries(tmp_path / "cache")
