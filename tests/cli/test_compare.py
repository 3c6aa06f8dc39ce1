"""`vbench compare`, as a user sees it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.invoke import Command
from vbench.bench.compare import ComparedRow, Comparison
from vbench.bench.compare_pick import ComparedRun, Contestant
from vbench.bench.finished import FinishedRun
from vbench.cli.compare_table import sentence
from vbench.record.folder import RunFolder
from vbench.types import Better, Change, Interval, Metric


def test_two_pipelines_of_one_run(finished: FinishedRun, vbench: Command) -> None:
    run = finished.folder.path
    answer = vbench("compare", run, run, "--pipeline", "A=v1", "--pipeline", "B=v2")
    assert answer.code == 0
    lines = answer.stdout.splitlines()
    assert lines[0] == f"A  v1 1.0.0 of {run}, score >= 0.3, IoU >= 0.5"
    assert lines[1] == f"B  v2 1.0.0 of {run}, score >= 0.3, IoU >= 0.5"
    assert lines[2].startswith("B is better in ")
    (f1,) = (line.split() for line in lines if line.split()[:1] == ["f1"])
    assert f1[1:4] == ["0.667", "0.980", "+0.313"]
    assert "corrected for being many" in lines[-1]


def test_json(finished: FinishedRun, vbench: Command) -> None:
    run = finished.folder.path
    options = ("--pipeline", "A=v1", "--pipeline", "B=v2", "--metric", "recall")
    answer = vbench("compare", run, run, *options, "--json").json()
    assert answer["runs"] == {"A": str(run), "B": str(run)}
    assert (answer["confidence"], answer["resamples"], answer["seed"]) == (0.95, 1000, 0)
    assert isinstance(answer["comparisons"], list)
    (comparison,) = answer["comparisons"]
    assert comparison["candidate"] == {"run": "B", "pipeline": "v2"}
    first = comparison["rows"][0]
    assert (first["name"], first["class"], first["slice"]) == ("recall", None, None)
    assert (first["reference"], first["candidate"], first["change"]) == (0.5, 1.0, 0.5)
    assert first["paired"] is True


def test_allowed_differences_are_said_on_top(
    finished: FinishedRun, tmp_path: Path, vbench: Command
) -> None:
    run, other = finished.folder.path, tmp_path / "other"
    assert vbench("score", run, "--score", "0.85", "--out", other).code == 3
    answer = vbench("compare", run, other)
    what, _, todo = answer.one_error()
    assert answer.code == 2
    assert "score >= 0.3, IoU >= 0.5 in A, score >= 0.85, IoU >= 0.5 in B" in what
    assert todo.endswith("--allow operating-point")
    answer = vbench("compare", run, other, "--allow", "operating-point")
    assert answer.code == 0
    assert answer.stdout.startswith("! in spite of: the operating point is score >= 0.3")


def test_one_run_is_not_enough(finished: FinishedRun, vbench: Command) -> None:
    answer = vbench("compare", finished.folder.path)
    assert answer.code == 2
    assert answer.one_error()[0] == "1 run is not to be compared"


def made_row(
    name: str, value: float, *, better: Better = "higher", p: float = 0.001, unit: str = "ratio"
) -> ComparedRow:
    """A change with an interval of a tenth to both sides."""
    row = Metric(name, 0.5, None, unit, better, 100, "B", "dock")
    margin = abs(value) / 10
    change = Change(value, Interval(value - margin, value + margin, 0.95), "", p)
    return ComparedRow(row, row, True, change, p)


@pytest.fixture
def pair(finished: FinishedRun) -> Comparison:
    runs = [ComparedRun(letter, RunFolder(Path(letter)), finished.run) for letter in "AB"]
    a, b = (Contestant(one, finished.run.pipelines[0]) for one in runs)
    return Comparison(a, b, ())


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [made_row("recall", 0.1), made_row("precision", -0.2), made_row("f1", 0.3, p=0.2)],
            "B is better in recall by 0.100 (0.090 to 0.110), worse in precision by 0.200"
            " (0.180 to 0.220) than A; the rest cannot be told apart",
        ),
        (
            [made_row("fp_per_camera_hour", -1200.0, better="lower", unit="1/camera-hour")],
            "B is better in fp_per_camera_hour by 1,200 (1,080 to 1,320) than A",
        ),
        (
            [made_row("tp", 0.5), made_row("recall", 0.1)],
            "B is better in tp by 0.500 (0.450 to 0.550) and recall by 0.100 (0.090 to 0.110)"
            " than A",
        ),
        (
            [made_row("mean_score", 0.1, better="neither")],
            "B is different in mean_score by 0.100 (0.090 to 0.110) than A",
        ),
        (
            [made_row("recall", 0.1, p=0.06), made_row("f1", 0.1, p=1.0)],
            "A and B cannot be told apart in any of 2 numbers",
        ),
        (
            [made_row("recall", 0.0, p=1.0), made_row("f1", 0.0, p=1.0)],
            "A and B are equal in all 2 numbers",
        ),
        ([], "A and B have no such numbers in common"),
    ],
)
def test_the_sentence(pair: Comparison, rows: list[ComparedRow], expected: str) -> None:
    assert sentence(replace(pair, rows=tuple(rows)), 0.95) == expected


def test_a_long_sentence_is_cut(pair: Comparison) -> None:
    rows = tuple(made_row(f"metric{k}", 0.1) for k in range(9))
    text = sentence(replace(pair, rows=rows), 0.95)
    assert "metric5 by" in text
    assert "metric6" not in text
    assert "and 3 more than A" in text
