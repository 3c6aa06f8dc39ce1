"""`vbench gate`: a finished run judged again, and CI told."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.bench.small import edit, files_of
from tests.cli.invoke import Command
from vbench.bench import outputs
from vbench.bench.finished import FinishedRun
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run, write_run
from vbench.types import Verdict


@pytest.fixture(autouse=True)
def _no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "write_pdf", lambda folder, **_: folder.report_pdf)


@pytest.fixture
def run_folder(finished: FinishedRun, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished.folder.path, tmp_path / "run"))


@pytest.fixture
def earlier(finished: FinishedRun, tmp_path: Path) -> Path:
    """An earlier run in which v2 passed and v1 did not."""
    folder = RunFolder(Path(shutil.copytree(finished.folder.path, tmp_path / "earlier")))
    run = read_run(folder)
    pipelines = tuple(
        replace(one, verdict=Verdict.PASS if one.name == "v2" else Verdict.FAIL)
        for one in run.pipelines
    )
    write_run(folder, replace(run, pipelines=pipelines))
    return folder.path


def test_gate_says_what_run_said(run_folder: Path, vbench: Command) -> None:
    before = files_of(run_folder)
    answer = vbench("gate", run_folder, "--json")
    assert answer.code == 3
    assert answer.json()["pipelines"] == {"v1": "fail", "v2": "fail"}
    assert files_of(run_folder) == before


def test_another_baseline(run_folder: Path, earlier: Path, vbench: Command) -> None:
    answer = vbench("gate", run_folder, "--baseline", f"{earlier}:v2", "--json")
    gates = answer.json()["gates"]
    assert isinstance(gates, list)
    comparing = {one["pipeline"]: one for one in gates if "drops" in one["gate"]}
    # Against v1 of its own run, v2 is less precise; against itself it is not.
    assert comparing["v2"]["verdict"] == "pass"
    assert "v2 of " in comparing["v2"]["explanation"]


def test_the_baseline_needs_a_name_among_several(
    run_folder: Path, earlier: Path, vbench: Command
) -> None:
    answer = vbench("gate", run_folder, "--baseline", earlier)
    what, where, todo = answer.one_error()
    assert answer.code == 2
    assert what == "the baseline run has several pipelines"
    assert where == f"--baseline {earlier}"
    assert todo == f"name one: {earlier}:v1, {earlier}:v2"


def test_bad_baselines(run_folder: Path, earlier: Path, tmp_path: Path, vbench: Command) -> None:
    for given, expected in (
        (f"{earlier}:v22", 'the baseline run has no pipeline "v22"'),
        (f"{earlier}:v1", "the baseline cannot be used: v1 failed its gates in that run"),
        (str(tmp_path / "none"), "does not exist"),
        (str(tmp_path / "none:v1"), "does not exist"),
    ):
        answer = vbench("gate", run_folder, "--baseline", given)
        assert (answer.code, answer.one_error()[0]) == (2, expected)
    edit(earlier / "run.json", "vbench.run/v1", "vbench.run/v9")
    answer = vbench("gate", run_folder, "--baseline", f"{earlier}:v2")
    assert answer.code == 2
    assert answer.one_error()[0].startswith("schema is 'vbench.run/v9'")


def test_out_keeps_the_result(
    run_folder: Path, earlier: Path, tmp_path: Path, vbench: Command
) -> None:
    out = tmp_path / "again"
    answer = vbench("gate", run_folder, "--baseline", f"{earlier}:v2", "--out", out)
    assert answer.code == 3
    shutil.rmtree(earlier)
    assert str(read_run(RunFolder(out)).baseline).startswith("v2 of ")


def test_files_for_ci(run_folder: Path, tmp_path: Path, vbench: Command) -> None:
    files = [tmp_path / "ci" / name for name in ("gates.xml", "quality.json", "comment.md")]
    options = zip(("--junit", "--gitlab", "--comment"), files, strict=True)
    answer = vbench("gate", run_folder, *(word for option in options for word in option))
    assert answer.code == 3
    assert ET.parse(files[0]).getroot().get("tests") == "7"
    assert len(json.loads(files[1].read_text())) == 4
    assert "dock-release" in files[2].read_text()


def test_github(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vbench: Command
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("what was there\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    answer = vbench("gate", run_folder, "--github")
    assert answer.code == 3
    commands = [line for line in answer.stdout.splitlines() if line.startswith("::")]
    assert sorted(line.split(" ")[0] for line in commands) == [
        "::error",
        "::error",
        "::error",
        "::warning",
    ]
    assert all("file=benchmark.yaml,line=" in line for line in commands)
    assert summary.read_text().startswith("what was there\n## dock-release")


def test_github_needs_github(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch, vbench: Command
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    answer = vbench("gate", run_folder, "--github")
    assert (answer.code, answer.one_error()[1]) == (2, "--github")
    answer = vbench("gate", run_folder, "--github", "--json")
    assert (answer.code, answer.one_error()[1]) == (2, "--github")


def test_a_file_that_cannot_be_written(run_folder: Path, tmp_path: Path, vbench: Command) -> None:
    (tmp_path / "file").write_text("")
    answer = vbench("gate", run_folder, "--junit", tmp_path / "file" / "gates.xml")
    assert answer.code == 2
    assert "error: cannot be written" in answer.stderr
    assert f"at: {tmp_path / 'file' / 'gates.xml'}" in answer.stderr


def test_gates_of_another_file(
    run_folder: Path, small: Path, tmp_path: Path, vbench: Command
) -> None:
    (small / ".git").mkdir()
    file = small / "dock.yaml"
    (small / "benchmark.yaml").rename(file)
    edit(file, "{metric: recall, class: person, min: 0.9}", "{metric: f1, min: 0.9}")
    quality = tmp_path / "quality.json"
    answer = vbench("gate", run_folder, "--benchmark", file, "--gitlab", quality, "--json")
    gates = answer.json()["gates"]
    assert isinstance(gates, list)
    assert ("v1", "f1 >= 0.9", "fail") in [
        (one["pipeline"], one["gate"], one["verdict"]) for one in gates
    ]
    (finding,) = (
        one for one in json.loads(quality.read_text()) if one["check_name"] == "vbench/f1"
    )
    assert finding["location"] == {"path": "dock.yaml", "lines": {"begin": 8}}


@pytest.mark.parametrize(("policy", "code"), [("report", 5), ("pass", 0), ("fail", 3)])
def test_inconclusive_is_a_matter_of_policy(
    run_folder: Path, small: Path, vbench: Command, policy: str, code: int
) -> None:
    benchmark = small / "benchmark.yaml"
    text = benchmark.read_text().partition("gates:")[0]
    gate = "{metric: recall, min: 0.4, min_n: 5000}"
    benchmark.write_text(f"{text}gates:\n  - {gate}\n")
    answer = vbench("gate", run_folder, "--benchmark", small, "--inconclusive", policy, "--json")
    assert (answer.code, answer.json()["verdict"]) == (code, "inconclusive")
