from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.golden.sets import line_of, truth_context
from vbench.errors import TruthError
from vbench.golden.formats import read_truth

Document = dict[str, Any]


def document() -> Document:
    return {
        "images": [
            {"id": 5, "frame_index": 9, "width": 640, "height": 480},
            {"id": 3, "frame_index": 0, "width": 640, "height": 480},
        ],
        "categories": [{"id": 1, "name": "person"}, {"id": 7, "name": "forklift"}],
        "annotations": [
            {
                "id": 1,
                "image_id": 5,
                "category_id": 7,
                "bbox": [10, 20, 30, 40.5],
                "track_id": 4,
                "attributes": {"occluded": True, "view": "side", "none": None},
            },
            {
                "id": 2,
                "image_id": 3,
                "category_id": 1,
                "bbox": [0, 0, 9, 9],
                "iscrowd": 1,
                "attributes": {"track_id": 2},
            },
            {"id": 3, "image_id": 3, "category_id": 1, "bbox": [1, 1, 9, 9], "ignore": 1},
        ],
    }


def write(folder: Path, data: object) -> Path:
    path = folder / "truth.json"
    path.write_text(json.dumps(data, indent=1))
    return path


def test_columns(tmp_path: Path) -> None:
    truth = read_truth(write(tmp_path, document()), "coco", truth_context())
    assert truth.frame_index.tolist() == [0, 0, 9]
    assert truth.boxes_xyxy.tolist() == [[0, 0, 9, 9], [1, 1, 10, 10], [10, 20, 40, 60.5]]
    assert truth.class_id.tolist() == [0, 0, 1]
    assert truth.track_id.tolist() == [2, -1, 4]
    assert truth.ignore.tolist() == [False, True, False]
    assert truth.crowd.tolist() == [True, False, False]
    tags = {tag.key: tag.values.tolist() for tag in truth.tags}
    assert tags == {"occluded": ["", "", "true"], "view": ["", "", "side"]}


def test_one_based_frames(tmp_path: Path) -> None:
    data = document()
    data["images"][1]["frame_index"] = 1
    truth = read_truth(write(tmp_path, data), "coco", truth_context(frame_base=1))
    assert truth.frame_index.tolist() == [0, 0, 8]


def test_images_by_order_of_id_only_where_all_frames_have_one(tmp_path: Path) -> None:
    data = document()
    for image in data["images"]:
        del image["frame_index"]
    truth = read_truth(write(tmp_path, data), "coco", truth_context(n_frames=2))
    assert truth.frame_index.tolist() == [0, 0, 1]
    with pytest.raises(TruthError, match="2 images for the 10 frames"):
        read_truth(write(tmp_path, data), "coco", truth_context())


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("how", ["video", "video_id", "file_name"])
def test_one_file_for_several_clips(tmp_path: Path, how: str, shared: bool) -> None:
    data = document()
    data["videos"] = [{"id": 1, "name": "videos/day.mp4"}, {"id": 2, "name": "night"}]
    names: dict[str, tuple[object, object]] = {
        "video": ("day.mp4", "night"),
        "video_id": (1, 2),
        "file_name": ("day/0009.jpg", "set/night/0000.jpg"),
    }
    data["images"][0][how], data["images"][1][how] = names[how]
    path = write(tmp_path, data)
    day = read_truth(path, "coco", truth_context(shared=shared))
    assert day.frame_index.tolist() == [9]
    context = truth_context(clip_id="night", media_name="n.mp4", shared=shared)
    assert read_truth(path, "coco", context).frame_index.tolist() == [0, 0]


def test_a_shared_file_must_name_the_clip(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match='no image is of clip "day"'):
        read_truth(write(tmp_path, document()), "coco", truth_context(shared=True))


def test_the_declared_size_must_be_that_of_the_media_or_stated(tmp_path: Path) -> None:
    path = write(tmp_path, document())
    with pytest.raises(TruthError) as caught:
        read_truth(path, "coco", truth_context(size=(320, 120)))
    assert caught.value.what == "the truth was drawn in 640x480, the media is 320x120"
    assert caught.value.hint == "set `truth_size: [640, 480]` in golden.yaml"
    truth = read_truth(path, "coco", truth_context(size=(320, 120), truth_size=(640, 480)))
    assert truth.boxes_xyxy[2].tolist() == [5, 5, 20, 15.125]
    with pytest.raises(TruthError, match=r"truth_size in golden\.yaml is 641x480"):
        read_truth(path, "coco", truth_context(truth_size=(641, 480)))


def _set(*path_and_value: Any) -> Callable[[Document], None]:
    *path, last, value = path_and_value

    def change(data: Document) -> None:
        here: Any = data
        for part in path:
            here = here[part]
        here[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "key", "what"),
    [
        (_set("images", 0, "frame_index", 10), "annotations[0].image_id", "for frame 10 but"),
        (_set("images", 0, "frame_index", 0), "images[1].frame_index", "image 5 is for frame 0"),
        (_set("images", 0, "frame_index", 1.5), "images[0].frame_index", "not a whole number"),
        (_set("images", 0, "id", 3), "images[1].id", "id 3 is given twice"),
        (_set("images", {}), "images", "is an object, expected a list"),
        (_set("annotations", 1, []), "annotations[1]", "is a list, expected an object"),
        (_set("annotations", 1, "image_id", 99), "annotations[1].image_id", "no image has the id"),
        (_set("annotations", 1, "category_id", 9), "annotations[1].category_id", "no category"),
        (_set("annotations", 1, "bbox", [1, 2, 3]), "annotations[1].bbox", "not a list [x, y"),
        (_set("annotations", 1, "bbox", 2, -1), "annotations[1].bbox", "negative size -1 x 9"),
        (_set("annotations", 2, "bbox", 2, "9"), "annotations[2].bbox[2]", "expected a number"),
        (
            _set("annotations", 2, "bbox", 2, float("nan")),
            "annotations[2].bbox[2]",
            "is not a finite number",
        ),
        (_set("annotations", 0, "bbox", 0, 999), "annotations[0].bbox", "completely outside"),
        (_set("annotations", 0, "track_id", 1.5), "annotations[0].track_id", "not a whole"),
        (_set("annotations", 0, "track_id", 10**400), "annotations[0].track_id", "finite"),
        (_set("annotations", 0, "iscrowd", 2), "annotations[0].iscrowd", "not 0 or 1"),
        (_set("annotations", 2, "track_id", 2), "annotations[2].track_id", "twice on frame 0"),
        (_set("categories", 1, "name", "forklfit"), "categories[1].name", "not in the taxonomy"),
    ],
)
def test_bad_values_are_named(
    tmp_path: Path, change: Callable[[Document], None], key: str, what: str
) -> None:
    data = document()
    change(data)
    path = write(tmp_path, data)
    with pytest.raises(TruthError) as caught:
        read_truth(path, "coco", truth_context())
    assert caught.value.where.startswith(f"{path}:")
    assert caught.value.where.endswith(f": {key}")
    assert what in caught.value.what


def test_the_line_is_that_of_the_value(tmp_path: Path) -> None:
    data = document()
    data["annotations"][0]["attributes"]["note"] = 'tricky "]}, text'
    data["annotations"][1]["category_id"] = 99
    path = write(tmp_path, data)
    with pytest.raises(TruthError) as caught:
        read_truth(path, "coco", truth_context())
    assert f":{line_of(path.read_text(), '99')}: " in caught.value.where


def test_an_unused_category_needs_no_class(tmp_path: Path) -> None:
    data = document()
    data["categories"].append({"id": 8, "name": "zebra"})
    assert len(read_truth(write(tmp_path, data), "coco", truth_context())) == 3


def test_categories_are_mapped(tmp_path: Path) -> None:
    context = truth_context(classes=("human",), truth_classes={"person": "human"})
    data = document()
    del data["annotations"][0]
    assert read_truth(write(tmp_path, data), "coco", context).class_id.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[]", "is a list of results"),
        ("7", "is not a JSON object"),
        ("{}", 'key "images" is missing'),
        ('{"images": [], "annotations": []}', 'key "categories" is missing'),
        ("1,1,2,3,4,5", "not valid JSON"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "truth.json"
    path.write_text(text)
    with pytest.raises(TruthError, match=what) as caught:
        read_truth(path, "coco", truth_context())
    assert caught.value.where.startswith(f"{path}:1")
