"""`vbench promote` and `vbench rollback`, as a user sees them."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.invoke import Command
from vbench.bench.finished import FinishedRun
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run, write_run
from vbench.types import Verdict


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def failed(finished: FinishedRun, tmp_path: Path) -> Path:
    """A run whose pipelines both fail."""
    return Path(shutil.copytree(finished.folder.path, tmp_path / "runs" / "failed"))


@pytest.fixture
def passed(finished: FinishedRun, tmp_path: Path) -> Path:
    """The same, but as if all gates that count had passed."""
    folder = RunFolder(Path(shutil.copytree(finished.folder.path, tmp_path / "runs" / "passed")))
    run = read_run(folder)
    gates = [
        one if one.gate.level == "warn" else replace(one, verdict=Verdict.PASS) for one in run.gates
    ]
    pipelines = tuple(replace(item, verdict=Verdict.PASS) for item in run.pipelines)
    write_run(folder, replace(run, gates=tuple(gates), pipelines=pipelines))
    return folder.path


def test_promote_and_roll_back(passed: Path, vbench: Command, working_folder: Path) -> None:
    answer = vbench("promote", passed, "--pipeline", "v1")
    assert (answer.code, answer.stderr) == (0, "")
    assert answer.stdout.splitlines() == [
        "v1 1.0.0 is now current for dock-release",
        "gates   3 of 3 passed on dock 1.0.0",
        "ledger  deployments.jsonl",
    ]
    answer = vbench("promote", passed, "--pipeline", "v2", "--note", "release 12")
    assert answer.stdout.splitlines()[:3] == [
        "v2 1.0.0 is now current for dock-release, before it v1 1.0.0",
        "gates   3 of 4 passed on dock 1.0.0",
        "        fail, a warning: fp_per_camera_hour <= 0 on dock",
    ]
    answer = vbench("rollback", "--dry-run")
    assert answer.code == 0
    assert answer.stdout.startswith(
        "v1 1.0.0 would be current for dock-release again, not v2 1.0.0\n"
    )
    assert "(dry run, nothing added)" in answer.stdout
    answer = vbench("rollback", "--benchmark", "dock-release")
    said = answer.stdout.splitlines()
    assert said[0] == "v1 1.0.0 is current for dock-release again, not v2 1.0.0"
    assert said[1].endswith(" from the run runs/passed")
    assert said[2] == "deploy the files with these SHA-256:"
    assert said[5].endswith("  v1.yaml")
    assert len(said[5].split()[0]) == 64
    lines = (working_folder / "deployments.jsonl").read_text().splitlines()
    assert [json.loads(line)["action"] for line in lines] == ["promote", "promote", "rollback"]


def test_promoting_twice_says_so(passed: Path, vbench: Command) -> None:
    vbench("promote", passed, "--pipeline", "v1")
    answer = vbench("promote", passed, "--pipeline", "v1")
    assert answer.code == 0
    assert answer.stdout.startswith("v1 1.0.0 of this run is already current for dock-release\n")


def test_json(passed: Path, vbench: Command) -> None:
    first = vbench("promote", passed, "--pipeline", "v1", "--json").json()
    assert (first["written"], first["before"]) == (True, None)
    assert isinstance(first["current"], dict)
    assert first["current"]["schema"] == "vbench.deployment/v1"
    vbench("promote", passed, "--pipeline", "v2")
    back = vbench("rollback", "--json").json()
    assert isinstance(back["current"], dict)
    assert isinstance(back["before"], dict)
    assert (back["current"]["pipeline"], back["before"]["pipeline"]) == ("v1", "v2")


def test_a_failed_pipeline_is_refused(failed: Path, vbench: Command, working_folder: Path) -> None:
    answer = vbench("promote", failed, "--pipeline", "v1")
    what, where, todo = answer.one_error()
    assert answer.code == 3
    assert what.startswith("v1 1.0.0 was not promoted: 2 of its 2 gates failed: recall[person]")
    assert where == str(failed)
    assert "promote a pipeline that passes" in todo
    assert not (working_folder / "deployments.jsonl").exists()


def test_an_undecided_pipeline_is_refused(failed: Path, vbench: Command) -> None:
    folder = RunFolder(failed)
    run = read_run(folder)
    pipelines = tuple(replace(one, verdict=Verdict.INCONCLUSIVE) for one in run.pipelines)
    write_run(folder, replace(run, pipelines=pipelines))
    answer = vbench("promote", failed, "--pipeline", "v1")
    answer.one_error()
    assert answer.code == 5


def test_a_corrupt_ledger(passed: Path, vbench: Command, working_folder: Path) -> None:
    vbench("promote", passed, "--pipeline", "v1")
    ledger = working_folder / "deployments.jsonl"
    ledger.write_text(ledger.read_text().replace("1.0.0", "1.0.1"))
    before = ledger.read_bytes()
    for command in (("promote", passed, "--pipeline", "v2"), ("rollback",)):
        answer = vbench(*command)
        what, where, todo = answer.one_error()
        assert answer.code == 2
        assert what.startswith("the ledger is corrupt: line 1 was edited")
        assert where.endswith("deployments.jsonl:1")
        assert "version control" in todo
    assert ledger.read_bytes() == before


def test_nothing_to_roll_back_to(vbench: Command) -> None:
    answer = vbench("rollback")
    what, where, _ = answer.one_error()
    assert (answer.code, where) == (2, "deployments.jsonl")
    assert what == "no ledger is here: nothing was promoted yet"
