"""`vbench score --confusion` as a user sees it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.cli.invoke import Command
from vbench.bench.confusion import ConfusionTable, RunConfusion
from vbench.bench.finished import FinishedRun
from vbench.cli.confusion_table import show_confusion
from vbench.metrics.confusion import ConfusionMatrix
from vbench.types import OperatingPoint

SIX = ("person", "forklift", "pallet", "bicycle", "traffic light", "motorcycle")
MANY = tuple(f"class-{c}" for c in range(30))


def confusion_of(
    class_names: tuple[str, ...], *, n_first: int = 100_000, not_exhaustive: tuple[str, ...] = ()
) -> RunConfusion:
    """No two cells alike; background taken for background is 0."""
    side = len(class_names) + 1
    cells = np.arange(n_first, n_first + side * side, dtype=np.int64).reshape(side, side)
    cells[-1, -1] = 0
    point = OperatingPoint(0.5, tuple((name, 0.3) for name in class_names))
    matrix = ConfusionMatrix(class_names, cells)
    return RunConfusion(Path("run"), (ConfusionTable("v1", "dock", point, matrix, not_exhaustive),))


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_table(finished: FinishedRun, vbench: Command) -> None:
    answer = vbench("score", finished.folder.path, "--confusion")
    assert answer.code == 0
    v1, v2 = answer.stdout.split("v2 on dock, confusion matrix\n")
    lines = [line.split() for line in v1.splitlines()]
    assert lines[0] == ["v1", "on", "dock,", "confusion", "matrix"]
    assert ["truth", "person", "forklift", "background"] in lines
    assert ["person", "12", "0", "12"] in lines
    assert ["background", "0", "0", "-"] in lines
    assert ["background", "1", "0", "-"] in [line.split() for line in v2.splitlines()]
    assert "\nrows: truth; columns: detected; score >= 0.3, IoU >= 0.5\n" in v1
    assert (
        "\nbackground: detections without truth (row), truth without a detection (column)\n" in v1
    )
    assert "exhaustive" not in answer.stdout


def test_json(finished: FinishedRun, vbench: Command) -> None:
    answer = vbench("score", finished.folder.path, "--confusion", "--json")
    assert answer.code == 0
    tables = answer.json()["tables"]
    assert isinstance(tables, list)
    assert tables[0] == {
        "pipeline": "v1",
        "golden_set": "dock",
        "operating_point": "score >= 0.3, IoU >= 0.5",
        "classes": ["person", "forklift"],
        "not_exhaustive": [],
        "cells": [
            {"truth_class": "person", "detection_class": "person", "n": 12},
            {"truth_class": "person", "detection_class": None, "n": 12},
        ],
    }
    assert tables[1]["cells"][1] == {"truth_class": None, "detection_class": "person", "n": 1}


def test_six_classes_fit_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    show_confusion(confusion_of(SIX, n_first=99_000), as_json=False)
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    assert shown.count("\n person ") == 1  # one block
    rows = {line[1:14].strip(): line[14:].split() for line in shown.splitlines()}
    for i, name in enumerate(SIX):
        assert rows[name] == [f"{99_000 + 7 * i + j:,}" for j in range(7)]


def test_more_classes_go_on_below_and_no_count_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    confusion = confusion_of(MANY, n_first=1_000_000)
    show_confusion(confusion, as_json=False)
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    found = [word for line in shown.splitlines() for word in line.split() if "," in word[:-1]]
    cells = confusion.tables[0].matrix.counts.ravel()[:-1].tolist()
    assert sorted(found) == [f"{n:,}" for n in cells]


@pytest.mark.parametrize("columns", ["10", "30", "200"])
def test_whatever_the_terminal_all_is_shown_once(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    show_confusion(
        confusion_of(("[bold]", "a very long name of a class"), n_first=1), as_json=False
    )
    shown = capsys.readouterr().out
    assert shown.count(" [bold] ") == 1 + (1 if columns == "200" else 3)  # heading and rows
    assert [shown.count(f" {n} ") for n in range(1, 9)] == [1] * 8


def test_the_diagonal_stands_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    show_confusion(confusion_of(("person", "truck"), n_first=10), as_json=False)
    shown = capsys.readouterr().out
    emphasised = [n for n in range(10, 18) if f"\x1b[1;32m{n}" in shown.replace(" ", "")]
    assert emphasised == [10, 14]


def test_classes_that_are_not_exhaustive_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    show_confusion(confusion_of(SIX, not_exhaustive=("pallet", "bicycle")), as_json=False)
    assert "unmatched detections do not count: pallet, bicycle\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "what", "where"),
    [
        (["--sweep"], "--sweep has no meaning with --confusion", "--sweep"),
        (["--worst-slices"], "--worst-slices has no meaning with --confusion", "--worst-slices"),
        (["--voc", "inclusive"], "--confusion has no meaning with --voc", "--confusion"),
        (["--score", "0.5"], "--score has no meaning with --confusion", "--score"),
        (["--out", "again"], "--out has no meaning with --confusion", "--out"),
        (["--benchmark", "b.yaml"], "--benchmark has no meaning with --confusion", "--benchmark"),
        (["--goal", "f1"], "--goal has no meaning with --confusion", "--goal"),
        (["--metric", "f1"], "--metric has no meaning with --confusion", "--metric"),
        (["--min-support", "9"], "--min-support has no meaning with --confusion", "--min-support"),
        (["--class", "person"], "--class has no meaning with --confusion", "--class"),
    ],
)
def test_options_that_do_not_go_together(
    finished: FinishedRun, vbench: Command, options: list[str], what: str, where: str
) -> None:
    answer = vbench("score", finished.folder.path, "--confusion", *options)
    assert answer.code == 2
    assert answer.one_error()[:2] == (what, where)
