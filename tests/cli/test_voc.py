"""`vbench score --voc` as a user sees it."""

from __future__ import annotations

from tests.cli.invoke import Command
from vbench.bench.finished import FinishedRun


def test_table(finished: FinishedRun, vbench: Command) -> None:
    answer = vbench("score", finished.folder.path, "--voc", "inclusive")
    assert answer.code == 0
    assert "v1 on dock, Pascal VOC, IoU >= 0.5" in answer.stdout
    assert "0.5455" in answer.stdout


def test_json(finished: FinishedRun, vbench: Command) -> None:
    answer = vbench("score", finished.folder.path, "--voc", "continuous", "--json").json()
    assert answer["pixels"] == "continuous"
    assert isinstance(answer["tables"], list)
    first = answer["tables"][0]
    assert (first["map"], first["iou"]) == (0.5, 0.5)
    person, forklift = first["classes"]
    assert (person["ap"], person["tp"], person["fp"], person["n_truth"]) == (0.5, 12, 0, 24)
    assert forklift["ap"] is None


def test_bad_input(finished: FinishedRun, vbench: Command) -> None:
    both = vbench("score", finished.folder.path, "--voc", "inclusive", "--sweep")
    assert both.code == 2
    assert both.one_error()[0] == "--sweep has no meaning with --voc"
    assert vbench("score", finished.folder.path, "--voc", "exclusive").code == 2
