from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.golden.sets import truth_context
from vbench.errors import TruthError
from vbench.golden.formats import read_truth


def write(folder: Path, files: Mapping[str, str]) -> Path:
    labels = folder / "labels"
    labels.mkdir()
    for name, text in files.items():
        (labels / name).write_text(text)
    return labels


def test_a_file_per_frame(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {
            "clip_000009.txt": "1 0.5 0.5 0.25 0.5\n",
            "clip_000002.txt": "0 0.25 0.5 0.5 1\n\n1 0.5 0.5 1 1\n",
            "clip_000004.txt": "",
        },
    )
    truth = read_truth(folder, "yolo", truth_context())
    assert truth.frame_index.tolist() == [2, 2, 9]
    assert truth.class_id.tolist() == [0, 1, 1]
    assert truth.boxes_xyxy.tolist() == [[0, 0, 320, 480], [0, 0, 640, 480], [240, 120, 400, 360]]
    assert truth.track_id.tolist() == [-1, -1, -1]


def test_one_based_frames_and_bare_numbers(tmp_path: Path) -> None:
    folder = write(tmp_path, {"1.txt": "0 .5 .5 .5 .5", "10.txt": "0 .5 .5 .5 .5"})
    truth = read_truth(folder, "yolo", truth_context(frame_base=1))
    assert truth.frame_index.tolist() == [0, 9]


def test_fractions_do_not_depend_on_the_size_drawn_in(tmp_path: Path) -> None:
    folder = write(tmp_path, {"1.txt": "0 0.5 0.5 0.5 0.5"})
    plain = read_truth(folder, "yolo", truth_context())
    drawn = read_truth(folder, "yolo", truth_context(truth_size=(1280, 720)))
    assert drawn.boxes_xyxy.tolist() == plain.boxes_xyxy.tolist() == [[160, 120, 480, 360]]


def test_class_numbers_by_map_then_list_then_taxonomy(tmp_path: Path) -> None:
    folder = write(tmp_path, {"1.txt": "1 0.5 0.5 0.5 0.5"})
    assert read_truth(folder, "yolo", truth_context()).class_id.tolist() == [1]
    (folder / "classes.txt").write_text("forklift\nperson\n")
    assert read_truth(folder, "yolo", truth_context()).class_id.tolist() == [0]
    mapped = truth_context(truth_classes={"1": "forklift"})
    assert read_truth(folder, "yolo", mapped).class_id.tolist() == [1]


def test_an_empty_folder_has_no_boxes(tmp_path: Path) -> None:
    assert len(read_truth(write(tmp_path, {}), "yolo", truth_context())) == 0
    assert len(read_truth(tmp_path / "labels", "voc", truth_context())) == 0


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("2 0.5 0.5 0.5 0.5", ":1: column 1", "class 2 does not exist: the taxonomy has 2"),
        ("0.5 0.5 0.5 0.5 0.5", ":1: column 1", "class 0.5 is not a whole number"),
        ("0 0.5 0.5 0.5", ":1", "the row has 4 numbers, expected 5"),
        ("0 0.5 0.5 0.5 0.5 0.9", ":1", "the row has 6 numbers, expected 5"),
        ("0 0.5 0.5 0.5 0.5\n0 320 240 64 48", ":2: column 2", "320 is not a fraction"),
        ("0 0.5 0.5 0.5 0.5\n0 1.5 0.5 0.5 0.5", ":2: column 2", "completely outside"),
        ("0 0.5 0.5 -0.5 0.5", ":1: column 2", "negative size"),
        ("0 nan 0.5 0.5 0.5", ":1: column 2", "nan is not a finite number"),
        ("0,0.5,0.5,0.5,0.5", ":1", "the row has 1 numbers"),
    ],
)
def test_bad_rows_are_named(tmp_path: Path, text: str, where: str, what: str) -> None:
    folder = write(tmp_path, {"0.txt": "0 .5 .5 .5 .5\n0 .5 .5 .2 .2\n", "3.txt": text})
    with pytest.raises(TruthError) as caught:
        read_truth(folder, "yolo", truth_context())
    assert caught.value.where == f"{folder / '3.txt'}{where}"
    assert what in caught.value.what


def test_a_file_beyond_the_last_frame(tmp_path: Path) -> None:
    folder = write(tmp_path, {"clip_10.txt": "0 .5 .5 .5 .5"})
    with pytest.raises(TruthError, match="truth is for frame 10") as caught:
        read_truth(folder, "yolo", truth_context())
    assert caught.value.where == str(folder / "clip_10.txt")


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"first.txt": ""}, "does not end in a frame number"),
        ({"a_1.txt": "", "b_01.txt": ""}, "is for frame 1, as a_1.txt is"),
        ({"000001.xml": ""}, "the folder holds no .txt file"),
    ],
)
def test_bad_folders_are_named(tmp_path: Path, files: dict[str, str], what: str) -> None:
    with pytest.raises(TruthError, match=what):
        read_truth(write(tmp_path, files), "yolo", truth_context())


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "gt.txt").write_text("")
    with pytest.raises(TruthError, match="is a file, expected a folder"):
        read_truth(tmp_path / "gt.txt", "yolo", truth_context())
    with pytest.raises(TruthError, match="folder not found"):
        read_truth(tmp_path / "absent", "yolo", truth_context())
