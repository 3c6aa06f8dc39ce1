"""`vbench evaluate coco`: numbers out, bad input refused by record and field with exit code 2."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.invoke import Command

NAMES = ["AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"]
Record = dict[str, object]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    golden, found = tmp_path / "gt.json", tmp_path / "dt.json"
    boxes = [[10, 10, 40, 40], [200, 200, 60, 60]]
    golden.write_text(
        json.dumps(
            {
                "images": [{"id": 1}, {"id": 2}],
                "categories": [{"id": 1, "name": "person"}],
                "annotations": [
                    {"id": k, "image_id": k + 1, "category_id": 1, "bbox": box}
                    | {"area": box[2] * box[3], "iscrowd": 0}
                    for k, box in enumerate(boxes)
                ],
            }
        )
    )
    found.write_text(
        json.dumps(
            [
                {"image_id": k + 1, "category_id": 1, "bbox": box, "score": 0.9 - k / 10}
                for k, box in enumerate(boxes)
            ]
        )
    )
    return golden, found


def test_json(files: tuple[Path, Path], vbench: Command) -> None:
    answer = vbench("evaluate", "coco", *files, "--json")
    assert (answer.code, answer.stderr) == (0, "")
    numbers = answer.json()
    assert list(numbers) == NAMES
    assert numbers["AP"] == pytest.approx(1.0)
    assert numbers["APs"] is None


def test_strict_gives_the_defects_too(files: tuple[Path, Path], vbench: Command) -> None:
    numbers = vbench("evaluate", "coco", *files, "--strict", "--json").json()
    assert list(numbers) == NAMES
    assert numbers["AR100"] == 0.5
    assert numbers["APs"] == -1.0


def test_table(files: tuple[Path, Path], vbench: Command) -> None:
    answer = vbench("evaluate", "coco", *files)
    assert answer.code == 0
    lines = [line.split() for line in answer.stdout.splitlines() if line.strip()]
    assert answer.stdout.startswith("COCO, 2 truth boxes, 1 class")
    assert [line[0] for line in lines if line[0] in NAMES] == NAMES
    assert "undefined" in answer.stdout
    assert "the truth has no small boxes" in " ".join(answer.stdout.split())


@pytest.mark.real
def test_published_numbers(real_data: Path, vbench: Command) -> None:
    folder = real_data / "coco-fakebbox100"
    answer = vbench(
        "evaluate",
        "coco",
        folder / "gt_coco100.json",
        folder / "instances_val2014_fakebbox100_results.json",
        "--json",
    )
    published = [0.503647, 0.696973, 0.571667, 0.593252, 0.557991, 0.489363]
    published += [0.386813, 0.593680, 0.595353, 0.654764, 0.603130, 0.553744]
    assert list(answer.json().values()) == pytest.approx(published, abs=1e-6)


def test_help_shows_an_example(vbench: Command) -> None:
    answer = vbench("evaluate", "coco", "--help")
    assert answer.code == 0
    assert "vbench evaluate coco" in answer.stdout


def result(field: str, value: object) -> Callable[[Path, Path], None]:
    """A change to the second result."""

    def change(_golden: Path, found: Path) -> None:
        rows = json.loads(found.read_text())
        rows[1][field] = value
        found.write_text(json.dumps(rows))

    return change


def note(field: str, value: object) -> Callable[[Path, Path], None]:
    """A change to the second annotation."""

    def change(golden: Path, _found: Path) -> None:
        document = json.loads(golden.read_text())
        document["annotations"][1][field] = value
        golden.write_text(json.dumps(document))

    return change


def without_images(golden: Path, _found: Path) -> None:
    document = json.loads(golden.read_text())
    golden.write_text(json.dumps(document | {"images": []}))


def cut(_golden: Path, found: Path) -> None:
    found.write_text(found.read_text()[:60])


def swapped(golden: Path, found: Path) -> None:
    text = golden.read_text()
    golden.write_text(found.read_text())
    found.write_text(text)


def segmentations(_golden: Path, found: Path) -> None:
    found.write_text('[{"image_id": 1, "category_id": 1, "segmentation": [], "score": 1}]')


BAD: dict[str, tuple[Callable[[Path, Path], None], str, str]] = {
    "unknown image": (result("image_id", 9), "9 is the id of no image", "dt.json: [1].image_id"),
    "unknown class": (
        result("category_id", 9),
        "9 is the id of no category",
        "dt.json: [1].category_id",
    ),
    "score above 1": (result("score", 90), "90. is no score from 0 to 1", "dt.json: [1].score"),
    "score below 0": (result("score", -0.5), "-0.5 is no score", "dt.json: [1].score"),
    "score NaN": (result("score", float("nan")), "nan is no score", "dt.json: [1].score"),
    "box NaN": (result("bbox", [1, 2, 3, float("nan")]), "is not finite", "dt.json: [1].bbox"),
    "x2 below x1": (result("bbox", [9, 9, -5, 5]), "negative size", "dt.json: [1].bbox"),
    "float id": (result("image_id", 1.5), "got `float`", "dt.json: [1].image_id"),
    "negative truth": (
        note("bbox", [9, 9, 5, -5]),
        "negative size",
        "gt.json: annotations[1].bbox",
    ),
    "truth of unknown image": (
        note("image_id", 9),
        "9 is the id of no image",
        "gt.json: annotations[1].image_id",
    ),
    "id twice": (note("id", 0), "0 is given twice", "gt.json: annotations[1].id"),
    "negative area": (note("area", -1), "-1. is no area", "gt.json: annotations[1].area"),
    "truth without images": (without_images, "the truth has no images", "gt.json: images"),
    "half a file": (cut, "not valid JSON", "dt.json:1: column 61"),
    "swapped files": (swapped, "is a JSON list, as results are", "gt.json"),
    "segmentations only": (segmentations, "`bbox` is missing", "dt.json: [0]"),
}


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("name", BAD)
def test_bad_input(name: str, as_json: bool, files: tuple[Path, Path], vbench: Command) -> None:
    change, expected, place = BAD[name]
    change(*files)
    answer = vbench("evaluate", "coco", *files, *(["--json"] if as_json else []))
    what, where, todo = answer.one_error()
    assert answer.code == 2
    assert answer.stdout == ""
    assert expected in what
    assert where.endswith(place)
    assert todo
