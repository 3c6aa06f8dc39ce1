"""`vbench run`: exit codes, what is printed where, JSON."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.bench.small import edit, files_of, set_gates
from tests.cli.invoke import Command
from vbench.cli.outcome import exit_code
from vbench.errors import ExitCode
from vbench.types import Verdict

GOLD = Path(__file__).parent / "gold"


def compare_with_gold(name: str, text: str) -> None:
    """Compare with a gold file; ``UPDATE_GOLD=1 pytest tests/cli`` writes it (read the diff)."""
    path = GOLD / name
    lines = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
    if os.environ.get("UPDATE_GOLD"):
        path.write_text(lines, encoding="utf-8")
    assert lines == path.read_text(encoding="utf-8")


def test_console(
    small: Path, tmp_path: Path, vbench: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = vbench("run", small, "--out", "out", "--no-report")
    compare_with_gold("run.txt", answer.stdout)
    assert max(map(len, answer.stdout.splitlines())) <= 80


def test_a_failed_gate_exits_3_and_everything_is_written(
    small: Path, tmp_path: Path, vbench: Command
) -> None:
    answer = vbench("run", small, "--out", tmp_path / "out", "--no-pdf")
    assert answer.code == ExitCode.GATE_FAILED
    assert "FAIL" in answer.stdout
    for name in ("run.json", "junit.xml", "summary.md", "report.html"):
        assert (tmp_path / "out" / name).stat().st_size > 100
    assert not (tmp_path / "out" / "report.pdf").exists()
    assert str(tmp_path / "out" / "report.html") in answer.stdout


def test_all_gates_passing_exits_0(small: Path, tmp_path: Path, vbench: Command) -> None:
    set_gates(small / "benchmark.yaml", "{metric: recall, min: 0.5}", "{metric: fp, max: 1}")
    answer = vbench("run", small, "--out", tmp_path / "out", "--no-report")
    assert answer.code == ExitCode.OK
    assert "PASS" in answer.stdout


def test_a_warning_exits_0(small: Path, tmp_path: Path, vbench: Command) -> None:
    set_gates(small / "benchmark.yaml", "{metric: fp, max: 0, level: warn}")
    answer = vbench("run", small, "--out", tmp_path / "out", "--no-report")
    assert answer.code == ExitCode.OK


@pytest.mark.parametrize(
    ("verdict", "policy", "code"),
    [
        (Verdict.PASS, "fail", 0),
        (Verdict.FAIL, "pass", 3),
        (Verdict.INCONCLUSIVE, "report", 5),
        (Verdict.INCONCLUSIVE, "pass", 0),
        (Verdict.INCONCLUSIVE, "fail", 3),
    ],
)
def test_exit_code_of_a_verdict(verdict: Verdict, policy: str, code: int) -> None:
    run = SimpleNamespace(verdict=verdict, failures=())
    assert exit_code(run, policy) == code  # type: ignore[arg-type]


def test_json_is_all_of_stdout(small: Path, tmp_path: Path, vbench: Command) -> None:
    answer = vbench("run", small, "--out", tmp_path / "out", "--no-report", "--json")
    data = answer.json()
    assert answer.code == data["exit_code"] == 3
    assert data["run"] == str(tmp_path / "out")
    assert data["verdict"] == "fail"
    assert data["pipelines"] == {"v1": "fail", "v2": "fail"}
    gates = data["gates"]
    assert isinstance(gates, list)
    assert gates[0] == {
        "pipeline": "v1",
        "golden_set": "dock",
        "gate": "recall[person] >= 0.9",
        "level": "error",
        "verdict": "fail",
        "value": 0.5,
        "explanation": "recall of person is 0.5 (n = 24) but must be at least 0.9",
    }


def test_progress_is_plain_lines_without_a_terminal(
    small: Path, tmp_path: Path, vbench: Command
) -> None:
    answer = vbench("run", small, "--out", tmp_path / "out", "--no-report")
    assert "\x1b" not in answer.stderr + answer.stdout
    lines = answer.stderr.splitlines()
    assert lines[0].startswith("note: dock has no golden.lock")
    assert "running: 24 frames" in lines
    assert any(line.startswith("running: done in ") for line in lines)
    assert lines[-1].startswith("judging: done in ")


def test_a_finished_run_is_refused(small: Path, tmp_path: Path, vbench: Command) -> None:
    out = tmp_path / "out"
    vbench("run", small, "--out", out, "--no-report")
    before = files_of(out)
    answer = vbench("run", small, "--out", out, "--no-report")
    what, where, todo = answer.one_error()
    assert answer.code == 2
    assert "never overwritten" in what
    assert where == str(out)
    assert "--out" in todo
    assert files_of(out) == before


def test_a_model_that_fails_exits_4(small: Path, tmp_path: Path, vbench: Command) -> None:
    edit(small / "benchmark.yaml", "v2.yaml]", "v2.yaml, pipelines/constant.yaml]")
    (small / "constant.onnx").write_bytes(b"no model")
    answer = vbench("run", small, "--out", tmp_path / "out", "--no-report")
    answer.one_error()
    assert answer.code == 4
