"""`vbench score` and `vbench report` on run folders, also on what is none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.bench.small import files_of
from tests.cli.invoke import Command
from vbench.bench.finished import FinishedRun


@pytest.fixture
def run_folder(finished: FinishedRun, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished.folder.path, tmp_path / "run"))


def test_score_says_what_run_said(run_folder: Path, vbench: Command) -> None:
    before = files_of(run_folder)
    answer = vbench("score", run_folder, "--json")
    assert answer.code == 3
    assert answer.json()["pipelines"] == {"v1": "fail", "v2": "fail"}
    assert files_of(run_folder) == before


def test_score_at_another_point(run_folder: Path, vbench: Command) -> None:
    answer = vbench("score", run_folder, "--score", "0.85", "--json")
    assert answer.json()["pipelines"] == {"v1": "fail", "v2": "pass"}


def test_score_into_a_folder_of_its_own(run_folder: Path, tmp_path: Path, vbench: Command) -> None:
    answer = vbench("score", run_folder, "--score", "0.85", "--out", tmp_path / "again")
    assert answer.code == 3
    assert str(tmp_path / "again" / "run.json") in answer.stdout
    assert (tmp_path / "again" / "report.html").is_file()


def test_a_score_out_of_range(run_folder: Path, vbench: Command) -> None:
    answer = vbench("score", run_folder, "--score", "30")
    what, where, todo = answer.one_error()
    assert answer.code == 2
    assert what == "score 30 cannot be judged: v1 stored detections from 0 to 1"
    assert where == "--score"
    assert todo


def test_report_renders_again(run_folder: Path, vbench: Command) -> None:
    run_json = (run_folder / "run.json").read_bytes()
    for name in ("summary.md", "junit.xml"):
        (run_folder / name).unlink()
    answer = vbench("report", run_folder, "--format", "html", "--format", "md", "--format", "junit")
    assert answer.code == 0
    assert answer.stdout.split() == [
        str(run_folder / name) for name in ("report.html", "summary.md", "junit.xml")
    ]
    assert all(Path(line).stat().st_size > 100 for line in answer.stdout.split())
    assert (run_folder / "run.json").read_bytes() == run_json


def no_folder(run: Path) -> None:
    shutil.rmtree(run)


def no_run(run: Path) -> None:
    (run / "run.json").unlink()


def unfinished(run: Path) -> None:
    (run / "run.json").rename(run / "plan.json")


def other_schema(run: Path) -> None:
    path = run / "run.json"
    path.write_text(path.read_text().replace("vbench.run/v1", "vbench.run/v9"))


def cut_short(run: Path) -> None:
    path = run / "run.json"
    path.write_text(path.read_text()[:500])


def a_list(run: Path) -> None:
    (run / "run.json").write_text("[]")


def mistyped(run: Path) -> None:
    path = run / "run.json"
    data = json.loads(path.read_text())
    data["manifest"]["seed"] = "none"
    path.write_text(json.dumps(data))


def not_finite(run: Path) -> None:
    path = run / "run.json"
    data = json.loads(path.read_text())
    data["metrics"][0]["value"] = float("inf")
    path.write_text(json.dumps(data))


@pytest.mark.parametrize("command", ["score", "report"])
@pytest.mark.parametrize(
    ("change", "what", "where", "todo"),
    [
        (no_folder, "does not exist", "run", "check the path"),
        (no_run, "is not a run folder: it has no run.json", "run", "`vbench run` printed"),
        (unfinished, "the run is not finished", "run", "repeat the same `vbench run"),
        (other_schema, "'vbench.run/v9'", "run.json", "version"),
        (cut_short, "is not complete JSON", "run.json", "run the benchmark again"),
        (a_list, "schema is None", "run.json", "run again"),
        (mistyped, "manifest.seed: input should be", "run.json", "run the benchmark again"),
        (not_finite, "Metric tp: value inf", "run.json", "run the benchmark again"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_no_run_is_refused(
    command: str,
    change: object,
    what: str,
    where: str,
    todo: str,
    run_folder: Path,
    vbench: Command,
) -> None:
    assert callable(change)
    change(run_folder)
    before = files_of(run_folder)
    answer = vbench(command, run_folder)
    said, place, advice = answer.one_error()
    assert answer.code == 2
    assert what in said
    assert where in place
    assert todo in advice
    assert answer.stdout == ""
    assert files_of(run_folder) == before
