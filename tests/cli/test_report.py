"""`vbench report`: which files it writes, of one run and of several."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.cli.invoke import Command
from tests.report.trend.conftest import run_on


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two runs of one benchmark, a week apart."""
    folder = tmp_path_factory.mktemp("runs")
    return run_on(folder / "first", 1, 0.9).path, run_on(folder / "second", 8, 0.4).path


def test_formats_of_one_run(vbench: Command, runs: tuple[Path, Path]) -> None:
    asked = ["html", "md", "junit", "json", "csv", "label-errors"]
    done = vbench("report", str(runs[0]), *(word for name in asked for word in ("--format", name)))
    assert done.code == 0, done.stderr
    assert [Path(line).name for line in done.stdout.splitlines()] == [
        "report.html",
        "summary.md",
        "junit.xml",
        "report.json",
        "metrics.csv",
        "label-errors.json",
        "label-errors.csv",
    ]
    assert json.loads((runs[0] / "report.json").read_text())["schema"] == "vbench.report/v1"
    assert set(json.loads((runs[0] / "label-errors.json").read_text())) >= {"images", "annotations"}
    with (runs[0] / "metrics.csv").open(newline="") as file:
        assert {"pipeline", "name", "value"} <= set(next(csv.DictReader(file)))


def test_several_runs_give_a_trend_and_change_no_run(
    vbench: Command, runs: tuple[Path, Path], tmp_path: Path
) -> None:
    before = {path: path.stat().st_mtime_ns for run in runs for path in run.rglob("*")}
    out = tmp_path / "trend"
    formats = [word for name in ("html", "md", "json", "csv") for word in ("--format", name)]
    done = vbench("report", *map(str, runs), "--out", str(out), *formats)
    assert done.code == 0, done.stderr
    assert sorted(path.name for path in out.iterdir()) == [
        "trend.csv",
        "trend.html",
        "trend.json",
        "trend.md",
    ]
    assert "2 runs over time" in (out / "trend.md").read_text()
    assert before == {path: path.stat().st_mtime_ns for run in runs for path in run.rglob("*")}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--out", "elsewhere"], "--out is for several runs"),
        (["--ledger", "deployments.jsonl"], "--ledger is for several runs"),
        (["--language", "xx"], 'no strings of the language "xx"'),
        (["--templates", "nowhere"], "the template folder does not exist"),
        (["--brand", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_options_that_cannot_be_meant(
    vbench: Command, runs: tuple[Path, Path], options: list[str], said: str
) -> None:
    done = vbench("report", str(runs[0]), "--format", "html", *options)
    assert done.code == 2
    assert said in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--language", "de"], "--language is for one run"),
        (["--format", "pdf"], "several runs over time cannot be written as pdf"),
        (["--ledger", "gone.jsonl"], "gone.jsonl"),
    ],
)
def test_options_that_a_trend_does_not_have(
    vbench: Command, runs: tuple[Path, Path], tmp_path: Path, options: list[str], said: str
) -> None:
    done = vbench("report", *map(str, runs), "--out", str(tmp_path / "out"), *options)
    assert done.code == 2
    assert said in " ".join(done.stderr.split())
    assert not (tmp_path / "out").exists()


def test_the_same_run_twice(vbench: Command, runs: tuple[Path, Path], tmp_path: Path) -> None:
    done = vbench("report", str(runs[0]), str(runs[0]), "--out", str(tmp_path / "out"))
    assert done.code == 2
    assert "the same run is given twice" in done.stderr
