"""What a run says it ran on."""

from __future__ import annotations

import subprocess
from pathlib import Path

from vbench.bench.environment import git_state, hardware, library_versions
from vbench.kernels.cpus import usable_cpus


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=tester", "-c", "user.email=tester@example.org"]
    subprocess.run(
        ["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True
    )


def test_git_state(tmp_path: Path) -> None:
    assert git_state(tmp_path) == (None, None)
    git(tmp_path, "init", "--quiet")
    assert git_state(tmp_path) == (None, None)
    file = tmp_path / "benchmark.yaml"
    file.write_text("a")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    commit, dirty = git_state(tmp_path)
    assert commit is not None
    assert len(commit) == 40
    assert dirty is False
    (tmp_path / "untracked").write_text("x")
    assert git_state(tmp_path) == (commit, False)
    file.write_text("b")
    assert git_state(tmp_path) == (commit, True)


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    assert git_state(tmp_path / "nowhere") == (None, None)


def test_libraries_are_sorted_and_versioned() -> None:
    names = [name for name, _ in library_versions()]
    assert names == sorted(names)
    assert {"numpy", "onnxruntime", "av"} <= set(names)
    assert all(version[0].isdigit() for _, version in library_versions())


def test_hardware() -> None:
    found = dict(hardware())
    assert set(found) == {"cpu", "n_cpus", "memory", "gpu", "os"}
    assert int(found["n_cpus"]) == len(usable_cpus()) >= 1
    assert all(found.values())
