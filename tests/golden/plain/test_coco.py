"""COCO files as columns, and every way in which they can be wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vbench.errors import TruthError
from vbench.golden.plain.coco import read_coco_results, read_coco_truth

Record = dict[str, object]


def truth_document() -> dict[str, list[Record]]:
    return {
        "images": [{"id": 7, "file_name": "a.jpg"}, {"id": 3, "file_name": "b.jpg"}],
        "categories": [{"id": 2, "name": "person"}],
        "annotations": [
            {"id": 5, "image_id": 7, "category_id": 2, "bbox": [1, 2, 3, 4], "area": 9.5}
            | {"iscrowd": 1, "segmentation": {"counts": "a}b", "size": [1, 2]}},
            {"id": 0, "image_id": 3, "category_id": 2, "bbox": [1.5, 2, 3, 4], "area": 12}
            | {"iscrowd": 0, "ignore": True},
        ],
    }


def result(**changes: object) -> Record:
    return {"image_id": 7, "category_id": 2, "bbox": [1, 2, 3, 4.5], "score": 0.5} | changes


def write(folder: Path, document: object) -> Path:
    path = folder / "coco.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def test_truth(tmp_path: Path) -> None:
    path = write(tmp_path, truth_document())
    truth = read_coco_truth(path)
    assert truth.image_ids.tolist() == [7, 3]
    assert truth.category_ids.tolist() == [2]
    assert truth.annotation_id.tolist() == [5, 0]
    assert truth.image_id.tolist() == [7, 3]
    assert truth.boxes_xywh.tolist() == [[1, 2, 3, 4], [1.5, 2, 3, 4]]
    assert truth.area_px2.tolist() == [9.5, 12.0]
    assert truth.crowd.tolist() == [True, False]
    assert truth.ignore.tolist() == [False, True]
    assert truth.source == str(path)


def test_what_truth_may_leave_out(tmp_path: Path) -> None:
    document = truth_document()
    for note in document["annotations"]:
        for field in ("id", "area", "iscrowd"):
            del note[field]
    truth = read_coco_truth(write(tmp_path, document))
    assert truth.annotation_id.tolist() == [1, 2]
    assert truth.area_px2.tolist() == [12.0, 12.0]
    assert truth.crowd.tolist() == [False, False]


def test_results(tmp_path: Path) -> None:
    records = [result(), result(score=1, track_id=4, segmentation=[])]
    results = read_coco_results(write(tmp_path, records))
    assert results.image_id.tolist() == [7, 7]
    assert results.scores.tolist() == [0.5, 1.0]
    assert results.boxes_xywh.tolist() == [[1, 2, 3, 4.5]] * 2
    assert results.boxes_xywh.dtype == np.float64


def test_numbers_are_those_of_python(tmp_path: Path) -> None:
    numbers = "0.1, 123456789.123456789, 1e-5, 4.35"
    text = f'[{{"image_id":1,"category_id":1,"bbox":[{numbers}],"score":0.30000000000000004}}]'
    results = read_coco_results(write(tmp_path, text))
    assert results.boxes_xywh[0].tolist() == json.loads(f"[{numbers}]")
    assert results.scores[0] == 0.30000000000000004


def test_a_byte_order_mark_and_blanks(tmp_path: Path) -> None:
    path = tmp_path / "coco.json"
    path.write_bytes(b"\xef\xbb\xbf \n []")
    assert len(read_coco_results(path)) == 0


def test_nan_is_read_for_a_message_that_names_it(tmp_path: Path) -> None:
    results = read_coco_results(write(tmp_path, [result(), result(score=float("nan"))]))
    assert np.isnan(results.scores[1])


def change_note(**changes: object) -> Callable[[dict[str, list[Record]]], object]:
    def change(document: dict[str, list[Record]]) -> object:
        note = document["annotations"][1]
        for field, value in changes.items():
            note[field] = value
            if value is DELETED:
                del note[field]
        return document

    return change


DELETED = object()

BAD_TRUTH: dict[str, tuple[Callable[[dict[str, list[Record]]], object], str, str]] = {
    "no images": (lambda d: {k: d[k] for k in d if k != "images"}, "`images` is missing", ""),
    "no categories": (lambda d: {k: d[k] for k in d if k != "categories"}, "is missing", ""),
    "results": (lambda d: [result()], "is a JSON list, as results are", ""),
    "a number": (lambda d: 3, "is no JSON document", ""),
    "no annotations": (lambda d: d | {"annotations": []}, "no annotations", ": annotations"),
    "float id": (
        change_note(image_id=3.0),
        "expected `int`, got `float`",
        ": annotations[1].image_id",
    ),
    "text id": (change_note(category_id="2"), "got `str`", ": annotations[1].category_id"),
    "huge id": (change_note(image_id=10**20), "too large", ": annotations[1].image_id"),
    "no box": (change_note(bbox=DELETED), "`bbox` is missing", ": annotations[1]"),
    "short box": (change_note(bbox=[1, 2, 3]), "length 4", ": annotations[1].bbox"),
    "text in box": (change_note(bbox=[1, 2, 3, "4"]), "got `str`", ": annotations[1].bbox[3]"),
    "crowd of 2": (change_note(iscrowd=2), "is 2, expected 0 or 1", ": annotations[1].iscrowd"),
    "half a file": (lambda d: json.dumps(d)[:200], "not valid JSON", ":1: column"),
    "empty file": (lambda d: "", "is empty, expected truth", ""),
    "other text": (lambda d: "1,1,3,4,5,6,1,1,1\n", "is no JSON document", ""),
}


@pytest.mark.parametrize("name", BAD_TRUTH)
def test_bad_truth(name: str, tmp_path: Path) -> None:
    change, what, where = BAD_TRUTH[name]
    path = write(tmp_path, change(truth_document()))
    refused(lambda: read_coco_truth(path), what, f"{path}{where}")


BAD_RESULTS: dict[str, tuple[object, str, str]] = {
    "truth": (truth_document(), "is a JSON object, as truth is", ""),
    "segmentation only": (
        [result(), {"image_id": 7, "category_id": 2, "segmentation": {}, "score": 0.5}],
        "`bbox` is missing",
        ": [1]",
    ),
    "no score": ([{"image_id": 7, "category_id": 2, "bbox": [1, 2, 3, 4]}], "`score`", ": [0]"),
    "null score": ([result(score=None)], "expected `float`, got `null`", ": [0].score"),
    "true score": ([result(score=True)], "got `bool`", ": [0].score"),
    "float id": ([result(), result(category_id=2.5)], "got `float`", ": [1].category_id"),
    "not a record": ([result(), 3], "expected `object`, got `int`", ": [1]"),
    "wrong after NaN": ([result(score=float("nan")), result(bbox=3)], "got `int`", ": [1].bbox"),
    "half a file": (json.dumps([result()])[:-9], "not valid JSON", ":1: column"),
}


@pytest.mark.parametrize("name", BAD_RESULTS)
def test_bad_results(name: str, tmp_path: Path) -> None:
    document, what, where = BAD_RESULTS[name]
    path = write(tmp_path, document)
    refused(lambda: read_coco_results(path), what, f"{path}{where}")


@pytest.mark.parametrize("field", ["id", "area", "iscrowd"])
def test_strict_needs_what_pycocotools_needs(field: str, tmp_path: Path) -> None:
    path = write(tmp_path, change_note(**{field: DELETED})(truth_document()))
    read_coco_truth(path)
    refused(
        lambda: read_coco_truth(path, strict=True),
        f"`{field}` is missing, which pycocotools",
        f"{path}: annotations[1]",
    )


def test_strict_refuses_empty_results(tmp_path: Path) -> None:
    path = write(tmp_path, [])
    assert len(read_coco_results(path)) == 0
    refused(lambda: read_coco_results(path, strict=True), "holds no results", str(path))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    absent = tmp_path / "absent.json"
    refused(lambda: read_coco_truth(absent), "file not found", str(absent))
    refused(lambda: read_coco_truth(tmp_path), "is a folder", str(tmp_path))
    binary = tmp_path / "binary.json"
    binary.write_bytes(b'["\xff\xfe"]')
    refused(lambda: read_coco_results(binary), "", str(binary))


def test_deep_nesting(tmp_path: Path) -> None:
    path = write(tmp_path, "[" * 100_000)
    refused(lambda: read_coco_results(path), "", str(path))


def refused(read: Callable[[], object], what: str, where: str) -> None:
    with pytest.raises(TruthError) as caught:
        read()
    assert what in caught.value.what
    assert caught.value.where.startswith(where)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)
