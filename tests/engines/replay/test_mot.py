from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tests.engines.replay.contexts import context_of
from vbench.engines.replay.mot import read_mot
from vbench.engines.replay.results import ReplayedResults
from vbench.errors import ExitCode, TruthError

TWO = ("person", "forklift")


def read(tmp_path: Path, text: str, class_names: tuple[str, ...] = ("person",)) -> ReplayedResults:
    path = tmp_path / "dock.txt"
    path.write_text(text)
    return read_mot(context_of(path, frame_base=1, class_names=class_names))


def test_reads_rows_in_file_order(tmp_path: Path) -> None:
    results = read(tmp_path, "3,7,10,20,30,40,0.5,2,1\n1,-1,0.5,0,2,2,0.9,1,1\n", TWO)
    assert results.frame_index.tolist() == [2, 0]
    assert results.track_id.tolist() == [7, -1]
    assert results.boxes_xyxy.tolist() == [[10, 20, 40, 60], [0.5, 0, 2.5, 2]]
    assert results.scores.tolist() == [0.5, 0.9]
    assert results.class_index.tolist() == [1, 0]


@pytest.mark.parametrize("row", ["1,1,0,0,5,5", "1,1,0,0,5,5,-1", "1,1,0,0,5,5,-1,-1,-1,-1"])
def test_no_score_means_one(tmp_path: Path, row: str) -> None:
    results = read(tmp_path, row + "\n")
    assert results.scores.tolist() == [1.0]
    assert results.class_index.tolist() == [0]


def test_empty_file_has_no_results(tmp_path: Path) -> None:
    assert len(read(tmp_path, "\n")) == 0


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("1,1,0,0,5,5,0.5\n11,1,0,0,5,5,0.5\n", 2, 'results are for frame 11.*"dock".*1 to 10'),
        ("0,1,0,0,5,5,0.5\n", 1, "results are for frame 0.*frames 1 to 10"),
        ("1.5,1,0,0,5,5,0.5\n", 1, "frame is 1.5, expected a whole number"),
        ("1,1.5,0,0,5,5,0.5\n", 1, "identity is 1.5, expected a whole number"),
        ("1,1,0,0,-5,5,0.5\n", 1, "box has size -5 x 5 px"),
        ("\n1,1,0,0,5,5,1.5\n", 2, "score is 1.5, expected 0 to 1.*divide percentages"),
        ("1,1,0,0,5,5,-0.5\n", 1, "score is -0.5"),
        ("1,1,0,0,5,5,0.5\n1,2,0,0,5,5,-1\n", 2, "has no score, but other rows"),
        ("1,1,0,0,5,5,nan\n", 1, "column 7.*nan"),
        ("1,1,0,0,inf,5,0.5\n", 1, "column 5.*inf"),
        ("1,1,0,0,5,five,0.5\n", 1, 'column 6: "five" is not a number'),
        ("1,1,0,0,5\n", 1, "5 numbers, expected 6 to 10"),
        ("1,4,0,0,5,5,0.5\n1,4,9,9,5,5,0.5\n", 2, "identity 4 appears twice"),
        ("1,1,0,0,5,5,0.5,2\n", 1, "class is 2.*numbers 1 to 1"),
        ("1,1,0,0,5,5,0.5,1.5\n", 1, "class is 1.5, expected a whole number"),
    ],
)
def test_bad_rows_are_named(tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises(TruthError, match=rf"dock\.txt:{line}\b.*{message}") as caught:
        read(tmp_path, text)
    assert caught.value.exit_code == ExitCode.INPUT


def test_class_is_needed_where_there_are_several(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match=r"dock\.txt:2: has no class, but the pipeline lists 2"):
        read(tmp_path, "1,1,0,0,5,5,0.5,1\n1,2,0,0,5,5,0.5,-1\n", TWO)
    with pytest.raises(TruthError, match=r"dock\.txt:1: class is 0.*numbers 1 to 2"):
        read(tmp_path, "1,1,0,0,5,5,0.5,0\n", TWO)


def test_json_in_its_place_is_recognised(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match=re.escape("is JSON")):
        read(tmp_path, '[{"image_id": 1}]\n')


def test_many_rows(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    n = 20_000
    rows = np.column_stack(
        [np.sort(rng.integers(1, 11, n)), np.full(n, -1), rng.random((n, 4)) * 100, rng.random(n)]
    )
    path = tmp_path / "dock.txt"
    np.savetxt(path, rows, delimiter=",", fmt="%.6f")
    results = read_mot(context_of(path, frame_base=1))
    np.testing.assert_allclose(results.scores, rows[:, 6], atol=1e-6)
    np.testing.assert_array_equal(results.frame_index, rows[:, 0] - 1)
