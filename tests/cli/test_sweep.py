"""`vbench score --sweep` as a user sees it."""

from __future__ import annotations

import pytest

from tests.cli.invoke import Command
from vbench.bench.finished import FinishedRun


def test_table(finished: FinishedRun, vbench: Command) -> None:
    answer = vbench("score", finished.folder.path, "--sweep", "--goal", "recall >= 0.9")
    assert answer.code == 0
    assert "goal: recall >= 0.9, fp_per_camera_hour min" in answer.stdout
    assert "v2 on dock, all classes, IoU >= 0.5" in answer.stdout
    assert "no operating point: no score threshold reaches it: recall is 0.5" in answer.stdout
    assert "recommended: score >= 0.9; in the pipeline file: post: {score: 0.9}" in answer.stdout


def test_json(finished: FinishedRun, vbench: Command) -> None:
    answer = vbench(
        "score",
        finished.folder.path,
        "--sweep",
        "--class",
        "person",
        "--class",
        "forklift",
        "--json",
    ).json()
    tables = answer["tables"]
    assert isinstance(tables, list)
    assert answer["goal"] == "f1 max"
    assert [(one["pipeline"], one["class"]) for one in tables] == [
        ("v1", "person"),
        ("v1", "forklift"),
        ("v2", "person"),
        ("v2", "forklift"),
    ]
    best = tables[2]["recommended"]
    assert (best["score"], best["recall"], best["precision"], best["fp"]) == (0.9, 1.0, 1.0, 0)
    assert tables[3]["recommended"] is None
    assert tables[3]["reason"]
    rows = tables[2]["rows"]
    assert [row["score"] for row in rows] == sorted(row["score"] for row in rows)
    assert rows[-1]["precision"] is None
    assert rows[-1]["fn"] == 24


@pytest.mark.parametrize(
    ("arguments", "where", "what"),
    [
        (
            ["--sweep", "--goal", "recal >= 1"],
            "--goal",
            '"recal" is not a metric that a goal can name',
        ),
        (
            ["--sweep", "--goal", "recall >= 2"],
            "--goal",
            "recall 2 cannot be reached: it is 0 to 1",
        ),
        (["--sweep", "--class", "persn"], "--class", 'the run has no class "persn"'),
        (["--sweep", "--score", "0.5"], "--score", "--score has no meaning with --sweep"),
        (["--goal", "f1"], "--goal", "--goal needs --sweep"),
    ],
)
def test_bad_input(
    finished: FinishedRun, vbench: Command, arguments: list[str], where: str, what: str
) -> None:
    answer = vbench("score", finished.folder.path, *arguments)
    assert answer.code == 2
    assert answer.one_error()[:2] == (what, where)
    assert answer.one_error()[2]
