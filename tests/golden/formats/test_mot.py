from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden.sets import truth_context
from vbench.errors import TruthError
from vbench.golden.formats import read_truth


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gt.txt"


def error_of(file: Path, text: str, **context: object) -> TruthError:
    file.write_text(text)
    with pytest.raises(TruthError) as caught:
        read_truth(file, "mot", truth_context(frame_base=1, **context))  # type: ignore[arg-type]
    return caught.value


def test_columns(file: Path) -> None:
    file.write_text("2,7,10.5,20,30,40,1,1,0.5\n1,7,1,2,3,4,0,2,1\n1,-1,5,6,7,8,1,1,0\n")
    context = truth_context(frame_base=1, truth_classes={"1": "person", "2": "forklift"})
    truth = read_truth(file, "mot", context)
    assert truth.frame_index.tolist() == [0, 0, 1]
    assert truth.boxes_xyxy.tolist() == [[1, 2, 4, 6], [5, 6, 12, 14], [10.5, 20, 40.5, 60]]
    assert truth.class_id.tolist() == [1, 0, 0]
    assert truth.track_id.tolist() == [7, -1, 7]
    assert truth.ignore.tolist() == [True, False, False]
    assert not truth.crowd.any()


def test_only_a_conf_of_zero_means_ignore(file: Path) -> None:
    file.write_text("1,1,1,2,3,4,-1\n1,2,1,2,3,4,0\n1,3,1,2,3,4,0.2\n")
    truth = read_truth(file, "mot", truth_context(classes=("person",), frame_base=1))
    assert truth.ignore.tolist() == [False, True, False]


def test_zero_based_frames(file: Path) -> None:
    file.write_text("0,1,1,2,3,4\n9,1,1,2,3,4\n")
    truth = read_truth(file, "mot", truth_context(classes=("person",), frame_base=0))
    assert truth.frame_index.tolist() == [0, 9]


def test_an_empty_file_has_no_boxes(file: Path) -> None:
    file.write_text("")
    assert len(read_truth(file, "mot", truth_context(frame_base=1))) == 0


@pytest.mark.parametrize(
    "row", ["1,3,1,2,3,4", "1,3,1,2,3,4,1", "1,3,1,2,3,4,1,-1,-1,-1", "1,3,1,2,3,4,1,7.5,8.1,0"]
)
def test_rows_without_class(file: Path, row: str) -> None:
    file.write_text(row)
    only = truth_context(classes=("person",), frame_base=1)
    assert read_truth(file, "mot", only).class_id.tolist() == [0]
    named = truth_context(frame_base=1, truth_class="forklift")
    assert read_truth(file, "mot", named).class_id.tolist() == [1]
    error = error_of(file, row)
    assert "several" in error.what
    assert "truth_class" in error.hint


def test_both_kinds_of_rows(file: Path) -> None:
    file.write_text("1,3,1,2,3,4,1,-1,-1,-1\n1,4,1,2,3,4,1,5,1\n")
    context = truth_context(frame_base=1, truth_class="person", truth_classes={"5": "forklift"})
    assert read_truth(file, "mot", context).class_id.tolist() == [0, 1]


def test_unmapped_class_number(file: Path) -> None:
    text = "1,3,1,2,3,4,1,1,1\n1,4,1,2,3,4,1,12,1\n"
    error = error_of(file, text, truth_classes={"1": "person"})
    assert error.where == f"{file}:2: column 8"
    assert error.what == 'class "12" is not in the taxonomy'
    assert "truth_classes" in error.hint


@pytest.mark.parametrize(
    ("row", "where", "what"),
    [
        ("72,1,1,2,3,4", ":2: column 1", "truth is for frame 72"),
        ("0,1,1,2,3,4", ":2: column 1", "truth is for frame 0 but the first frame is 1"),
        ("1.5,1,1,2,3,4", ":2: column 1", "frame 1.5 is not a whole number"),
        ("1e300,1,1,2,3,4", ":2: column 1", "is not a whole number"),
        ("2,1.5,1,2,3,4", ":2: column 2", "track id 1.5 is not a whole number"),
        ("2,-3,1,2,3,4", ":2: column 2", "track id -3 is negative"),
        ("1,1,1,2,3,4", ":2: column 2", "track 1 is twice on frame 1"),
        ("2,1,1,2,-3,4", ":2: column 3", "box has the negative size -3 x 4"),
        ("2,1,1,2,3,-4", ":2: column 3", "box has the negative size 3 x -4"),
        ("2,1,1,2,0,4", ":2: column 3", "it can never be found"),
        ("2,1,640,2,3,4", ":2: column 3", "completely outside the 640x480 frame"),
        ("2,1,1,480,3,4", ":2: column 3", "completely outside"),
        ("2,1,-4,2,4,4", ":2: column 3", "completely outside"),
        ("2,1,1,-9,3,4", ":2: column 3", "completely outside"),
        ("2,1,nan,2,3,4", ":2: column 3", "nan is not a finite number"),
        ("2,1,1,2,inf,4", ":2: column 5", "inf is not a finite number"),
        ("2,1,1,2,x,4", ":2: column 5", '"x" is not a number'),
        ("2,1,1,2,3", ":2", "the row has 5 numbers, expected 6 to 10"),
        ("2,1,1,2,3,4,5,6,7,8,9", ":2", "the row has 11 numbers, expected 6 to 10"),
        ("2,2,1,2,3,4,1,1.5", ":2: column 8", "class 1.5 is not a whole number"),
    ],
)
def test_bad_rows_are_named(file: Path, row: str, where: str, what: str) -> None:
    error = error_of(file, f"1,1,1,2,3,4\n{row}\n", classes=("person",))
    assert error.where == f"{file}{where}"
    assert what in error.what


def test_truth_beyond_the_last_frame_asks_for_the_base(file: Path) -> None:
    error = error_of(file, "12,1,1,2,3,4\n11,2,1,2,3,4\n", classes=("person",))
    assert error.where == f"{file}:1: column 1"
    assert error.what == (
        'truth is for frame 12 but clip "day" has 10 frames, the last is 10; 2 such rows'
    )
    assert error.hint == "frames count from 1 here; is truth_frame_base right?"


def test_every_kind_of_problem_in_one_message(file: Path) -> None:
    message = str(error_of(file, "11,1,1,2,3,4\n1,2,1,2,-3,4\n", classes=("person",)))
    first, second = message.splitlines()
    assert first.startswith(f"{file}:1: column 1: truth is for frame 11")
    assert second.startswith(f"{file}:2: column 3: box has the negative size")


def test_other_formats_are_refused_by_name(file: Path) -> None:
    assert "is JSON" in error_of(file, '{"images": []}').what
    assert "is XML" in error_of(file, "<annotations></annotations>").what
    assert '"frame" is not a number' in error_of(file, "frame,class,track_id,x1,y1,x2,y2").what


def test_boxes_are_scaled_on_both_axes(file: Path) -> None:
    file.write_text("1,1,100,100,50,200\n")
    context = truth_context(classes=("person",), frame_base=1, truth_size=(1280, 720))
    truth = read_truth(file, "mot", context)
    assert truth.boxes_xyxy[0].tolist() == pytest.approx([50, 200 / 3, 75, 200])


def test_boxes_that_reach_outside_stay_as_they_are(file: Path) -> None:
    file.write_text("1,1,-10,-20,50,60\n")
    truth = read_truth(file, "mot", truth_context(classes=("person",), frame_base=1))
    assert truth.boxes_xyxy.tolist() == [[-10, -20, 40, 40]]


def test_ignored_boxes_may_be_outside_but_not_negative(file: Path) -> None:
    file.write_text("1,1,700,20,50,60,0\n1,2,1,1,0,0,0\n")
    truth = read_truth(file, "mot", truth_context(classes=("person",), frame_base=1))
    assert truth.ignore.tolist() == [True, True]
    assert "negative size" in error_of(file, "1,1,1,1,-2,3,0", classes=("person",)).what


def test_the_same_frame_keeps_file_order(file: Path) -> None:
    file.write_text("".join(f"{1 + k % 2},{99 - k},{k},2,3,4\n" for k in range(60)))
    truth = read_truth(file, "mot", truth_context(classes=("person",), frame_base=1))
    assert truth.boxes_xyxy[:, 0].tolist() == [*range(0, 60, 2), *range(1, 60, 2)]
