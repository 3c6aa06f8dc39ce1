"""``action.yml``: its shell steps run, its other steps are pinned, its outputs are true."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.bench.small import set_gates
from tests.ci.conftest import BENCHMARK
from tests.ci.programs import called, path_with
from tests.ci.shell import REPOSITORY, read_action, run_action, substituted
from tests.report.ci.test_annotations import COMMAND, commands
from vbench.bench.finished import FinishedRun
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run

INPUTS = {"benchmark": BENCHMARK}
pytestmark = pytest.mark.slow


def shown(stdout: str) -> list[tuple[str, dict[str, str], str]]:
    return commands("\n".join(line for line in stdout.splitlines() if COMMAND.fullmatch(line)))


def test_a_passing_benchmark(passing: Path) -> None:
    job = run_action(passing, INPUTS)
    assert job.code == 0
    assert job.outputs == {
        "verdict": "pass",
        "exit-code": "0",
        "run": "vbench-run",
        "comment": "vbench-run-comment.md",
    }
    assert job.summary.startswith("## dock-release: PASS\n")
    assert shown(job.stdout) == []
    assert (passing / "vbench-run" / "report.html").is_file()


def test_a_failing_benchmark(failing: Path) -> None:
    job = run_action(failing, INPUTS)
    assert job.code == 3
    assert job.outputs["verdict"] == "fail"
    assert job.outputs["exit-code"] == "3"
    assert job.summary.startswith("## dock-release: FAIL\n")
    (error, warning) = shown(job.stdout)
    line = next(
        number
        for number, text in enumerate((failing / BENCHMARK).read_text().splitlines(), start=1)
        if "min: 0.9" in text
    )
    assert error[0] == "error"
    assert error[1]["file"] == BENCHMARK
    assert error[1]["line"] == str(line)
    assert error[1]["title"] == "Fail: recall[person] >= 0.9 (v1 on dock)"
    assert warning[0] == "warning"
    comment = (failing / job.outputs["comment"]).read_text("utf-8")
    assert comment.startswith("<!-- vbench: dock-release -->\n")
    assert "✕ Fail: <b>v1</b>: recall of person is 0.500, needs at least 0.9" in comment


def test_an_inconclusive_benchmark(undecided: Path) -> None:
    inputs = {**INPUTS, "comment": "false"}
    job = run_action(undecided, inputs)
    assert job.code == 5
    assert job.outputs == {
        "verdict": "inconclusive",
        "exit-code": "5",
        "run": "vbench-run",
        "comment": "",
    }
    assert not (undecided / "vbench-run-comment.md").exists()
    assert [kind for kind, _, _ in shown(job.stdout)] == ["warning", "warning"]
    for policy, code in (("pass", 0), ("fail", 3)):
        job = run_action(undecided, {**inputs, "inconclusive": policy}, run_code="5")
        assert job.code == code
        assert (job.outputs["verdict"], job.outputs["exit-code"]) == ("inconclusive", str(code))


def test_a_broken_benchmark_has_no_verdict(passing: Path) -> None:
    (passing / BENCHMARK).write_text("schema: vbench.benchmark/v1\nname: x\n")
    job = run_action(passing, INPUTS)
    assert job.code == 2
    assert job.outputs == {"verdict": "", "exit-code": "2", "run": "", "comment": ""}
    assert job.summary == "vbench came to no verdict (exit code 2); the log says why.\n"
    assert shown(job.stdout)[0][2] == "no verdict (exit code 2); the log says why"


def test_an_older_run_in_the_folder_is_not_judged_in_its_place(
    passing: Path, finished: FinishedRun
) -> None:
    shutil.copytree(finished.folder.path, passing / "vbench-run")
    job = run_action(passing, INPUTS)
    assert job.code == 2
    assert job.outputs["verdict"] == ""


def test_a_wrong_policy_is_refused_before_anything_runs(passing: Path) -> None:
    job = run_action(passing, {**INPUTS, "inconclusive": "ignore"})
    assert job.code == 2
    assert not (passing / "vbench-run").exists()


def test_an_earlier_run_as_baseline(workspace: Path, earlier: Path) -> None:
    set_gates(workspace / BENCHMARK, "{metric: recall, max_drop: 0.1}")
    inputs = {**INPUTS, "out": "now/", "baseline": f"{earlier}:v2"}
    job = run_action(workspace, inputs)
    # v1 finds half of what v2 found before.
    assert job.code == 3
    assert job.outputs["run"] == "now-judged"
    run = read_run(RunFolder(workspace / "now-judged"))
    assert any("v2" in (item.baseline_name or "") for item in run.gates)


def test_inputs_are_data_and_no_code(passing: Path) -> None:
    inputs = {
        "benchmark": '"; touch hacked; "$(touch hacked)',
        "out": "o",
        "baseline": "$(touch hacked)",
    }
    assert run_action(passing, inputs).code == 2
    assert not (passing / "hacked").exists()
    # Every expression of a step goes through its environment.
    assert all("${{" not in step.run for step in read_action().steps)


@pytest.mark.parametrize(
    ("given", "installed"), [("vbench==9.9 ; x", "vbench==9.9 ; x"), ("", str(REPOSITORY))]
)
def test_vbench_is_installed_where_it_is_missing(
    tmp_path: Path, given: str, installed: str
) -> None:
    path = path_with(tmp_path / "programs", "python")
    run_action(tmp_path, {**INPUTS, "install": given}, path)
    assert called(tmp_path / "programs", "python") == [
        ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", installed]
    ]


def test_other_actions_are_pinned() -> None:
    used = [step.uses for step in read_action().steps if step.uses]
    assert used
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", item) for item in used)


def test_every_expression_names_something_that_is_there() -> None:
    text = (REPOSITORY / "action.yml").read_text("utf-8")
    action = read_action()
    written = yaml.safe_load(text)
    known = {f"inputs.{name}" for name in written["inputs"]}
    for step in action.steps:
        known |= {
            f"steps.{step.id}.outputs.{name}"
            for name in re.findall(r'echo "([a-z-]+)=', step.run)
            if step.id
        }
    assert set(re.findall(r"\b(?:inputs|steps)\.[\w.-]+", text)) - known == set()
    assert all(written["inputs"][name].get("description") for name in written["inputs"])


def test_substituted() -> None:
    assert substituted("a ${{ inputs.x }} ${{inputs.y}}", {"inputs.x": "1"}) == "a 1 "
