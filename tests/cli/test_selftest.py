"""`vbench selftest`: what it prints, and its exit codes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.bench.small import set_gates
from tests.cli.invoke import Command
from vbench.bench.finished import FinishedRun


@pytest.fixture
def run_folder(finished: FinishedRun, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished.folder.path, tmp_path / "run"))


def test_without_a_run_every_regression_is_caught(
    vbench: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    answer = vbench("selftest", "--out", tmp_path / "out")
    assert answer.code == 0
    assert "of 9 regressions 9 caught; the unchanged pipeline is not failed" in answer.stdout
    assert "NOT CAUGHT" not in answer.stdout
    assert "not applicable" not in answer.stdout
    table = answer.stdout.partition("left out")[0]
    assert max(len(line) for line in table.splitlines()) <= 80
    kept = json.loads((tmp_path / "out" / "selftest.json").read_text())
    assert kept["passed"]
    assert [one["outcome"] for one in kept["regressions"]] == ["caught"] * 9


def test_of_a_run(run_folder: Path, vbench: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    set_gates(run_folder / "benchmark.yaml", "{metric: precision, min: 0.9}")
    answer = vbench("selftest", run_folder, "--pipeline", "v2")
    assert answer.code == 3
    assert answer.stdout.startswith(f"planted into v2 1.0.0 of {run_folder}\n")
    words = " ".join(answer.stdout.split())
    assert "shift boxes by 10 % of mean_iou" in words
    assert "NOT CAUGHT" in words
    assert "not applicable: the pipeline raises no alerts" in words
    assert "not caught: shift boxes by 10 % of their size. This line among `gates`" in words
    assert "- {metric: " in words


def test_json(run_folder: Path, vbench: Command) -> None:
    set_gates(run_folder / "benchmark.yaml", "{metric: precision, min: 0.99}")
    answer = vbench("selftest", run_folder, "--json")
    assert answer.code == 3
    found = answer.json()
    assert found["passed"] is False
    control = found["control"]
    assert control == {"holds": True, "not_passed": []}
    regressions = found["regressions"]
    assert isinstance(regressions, list)
    by_name = {one["name"]: one for one in regressions}
    # The baseline finds nothing at night, so there is nothing to drop there.
    assert by_name["drop-5"]["obstacle"] == "there is so little of it that nothing changes"
    assert by_name["drop-5"]["outcome"] is None
    alarms = by_name["false-alarms"]
    assert alarms["outcome"] == "caught"
    (gate,) = (one for one in alarms["gates"] if one["group"] == "the benchmark's gates")
    assert (gate["gate"], gate["verdict"]) == ("precision >= 0.99", "fail")
    effects = {(one["metric"], str(one["slice"])): one for one in alarms["effects"]}
    assert effects["precision", "None"]["before"] == 1.0
    assert effects["precision", "None"]["after"] == pytest.approx(12 / 13)


def test_bad_input(run_folder: Path, tmp_path: Path, vbench: Command) -> None:
    for arguments, what in (
        (("selftest", "--pipeline", "v1"), "there is no run to take a pipeline from"),
        (("selftest", run_folder, "--pipeline", "v3"), 'the run has no pipeline "v3"'),
        (("selftest", tmp_path / "none"), "does not exist"),
        (("selftest", run_folder, "--out", run_folder), "exists and is not an empty folder"),
    ):
        answer = vbench(*arguments)
        assert answer.code == 2
        assert what in answer.stderr
