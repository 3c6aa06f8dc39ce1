"""Files of a run folder appear whole or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vbench.errors import RunFolderError
from vbench.record.folder import RunFolder, remove_abandoned, whole_file, write_whole


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.txt"
    with whole_file(path) as part:
        part.write_text("half")
        assert not path.exists()
        assert part.parent == path.parent
    assert path.read_text() == "half"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "b.txt"
    path.write_text("old")

    def fail() -> None:
        with whole_file(path) as part:
            part.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: Path, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(RunFolderError, match="No space left on device") as caught:
        write_whole(tmp_path / "b.txt", "new")
    assert caught.value.where == str(tmp_path / "b.txt")
    assert "free some space" in caught.value.hint
    assert not list(tmp_path.iterdir())


def test_errors_of_what_is_done_inside_are_left_alone(tmp_path: Path) -> None:
    """Whoever writes a shard also reads media meanwhile."""

    def fail() -> None:
        with whole_file(tmp_path / "b.txt"):
            raise OSError("of something else")

    with pytest.raises(OSError, match="of something else"):
        fail()


def test_what_dead_processes_left_is_removed(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    unreaped = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, unreaped.pid, os.WEXITED | os.WNOWAIT)
    (tmp_path / "a" / "b").mkdir(parents=True)
    kept = [
        tmp_path / f".mine.parquet.part{os.getpid()}",
        tmp_path / "a" / f"visible.part{dead.pid}",
        tmp_path / ".notes.part",
        tmp_path / ".notes.partly",
    ]
    gone = [
        tmp_path / f".run.json.part{dead.pid}",
        tmp_path / "a" / "b" / f".c.parquet.part{dead.pid}",
        tmp_path / "a" / f".zombie.json.part{unreaped.pid}",
        tmp_path / f".a.part{10**30}",
    ]
    for path in (*kept, *gone):
        path.touch()
    remove_abandoned(tmp_path)
    unreaped.wait()
    assert all(path.exists() for path in kept)
    assert not any(path.exists() for path in gone)
    remove_abandoned(tmp_path / "nowhere")


def test_text_and_bytes(tmp_path: Path) -> None:
    write_whole(tmp_path / "text", "grün\n")
    write_whole(tmp_path / "bytes", b"\x00\x01")
    assert (tmp_path / "text").read_bytes() == "grün\n".encode()
    assert (tmp_path / "bytes").read_bytes() == b"\x00\x01"


def test_paths_stay_inside_the_folder(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for path in (
        folder.detections("v1", "day"),
        folder.matches("v1", "day"),
        folder.timings("v1", "day"),
        folder.decoded("day"),
        folder.golden("dock"),
        folder.truth("dock", "day"),
        folder.picture("day", 7),
    ):
        assert path.is_relative_to(tmp_path)
    assert folder.picture("day", 7).name == "000007.jpg"


def test_only_a_finished_run_is_finished(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="does not exist"):
        RunFolder(tmp_path / "nowhere").require_finished()
    folder = RunFolder(tmp_path)
    with pytest.raises(RunFolderError, match="is not a run folder"):
        folder.require_finished()
    folder.plan_json.write_text("{}")
    with pytest.raises(RunFolderError, match="is not finished"):
        folder.require_finished()
    folder.run_json.write_text("{}")
    folder.require_finished()
