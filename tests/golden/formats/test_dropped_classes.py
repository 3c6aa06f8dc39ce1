"""``truth_classes: {name: null}`` leaves boxes out, in every format and before they are checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.golden.formats.test_coco import document
from tests.golden.formats.test_xml_formats import CVAT, VOC, cvat_file, voc_folder
from tests.golden.sets import HEADER, truth_context
from vbench.config.golden_file import TruthFormat
from vbench.errors import TruthError
from vbench.golden.formats import read_truth
from vbench.types import Truth


def read(path: Path, truth_format: TruthFormat, truth_classes: Mapping[str, str | None]) -> Truth:
    base = 1 if truth_format == "mot" else 0
    context = truth_context(classes=("person",), frame_base=base, truth_classes=truth_classes)
    return read_truth(path, truth_format, context)


def test_mot_as_in_mot17(tmp_path: Path) -> None:
    # 1 pedestrian, 8 distractor, 12 reflection; the dropped rows are beyond the clip, without
    # area, and share a track id and frame with a kept row.
    rows = ["1,1,10,20,30,40,1,1,1", "99,2,10,20,30,40,1,8,1", "1,3,10,20,0,40,1,12,1"]
    (tmp_path / "gt.txt").write_text("\n".join([*rows, "1,1,5,5,9,9,0,8,1", "2,1,11,20,30,40,1,1"]))
    classes = {"1": "person", "8": None, "12": None}
    truth = read(tmp_path / "gt.txt", "mot", classes)
    assert truth.frame_index.tolist() == [0, 1]
    assert truth.track_id.tolist() == [1, 1]
    assert truth.class_id.tolist() == [0, 0]


def test_mot_without_a_class_number(tmp_path: Path) -> None:
    (tmp_path / "gt.txt").write_text("1,1,1,2,3,4,1,-1,-1\n1,2,1,2,3,4,1,1,1\n")
    truth = read(tmp_path / "gt.txt", "mot", {"1": "person", "-1": None})
    assert truth.track_id.tolist() == [2]


def test_errors_in_kept_rows_still_name_their_line(tmp_path: Path) -> None:
    (tmp_path / "gt.txt").write_text("1,1,1,2,3,4,1,8\n1,2,1,2,3,4,1,8\n1,3,1,2,-3,4,1,1\n")
    with pytest.raises(TruthError, match="negative size") as caught:
        read(tmp_path / "gt.txt", "mot", {"1": "person", "8": None})
    assert caught.value.where == f"{tmp_path / 'gt.txt'}:3: column 3"


def test_a_class_that_is_neither_mapped_nor_dropped_is_told_of_both(tmp_path: Path) -> None:
    (tmp_path / "gt.txt").write_text("1,1,1,2,3,4,1,8\n")
    with pytest.raises(TruthError, match="not in the taxonomy") as caught:
        read(tmp_path / "gt.txt", "mot", {"1": "person"})
    assert '{"8": person}' in caught.value.hint
    assert '{"8": null}' in caught.value.hint


def test_coco(tmp_path: Path) -> None:
    data = document()
    names = {item["id"]: item["name"] for item in data["categories"]}
    kept = [item for item in data["annotations"] if names[item["category_id"]] == "person"]
    assert 0 < len(kept) < len(data["annotations"])
    (tmp_path / "truth.json").write_text(json.dumps(data))
    truth = read(tmp_path / "truth.json", "coco", {"forklift": None, "zebra": None})
    assert len(truth) == len(kept)
    assert set(truth.class_id.tolist()) == {0}
    assert all(len(tag.values) == len(kept) for tag in truth.tags)


def test_yolo(tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "3.txt").write_text("0 0.5 0.5 0.25 0.5\n7 0.1 0.1 0.1 0.1\n")
    (tmp_path / "labels" / "4.txt").write_text("7 0.5 0.5 0 0\n0 0.1 0.1 0.1 0.1\n")
    truth = read(tmp_path / "labels", "yolo", {"0": "person", "7": None})
    assert truth.frame_index.tolist() == [3, 4]
    assert truth.boxes_xyxy[0].tolist() == [240, 120, 400, 360]


def test_voc(tmp_path: Path) -> None:
    truth = read(voc_folder(tmp_path, VOC), "voc", {"forklift": None})
    assert truth.boxes_xyxy.tolist() == [[10, 20.5, 50, 100]]


def test_cvat_drops_tracks_of_other_shapes_too(tmp_path: Path) -> None:
    text = CVAT.replace(
        "</annotations>",
        '<track id="9" label="zone"><polygon frame="0" points="1,1;2,2"/></track></annotations>',
    )
    truth = read(cvat_file(tmp_path, text), "cvat", {"forklift": None, "zone": None})
    assert truth.track_id.tolist() == [3]


def test_vbench(tmp_path: Path) -> None:
    head = HEADER.replace("crowd\n", "crowd,occluded\n")
    (tmp_path / "t.csv").write_text(
        f"{head}0,pallet,1,0,0,9,9,0,0,true\n5,person,1,0,0,9,9,0,0,false\n"
    )
    truth = read(tmp_path / "t.csv", "vbench", {"pallet": None})
    assert truth.frame_index.tolist() == [5]
    assert truth.tags[0].values.tolist() == ["false"]


def test_all_boxes_dropped_leaves_an_empty_clip(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"{HEADER}0,pallet,1,0,0,9,9,0,0\n")
    assert len(read(tmp_path / "t.csv", "vbench", {"pallet": None})) == 0
