"""`vbench cache`: info and clear."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.invoke import Command
from vbench.record.cache_folder import entry_path
from vbench.record.detection_cache import DetectionCache

USED_S = 1_700_000_000


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VBENCH_CACHE", str(tmp_path))
    monkeypatch.delenv("VBENCH_CACHE_LIMIT", raising=False)
    return tmp_path / "detections"


@pytest.fixture
def filled(folder: Path) -> Path:
    """Two entries of a kilobyte each."""
    for number in range(2):
        key = f"{number:064x}"
        DetectionCache(folder, 10**6, pytest.fail).keep(key, [("a", bytes(883))])
        os.utime(entry_path(folder, key), (USED_S + number, USED_S + number))
    return folder


def test_info(vbench: Command, filled: Path) -> None:
    answer = vbench("cache", "info")
    assert answer.code == 0
    assert answer.stdout == (
        f"folder     {filled}\n"
        "kept       2 entries, 1.9 kB of 5.0 GB\n"
        "last used  2023-11-14T22:13:21+00:00\n"
        "goes first 2023-11-14T22:13:20+00:00\n"
    )
    assert vbench("cache", "info", "--json").json() == {
        "folder": str(filled),
        "n_entries": 2,
        "n_bytes": sum(path.stat().st_size for path in filled.iterdir()),
        "limit_bytes": 5_000_000_000,
        "oldest_use": "2023-11-14T22:13:20+00:00",
        "newest_use": "2023-11-14T22:13:21+00:00",
    }


def test_info_of_nothing(vbench: Command, folder: Path) -> None:
    text = f"folder     {folder}\nkept       0 entries, 0 B of 5.0 GB\n"
    assert vbench("cache", "info").stdout == text
    assert vbench("cache", "info", "--json").json()["oldest_use"] is None
    assert not folder.exists()


def test_clear(vbench: Command, filled: Path) -> None:
    answer = vbench("cache", "clear", "--older-than", "9999w")
    assert answer.stdout == f"deleted 0 entries, 0 B; 2 left in {filled}\n"
    entry_path(filled, f"{0:064x}").touch()
    answer = vbench("cache", "clear", "--older-than", "30d", "--json")
    assert answer.json()["n_entries"] == 1
    assert answer.json()["n_left"] == 1
    answer = vbench("cache", "clear")
    assert answer.stdout.startswith("deleted 1 entry, 9")
    assert list(filled.iterdir()) == []


def test_wrong_input(vbench: Command, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = vbench("cache", "clear", "--older-than", "long")
    assert answer.code == 2
    assert answer.one_error() == (
        '"long" is not a time',
        "--older-than",
        "write a number and a unit: 12h, 30d, 4w",
    )
    monkeypatch.setenv("VBENCH_CACHE_LIMIT", "lots")
    answer = vbench("cache", "info")
    assert answer.code == 2
    assert answer.one_error()[:2] == ('"lots" is not a size', "VBENCH_CACHE_LIMIT")
