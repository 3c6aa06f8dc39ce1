from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.files import pipeline_file, taxonomy
from vbench.errors import ConfigError
from vbench.pipeline.classes import ClassMap, class_list_of, load_classes, own_taxonomy
from vbench.pipeline.thresholds import operating_scores


def load(folder: Path, classes: str, *names: str) -> ClassMap:
    return load_classes(class_list_of(pipeline_file(folder, classes=classes), 0), taxonomy(*names))


def test_classes_go_by_name(tmp_path: Path) -> None:
    found = load(tmp_path, "{names: [forklift, person]}", "person", "forklift", "dog")
    assert found.names == ("forklift", "person")
    assert found.class_id.tolist() == [1, 0]
    assert found.found() == {0, 1}


def test_map_and_drop(tmp_path: Path) -> None:
    classes = (
        "{names: [car, truck, chair, person], map: {car: vehicle, truck: vehicle}, drop: [chair]}"
    )
    found = load(tmp_path, classes, "person", "vehicle")
    assert found.class_id.tolist() == [1, 1, -1, 0]
    assert found.found() == {0, 1}


def test_drop_others_keeps_what_is_mapped(tmp_path: Path) -> None:
    classes = "{names: [a, b, person], map: {a: vehicle}, drop: others}"
    assert load(tmp_path, classes, "person", "vehicle").class_id.tolist() == [1, -1, 0]


def test_class_file(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("person\r\ntraffic light\n\n")
    found = load(tmp_path, "{file: labels.txt}", "person", "traffic light")
    assert found.names == ("person", "traffic light")


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (
            "{names: [persn]}",
            r'pipeline\.yaml:4: classes\.names\[0\]: class "persn" is not in the taxonomy '
            r'\(did you mean "person"\?; say what it becomes in `classes\.map`',
        ),
        (
            "{names: [a, person], map: {a: forklif}}",
            r'classes\.map\.a: class "forklif" is not in the taxonomy.*did you mean "forklift"',
        ),
        (
            "{names: [chair, person], map: {chaira: person}}",
            r'classes\.map\.chaira: the model has no class "chaira".*did you mean "chair"',
        ),
        (
            "{names: [chair, person], drop: [chairs]}",
            r'classes\.drop\[0\]: the model has no class "chairs".*did you mean "chair"',
        ),
        (
            "{names: [a, person], map: {a: person}, drop: [a]}",
            'class "a" is both mapped and dropped',
        ),
        ("{names: [a, b], drop: others}", "no class of the model is in the taxonomy"),
        ("{names: [person, person]}", 'class "person" is listed twice'),
        ("{names: []}", "the class list is empty"),
        (
            "{file: nowhere.txt}",
            r"classes\.file: class list .*nowhere\.txt cannot be read: No such",
        ),
        ("{file: gap.txt}", r"gap\.txt:2: a line is empty"),
        ("{file: binary.txt}", r"is not text \(UTF-8\)"),
    ],
)
def test_bad_classes_are_named(tmp_path: Path, classes: str, message: str) -> None:
    (tmp_path / "gap.txt").write_text("person\n\nforklift\n")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=message):
        load(tmp_path, classes, "person", "forklift")


def test_class_of_the_file_that_is_unknown_points_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("person\nchair\n")
    with pytest.raises(ConfigError, match=r'classes\.file: class "chair" is not in the taxonomy'):
        load(tmp_path, "{file: labels.txt}", "person")


def test_score_per_class_goes_by_the_taxonomy(tmp_path: Path) -> None:
    file = pipeline_file(tmp_path, post="{score: 0.3, score_per_class: {prson: 0.5}}")
    with pytest.raises(ConfigError, match=r'score_per_class\.prson.*did you mean "person"'):
        operating_scores(file, taxonomy("person", "forklift"))


def test_own_taxonomy_is_what_the_pipeline_can_find(tmp_path: Path) -> None:
    classes = "{names: [car, truck, chair], map: {car: vehicle, truck: vehicle}, drop: [chair]}"
    file = pipeline_file(tmp_path, classes=classes)
    assert own_taxonomy(file).names == ("vehicle",)
    assert load_classes(class_list_of(file, 0), own_taxonomy(file)).class_id.tolist() == [0, 0, -1]
    others = pipeline_file(tmp_path, classes="{names: [car, person], drop: others}")
    assert own_taxonomy(others).names == ("car", "person")
