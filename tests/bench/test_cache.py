"""`vbench cache`: what is kept, and throwing it away."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vbench.bench.cache import cache_info, clear_cache
from vbench.errors import ConfigError, InputError
from vbench.record.cache_folder import detections_folder, entry_path
from vbench.record.detection_cache import DetectionCache

T0_S = 1_700_000_000
DAY_S = 86_400


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("VBENCH_CACHE_LIMIT", "1MB")
    return detections_folder()


def keep(folder: Path, number: int, used_s: float) -> Path:
    key = f"{number:064x}"
    DetectionCache(folder, 10**6, pytest.fail).keep(key, [("a", bytes(100))])
    path = entry_path(folder, key)
    os.utime(path, (used_s, used_s))
    return path


def test_an_empty_cache(folder: Path) -> None:
    found = cache_info()
    assert (found.folder, found.n_entries, found.n_bytes) == (folder, 0, 0)
    assert (found.oldest_use, found.newest_use) == (None, None)
    cleared = clear_cache()
    assert (cleared.n_entries, cleared.n_bytes, cleared.n_left) == (0, 0, 0)
    assert not folder.exists()


def test_what_is_kept(folder: Path) -> None:
    paths = [keep(folder, number, T0_S + number * DAY_S) for number in range(3)]
    found = cache_info()
    assert found.n_entries == 3
    assert found.n_bytes == sum(path.stat().st_size for path in paths)
    assert found.limit_bytes == 1_000_000
    assert found.oldest_use == "2023-11-14T22:13:20+00:00"
    assert found.newest_use == "2023-11-16T22:13:20+00:00"


def test_clearing_leaves_what_is_not_its_own(folder: Path, tmp_path: Path) -> None:
    paths = [keep(folder, number, T0_S) for number in range(2)]
    outside = tmp_path / "outside.parquet"
    outside.write_text("")
    link = entry_path(folder, "ef" * 32)
    link.symlink_to(outside)
    plan = folder.parent / "engines" / "m.plan"
    plan.parent.mkdir()
    for path in (plan, folder / "notes.txt"):
        path.write_text("")
    n_bytes = sum(path.stat().st_size for path in paths)
    cleared = clear_cache()
    assert (cleared.n_entries, cleared.n_bytes, cleared.n_left) == (2, n_bytes, 0)
    assert not any(path.exists() for path in paths)
    assert all(path.exists() for path in (plan, folder / "notes.txt", link, outside))
    assert link.is_symlink()


@pytest.mark.parametrize(
    ("older_than", "n_left"),
    [("30d", 3), ("47h", 2), ("1 d", 1), ("0.5d", 1), ("30m", 1), ("10s", 0), ("5w", 3)],
)
def test_clearing_by_age(
    older_than: str, n_left: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ages_s = (60, 1.5 * DAY_S, 2 * DAY_S)
    for number, age_s in enumerate(ages_s):
        keep(folder, number, T0_S - age_s)
    monkeypatch.setattr("time.time", lambda: float(T0_S))
    cleared = clear_cache(older_than)
    assert cleared.n_left == n_left
    assert cleared.n_entries == 3 - n_left
    assert len(list(folder.iterdir())) == n_left


@pytest.mark.parametrize("written", ["", "d", "30", "30y", "-1d", "1e3d", "d30"])
def test_what_is_no_time(written: str, folder: Path) -> None:
    path = keep(folder, 1, T0_S)
    with pytest.raises(InputError, match="is not a time") as caught:
        clear_cache(written)
    assert "30d" in caught.value.hint
    assert path.exists()


def test_a_folder_that_is_none(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("")
    for call in (cache_info, clear_cache):
        with pytest.raises(InputError, match="cannot be read: Not a directory") as caught:
            call()
        assert caught.value.where == str(folder)
        assert "VBENCH_CACHE" in caught.value.hint


def test_what_cannot_be_deleted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(folder, 1, T0_S)

    def refused(_path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refused)
    with pytest.raises(InputError, match="not all of it can be deleted: Permission denied"):
        clear_cache()


def test_a_wrong_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VBENCH_CACHE_LIMIT", "lots")
    with pytest.raises(ConfigError, match="is not a size"):
        cache_info()
