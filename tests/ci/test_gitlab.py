"""The GitLab template: its script runs, its artifacts are what the script writes."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.bench.small import set_gates
from tests.ci.conftest import BENCHMARK
from tests.ci.programs import called, path_with
from tests.ci.shell import read_gitlab, run_gitlab

VARIABLES = {"VBENCH_BENCHMARK": BENCHMARK}
pytestmark = pytest.mark.slow


def test_a_passing_benchmark(passing: Path) -> None:
    assert run_gitlab(passing, VARIABLES).code == 0
    assert json.loads((passing / "vbench-code-quality.json").read_bytes()) == []
    assert ET.parse(passing / "vbench-junit.xml").getroot().get("failures") == "0"


def test_a_failing_benchmark(failing: Path) -> None:
    assert run_gitlab(failing, VARIABLES).code == 3
    findings = json.loads((failing / "vbench-code-quality.json").read_bytes())
    assert [item["severity"] for item in findings] == ["critical", "minor"]
    assert {item["location"]["path"] for item in findings} == {BENCHMARK}
    root = ET.parse(failing / "vbench-junit.xml").getroot()
    assert root.get("failures") == "1"
    case = root.find(".//testcase[failure]")
    assert case is not None
    assert case.get("file") == BENCHMARK
    assert (failing / "vbench-comment.md").read_text("utf-8").startswith("<!-- vbench: ")


@pytest.mark.parametrize(("given", "code"), [({}, 5), ({"VBENCH_INCONCLUSIVE": "fail"}, 3)])
def test_an_inconclusive_benchmark(undecided: Path, given: dict[str, str], code: int) -> None:
    assert run_gitlab(undecided, {**VARIABLES, **given}).code == code
    assert ET.parse(undecided / "vbench-junit.xml").getroot().get("skipped") == "2"


def test_a_broken_benchmark_has_no_verdict(passing: Path) -> None:
    assert run_gitlab(passing, {"VBENCH_BENCHMARK": "nothing.yaml"}).code == 2
    assert not (passing / "vbench-junit.xml").exists()


def test_an_earlier_run_as_baseline(workspace: Path, earlier: Path) -> None:
    set_gates(workspace / BENCHMARK, "{metric: recall, max_drop: 0.1}")
    changed = {**VARIABLES, "VBENCH_OUT": "now", "VBENCH_BASELINE": f"{earlier}:v2"}
    assert run_gitlab(workspace, changed).code == 3
    assert (workspace / "now-judged" / "run.json").is_file()
    root = ET.parse(workspace / "vbench-junit.xml").getroot()
    assert root.get("failures") == "1"


@pytest.mark.parametrize(
    ("given", "calls"),
    [
        (
            "git+https://example.org/x",
            [
                [
                    *("-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
                    "git+https://example.org/x",
                ]
            ],
        ),
        ("", []),
    ],
)
def test_vbench_is_installed_where_it_is_missing(
    tmp_path: Path, given: str, calls: list[list[str]]
) -> None:
    path = path_with(tmp_path / "programs", "python")
    job = run_gitlab(tmp_path, {**VARIABLES, "VBENCH_INSTALL": given}, path)
    assert job.code != 0
    assert called(tmp_path / "programs", "python") == calls
    assert ("set VBENCH_INSTALL" in job.stdout) == (not given)


def test_artifacts_are_what_the_script_writes() -> None:
    template = read_gitlab()
    artifacts = template["artifacts"]
    script = "\n".join(template["script"])
    assert f"--junit {artifacts['reports']['junit']}" in script
    assert f"--gitlab {artifacts['reports']['codequality']}" in script
    assert "--comment vbench-comment.md" in script
    assert artifacts["when"] == "always"
    assert artifacts["expire_in"]
    assert set(artifacts["paths"]) == {"$VBENCH_OUT", "$VBENCH_OUT-judged", "vbench-comment.md"}
