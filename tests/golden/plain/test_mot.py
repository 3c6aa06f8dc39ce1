"""MOT files and arrays as tracks, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vbench.errors import TruthError
from vbench.golden.plain.mot import mot_array, read_mot_file


def written(folder: Path, text: str) -> Path:
    path = folder / "mot.txt"
    path.write_text(text)
    return path


def test_columns(tmp_path: Path) -> None:
    path = written(tmp_path, "1,7,10,20,30,40,0,8,0.5\n2,7,11,21,30,40,1,1,1\n")
    boxes = read_mot_file(path).boxes
    assert boxes.tracks.frame_index.tolist() == [0, 1]
    assert boxes.tracks.track_id.tolist() == [7, 7]
    assert boxes.tracks.boxes_xyxy.tolist() == [[10, 20, 40, 60], [11, 21, 41, 61]]
    assert boxes.zero_marked.tolist() == [True, False]
    assert boxes.class_number.tolist() == [8, 1]


def test_rows_in_track_order_as_in_mot17(tmp_path: Path) -> None:
    path = written(tmp_path, "1,5,0,0,9,9\n3,5,1,0,9,9\n1,2,2,0,9,9\n3,2,3,0,9,9\n")
    table = read_mot_file(path)
    tracks = table.boxes.tracks
    assert tracks.frame_index.tolist() == [0, 0, 2, 2]
    assert tracks.track_id.tolist() == [5, 2, 5, 2]
    assert tracks.boxes_xyxy[:, 0].tolist() == [0, 2, 1, 3]
    assert table.where(1, 0) == f"{path}:3: column 1"


@pytest.mark.parametrize("row", ["1,1,0,0,9,9", "1,1,0,0,9,9,1", "1,1,0,0,9,9,1,-4.5,2.5,0"])
def test_files_without_class(tmp_path: Path, row: str) -> None:
    """Ten columns hold world coordinates, not a class."""
    boxes = read_mot_file(written(tmp_path, row + "\n")).boxes
    assert boxes.class_number.tolist() == [-1]
    assert boxes.zero_marked.tolist() == [False]


def test_an_empty_file_has_no_boxes(tmp_path: Path) -> None:
    assert len(read_mot_file(written(tmp_path, "\n")).boxes.tracks) == 0


GOOD = "1,1,0,0,9,9,1,1,1\n"


@pytest.mark.parametrize(
    ("row", "what", "column"),
    [
        ("0,1,0,0,9,9,1,1,1", "frame 0: frames count from 1 here", 1),
        ("1.5,1,0,0,9,9,1,1,1", "frame 1.5 is not a whole number", 1),
        ("1,2.5,0,0,9,9,1,1,1", "track id 2.5 is not a whole number", 2),
        ("1,-1,0,0,9,9,1,1,1", "track id -1 is negative: the box has no identity", 2),
        ("1,2,0,0,-9,9,1,1,1", "box has the negative size -9 x 9", 5),
        ("1,2,0,0,9,9,1,1.5,1", "class 1.5 is not a whole number", 8),
        ("1,1,5,5,9,9,1,1,1", "track 1 is twice in frame 1", 2),
        ("1,2,0,0,nan,9,1,1,1", "nan is not a finite number", 5),
        ("1,2,0,0,x,9,1,1,1", '"x" is not a number', 5),
    ],
)
def test_refusals_name_line_and_column(tmp_path: Path, row: str, what: str, column: int) -> None:
    path = written(tmp_path, GOOD + row + "\n")
    with pytest.raises(TruthError) as caught:
        read_mot_file(path)
    assert caught.value.what == what
    assert caught.value.where == f"{path}:2: column {column}"


def test_arrays() -> None:
    rows = np.array([[2.0, 1, 0, 0, 5, 5], [1.0, 1, 0, 0, 5, 5]])
    assert mot_array(rows, "truth").boxes.tracks.frame_index.tolist() == [0, 1]
    rows[1, 1] = -1
    with pytest.raises(TruthError, match="no identity") as caught:
        mot_array(rows, "truth")
    assert caught.value.where == "truth: row 1: column 2"
    rows[0, 4] = np.nan
    with pytest.raises(TruthError, match="not a finite number"):
        mot_array(rows, "truth")
    with pytest.raises(TruthError, match="shape"):
        mot_array(rows[:, :5], "truth")
    with pytest.raises(TruthError, match="shape"):
        mot_array(rows[0], "truth")


def test_an_array_is_not_changed() -> None:
    rows = np.array([[1.0, 1, 3, 4, 5, 6]])
    mot_array(rows, "truth")
    assert rows.tolist() == [[1.0, 1, 3, 4, 5, 6]]
