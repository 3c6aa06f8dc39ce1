"""`vbench init` and `vbench demo`: folders that run as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.small import files_of
from tests.cli.invoke import Command

pytestmark = pytest.mark.slow


def test_the_starter_folder_runs(tmp_path: Path, vbench: Command) -> None:
    folder = tmp_path / "mine"
    answer = vbench("init", folder)
    assert answer.code == 0
    assert answer.stdout == f"{folder}: ready; next: vbench run {folder}\n"
    for name in ("README.md", "benchmark.yaml", "golden/golden.lock"):
        assert (folder / name).is_file()
    checked = vbench("check", folder)
    assert checked.code == 0
    assert "locked, media match" in checked.stdout
    ran = vbench("run", folder, "--out", tmp_path / "run", "--no-pdf", "--json")
    assert ran.code in (0, 3)
    assert set(dict(ran.json()["pipelines"])) == {"dock-v1", "dock-v2"}  # type: ignore[call-overload]


def test_init_overwrites_nothing(tmp_path: Path, vbench: Command) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    answer = vbench("init", tmp_path)
    what, where, todo = answer.one_error()
    assert answer.code == 2
    assert what == "exists and is not an empty folder"
    assert (where, todo) == (str(tmp_path), "give a new folder")
    assert files_of(tmp_path) == {"mine.txt": b"mine"}


def test_the_demo_runs_and_says_what_a_ci_job_would_see(tmp_path: Path, vbench: Command) -> None:
    answer = vbench("demo", "--out", tmp_path / "run", "--no-pdf")
    assert answer.code == 0
    assert "`vbench run` exits with 3 here, so that a CI job stops." in answer.stdout
    assert "daypart=night" in answer.stdout
    assert (tmp_path / "run" / "report.html").is_file()
