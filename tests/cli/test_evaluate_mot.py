"""`vbench evaluate mot`: JSON, table, bad input."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.invoke import Command

COUNTS = ["TP", "FP", "FN", "IDSW", "FM", "MT", "PT", "ML"]
RATIOS = ["MOTA", "MOTP", "IDF1", "IDP", "IDR", "HOTA", "DetA", "AssA", "LocA"]
TRUTH = "1,1,0,0,10,10,1,-1,-1,-1\n2,1,0,0,10,10,1,-1,-1,-1\n"
RESULTS = "1,4,0,0,10,10,-1,-1,-1,-1\n2,4,1,0,10,10,-1,-1,-1,-1\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    truth, results = tmp_path / "gt.txt", tmp_path / "results.txt"
    truth.write_text(TRUTH)
    results.write_text(RESULTS)
    return truth, results


def test_json(vbench: Command, files: tuple[Path, Path]) -> None:
    answer = vbench("evaluate", "mot", *files, "--json")
    assert answer.code == 0
    found = answer.json()
    assert list(found) == COUNTS + RATIOS
    assert (found["TP"], found["MOTA"]) == (2, 1.0)
    assert found["MOTP"] == pytest.approx((1 - 90 / 110) / 2)


def test_table_says_what_is_undefined(vbench: Command, files: tuple[Path, Path]) -> None:
    answer = vbench("evaluate", "mot", *files)
    assert answer.code == 0
    assert "HOTA" in answer.stdout
    files[1].write_text("")
    answer = vbench("evaluate", "mot", *files)
    assert answer.code == 0
    assert "undefined" in answer.stdout
    assert vbench("evaluate", "mot", *files, "--json").json()["MOTP"] is None


def test_options(vbench: Command, files: tuple[Path, Path]) -> None:
    strict = vbench("evaluate", "mot", *files, "--iou", "0.9", "--json").json()
    assert strict["TP"] == 1
    none = vbench("evaluate", "mot", *files, "--preprocess", "none", "--json").json()
    assert none["TP"] == 2


@pytest.mark.parametrize(
    ("truth", "results", "options", "what", "where"),
    [
        (None, RESULTS, [], "file not found", "gt.txt"),
        (TRUTH, "[{}]", [], "is JSON, expected rows of numbers", "results.txt:1"),
        (TRUTH, "1,4,0,0\n", [], "the row has 4 numbers, expected 6 to 10", "results.txt:1"),
        (TRUTH, RESULTS * 2, [], "track 4 is twice in frame 1", "results.txt:3: column 2"),
        ("", RESULTS, [], "there are no truth boxes", "gt.txt"),
        (TRUTH, RESULTS, ["--iou", "0"], "the IoU threshold is 0", "--iou"),
        (TRUTH, RESULTS, ["--preprocess", "mot17"], "the box names no class; 2 such rows",
         "gt.txt:1: column 8"),
    ],
)  # fmt: skip
def test_bad_input(
    vbench: Command,
    files: tuple[Path, Path],
    truth: str | None,
    results: str,
    options: list[str],
    what: str,
    where: str,
) -> None:
    if truth is None:
        files[0].unlink()
    else:
        files[0].write_text(truth)
    files[1].write_text(results)
    answer = vbench("evaluate", "mot", *files, *options)
    assert answer.code == 2
    assert answer.stdout == ""
    found, place, todo = answer.one_error()
    assert found == what
    assert place.endswith(where)
    assert todo
