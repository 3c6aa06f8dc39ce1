import re
from dataclasses import replace

import pytest

from tests.report.hostile import HOSTILE, hostile_run
from vbench.report.ci.annotations import (
    MAX_PER_KIND,
    github_annotations,
    source_line,
)
from vbench.report.verdicts import GateStatus, gate_status
from vbench.types import Run, Verdict

COMMAND = re.compile(r"::(error|warning|notice) (.*?)::(.*)")
UNESCAPED = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """(kind, properties, message) as the runner of GitHub reads a step's output."""
    found = []
    for line in text.splitlines():
        match = COMMAND.fullmatch(line)
        assert match is not None, line
        pairs = (pair.split("=", 1) for pair in match[2].split(","))
        properties = {key: unescaped(value) for key, value in pairs}
        found.append((match[1], properties, unescaped(match[3])))
    return found


def unescaped(text: str) -> str:
    for code, char in UNESCAPED:
        text = text.replace(code, char)
    return text


def test_each_gate_that_did_not_pass_has_one(decided_run: Run) -> None:
    found = commands(github_annotations(decided_run))
    kinds = [kind for kind, _, _ in found]
    assert kinds == ["error"] * 7 + ["warning"] * 4 + ["notice"] * 3
    assert {properties["file"] for _, properties, _ in found} == {
        "benchmarks/dock-release/benchmark.yaml"
    }


def test_they_point_at_the_gate_and_say_why(decided_run: Run) -> None:
    found = commands(github_annotations(decided_run, "somewhere/else.yaml"))
    (properties, message), *_ = [
        (properties, message)
        for _, properties, message in found
        if properties["title"].startswith("Undecided: recall daypart=night")
    ]
    assert properties["file"] == "somewhere/else.yaml"
    assert properties["line"] == "15"
    assert properties["title"].endswith(">= 0.6 (95 % sure) (person-v2 on loading-dock)")
    lines = message.splitlines()
    assert lines[0].startswith("recall daypart=night >= 0.6 (95 % sure): found 0.5")
    assert any(line.startswith("why: 2 of 2 clips hold 85 % of") for line in lines)
    assert lines[-1].startswith("run it again: vbench run benchmarks/dock-release/benchmark.yaml")


def test_what_is_over_the_limit_is_counted(decided_run: Run) -> None:
    failed = [item for item in decided_run.gates if gate_status(item) is GateStatus.FAIL]
    at_limit = replace(decided_run, gates=tuple((failed * 2)[:MAX_PER_KIND]))
    assert len(commands(github_annotations(at_limit))) == MAX_PER_KIND
    over = replace(decided_run, gates=tuple((failed * 4)[:25]))
    found = commands(github_annotations(over))
    assert len(found) == MAX_PER_KIND
    assert found[-1][1]["title"] == "16 more gates did not pass"
    assert "and 10 more. All of them are in the step summary" in found[-1][2]


def test_kinds_have_limits_of_their_own(decided_run: Run) -> None:
    gates = tuple(item for item in decided_run.gates for _ in range(20))
    kinds = [kind for kind, _, _ in commands(github_annotations(replace(decided_run, gates=gates)))]
    assert [kinds.count(kind) for kind in ("error", "warning", "notice")] == [MAX_PER_KIND] * 3


def test_hostile_texts_do_not_make_commands(decided_run: Run) -> None:
    found = commands(github_annotations(hostile_run(decided_run)))
    assert len(found) == 14
    assert all(set(properties) == {"file", "line", "title"} for _, properties, _ in found)
    assert "::error::z" in found[0][2]
    file = commands(github_annotations(decided_run, f"a,b:c%2C\r{HOSTILE}"))[0][1]["file"]
    assert file.startswith("a,b:c%2C a|b")


def test_nothing_is_said_of_gates_that_pass(decided_run: Run) -> None:
    gates = tuple(replace(item, verdict=Verdict.PASS) for item in decided_run.gates)
    assert github_annotations(replace(decided_run, gates=gates)) == ""


@pytest.mark.parametrize(
    ("source", "line"),
    [("benchmark.yaml:15", 15), ("a:b.yaml:7", 7), ("benchmark.yaml", 1), ("x:0", 1), ("x:²", 1)],
)
def test_source_line(decided_run: Run, source: str, line: int) -> None:
    first = decided_run.gates[0]
    assert source_line(replace(first, gate=replace(first.gate, source=source))) == line
