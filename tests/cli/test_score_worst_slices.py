"""`vbench score RUN --worst-slices`, as a user types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.invoke import Command
from vbench.bench.finished import FinishedRun


@pytest.fixture
def run_folder(finished: FinishedRun) -> Path:
    return finished.folder.path


def test_a_table_for_people(run_folder: Path, vbench: Command) -> None:
    answer = vbench("score", run_folder, "--worst-slices", "--min-support", "5")
    assert answer.code == 0
    lines = answer.stdout.splitlines()
    assert lines[0].startswith("v1 on dock, all classes, score >= 0.3, IoU >= 0.5")
    (row,) = (line for line in lines if "daypart=night" in line)
    assert row.split() == ["daypart=night", "0.000", "0.500", "12", "12", "100.0", "%", "6.0"]
    assert "recall on the whole is 0.500 (n = 24)" in answer.stdout
    assert "v2 on dock: no slice is worse than the whole" in answer.stdout


def test_json_for_programs(run_folder: Path, vbench: Command) -> None:
    answer = vbench("score", run_folder, "--worst-slices", "--min-support", "5", "--json")
    assert answer.code == 0
    found = answer.json()
    assert (found["metric"], found["min_support"]) == ("recall", 5)
    tables = found["tables"]
    assert isinstance(tables, list)
    first = tables[0]
    assert (first["pipeline"], first["class"], first["value"], first["n"]) == ("v1", None, 0.5, 24)
    assert first["slices"] == [
        {
            "slice": {"daypart": "night"},
            "same": [],
            "value": 0.0,
            "gap": 0.5,
            "n": 12,
            "n_lost": 12,
            "loss_share": 1.0,
            "excess": 6.0,
        }
    ]


def test_support_is_50_unless_said(run_folder: Path, vbench: Command) -> None:
    answer = vbench("score", run_folder, "--worst-slices")
    assert answer.code == 0
    assert "0 slices with n >= 50 were compared" in answer.stdout


def test_what_is_undefined_is_said(run_folder: Path, vbench: Command) -> None:
    answer = vbench("score", run_folder, "--worst-slices", "--class", "forklift")
    assert answer.code == 0
    assert "v1 on dock: recall is undefined on the whole" in answer.stdout


@pytest.mark.parametrize(
    ("options", "what", "where"),
    [
        (["--worst-slices", "--metric", "hota"], 'cannot be ranked by "hota"', "--metric"),
        (["--worst-slices", "--class", "dog"], 'no class "dog"', "--class"),
        (["--worst-slices", "--score", "0.5"], "has no meaning with --worst-slices", "--score"),
        (["--worst-slices", "--sweep"], "has no meaning with --worst-slices", "--sweep"),
        (["--metric", "recall"], "--metric needs --worst-slices", "--metric"),
        (["--min-support", "9"], "--min-support needs --worst-slices", "--min-support"),
        (["--class", "person"], "needs --sweep or --worst-slices", "--class"),
    ],
)
def test_options_that_do_not_go_together(
    run_folder: Path, vbench: Command, options: list[str], what: str, where: str
) -> None:
    answer = vbench("score", run_folder, *options)
    found_what, found_where, _ = answer.one_error()
    assert answer.code == 2
    assert what in found_what
    assert found_where == where


def test_a_support_below_1_is_refused(run_folder: Path, vbench: Command) -> None:
    assert vbench("score", run_folder, "--worst-slices", "--min-support", "0").code == 2
