from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.engines.replay.contexts import context_of
from vbench.engines.replay.coco import read_coco
from vbench.engines.replay.results import ReplayedResults
from vbench.errors import TruthError

TWO = ("person", "forklift")


def row(**changed: object) -> dict[str, object]:
    result: dict[str, object] = {
        "image_id": 3,
        "category_id": 1,
        "bbox": [1, 2, 3.5, 4],
        "score": 0.25,
    }
    return result | changed


def read(tmp_path: Path, document: object, frame_base: int = 0) -> ReplayedResults:
    path = tmp_path / "dock.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return read_coco(context_of(path, frame_base=frame_base, class_names=TWO))


def test_reads_a_list(tmp_path: Path) -> None:
    results = read(tmp_path, [row(), row(image_id=0, category_id=2, score=1)])
    assert results.frame_index.tolist() == [3, 0]
    assert results.boxes_xyxy.tolist() == [[1, 2, 4.5, 6], [1, 2, 4.5, 6]]
    assert results.scores.tolist() == [0.25, 1.0]
    assert results.class_index.tolist() == [0, 1]
    assert results.track_id.tolist() == [-1, -1]


def test_frame_base_and_tracks(tmp_path: Path) -> None:
    results = read(tmp_path, [row(image_id=1, track_id=7), row(image_id=10)], frame_base=1)
    assert results.frame_index.tolist() == [0, 9]
    assert results.track_id.tolist() == [7, -1]


@pytest.mark.parametrize("key", ["annotations", "predictions"])
def test_reads_a_mapping(tmp_path: Path, key: str) -> None:
    assert read(tmp_path, {key: [row()]}).frame_index.tolist() == [3]


@pytest.mark.parametrize("frame_key", ["frame_index", "frame_id"])
def test_images_and_categories_say_what_ids_mean(tmp_path: Path, frame_key: str) -> None:
    # With frame_base 1, frame_id 6 is the sixth frame; frame_index counts from 0 always.
    number = 5 if frame_key == "frame_index" else 6
    document = {
        "images": [{"id": 70, frame_key: number}, {"id": 71, frame_key: number + 1}],
        "categories": [{"id": 9, "name": "forklift"}, {"id": 4, "name": "person"}],
        "annotations": [row(image_id=71, category_id=4), row(image_id=70, category_id=9)],
    }
    results = read(tmp_path, document, frame_base=1)
    assert results.frame_index.tolist() == [6, 5]
    assert results.class_index.tolist() == [0, 1]


@pytest.mark.parametrize("empty", [[], {"annotations": []}])
def test_empty_results(tmp_path: Path, empty: object) -> None:
    assert len(read(tmp_path, empty)) == 0


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([row(), row(image_id=10)], r"\[1\]: results are for frame 10.*frames 0 to 9"),
        ([row(image_id="3")], r'\[0\]: image_id is "3", expected a number'),
        ([row(image_id=True)], r"\[0\]: image_id is true, expected a number"),
        ([row(image_id=[3])], r"\[0\]: image_id is \[3\], expected a number"),
        ([row(image_id=2.5)], "frame is 2.5"),
        ([row(), {"image_id": 1}], r"\[1\]: category_id is missing"),
        ([row(category_id=3)], r"\[0\]: class is 3.*numbers 1 to 2"),
        ([row(category_id=0)], r"\[0\]: class is 0.*from number 1"),
        ([row(bbox=[1, 2, 3])], r"\[0\]: bbox is \[1, 2, 3\], expected a list of 4"),
        ([row(), row(bbox=[1, 2, 3])], r"\[1\]: bbox is"),
        ([row(bbox=[1, 2, 3, None])], r"\[0\]: bbox is \[1, 2, 3, null\]"),
        ([row(bbox=[1, 2, -3, 4])], r"\[0\]: box has size -3 x 4 px"),
        ([row(bbox=[1, 2, float("inf"), 4])], "is not finite"),
        ([row(score=float("nan"))], "score is nan, expected 0 to 1"),
        ([row(score=87)], "divide percentages by 100"),
        ([row(score=None)], "score is null, expected a number"),
        ([row(track_id=1), row(track_id=1)], r"\[1\]: identity 1 appears twice"),
        ([3], r"\[0\]: is not a JSON mapping"),
        ("[{", r"dock\.json:1: not valid JSON"),
        ("[\n{},\n}\n]", r"dock\.json:3: not valid JSON"),
        ({"results": []}, "mapping with no results"),
        ({"annotations": [], "predictions": []}, "annotations and predictions"),
        ({"annotations": 3}, "annotations: is not a JSON list"),
        (3, r"dock\.json: is not a JSON list"),
        ({"annotations": [row()], "images": [{"id": 3}]}, "does not say which frame"),
        (
            {"annotations": [row()], "images": [{"id": 4, "frame_index": 0}]},
            r"annotations\[0\]: image_id 3 is not in `images`",
        ),
        (
            {"annotations": [row()], "categories": [{"id": 1, "name": "persn"}]},
            'class "persn" is not in.*did you mean "person"',
        ),
        (
            {"annotations": [], "categories": [{"id": 1}, {"id": 1}]},
            "categories: an id is given twice",
        ),
    ],
)
def test_bad_input_is_named(tmp_path: Path, document: object, message: str) -> None:
    with pytest.raises(TruthError, match=message):
        read(tmp_path, document)
