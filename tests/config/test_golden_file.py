from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden.sets import GOLDEN, line_of
from vbench.config.golden_file import EveryFrames, read_golden_file, read_lock_file
from vbench.errors import ConfigError


def write(folder: Path, text: str) -> Path:
    path = folder / "golden.yaml"
    path.write_text(text)
    return path


def error_of(folder: Path, old: str, new: str) -> ConfigError:
    assert old in GOLDEN
    write(folder, GOLDEN.replace(old, new, 1))
    with pytest.raises(ConfigError) as caught:
        read_golden_file(folder)
    return caught.value


def test_file_or_folder_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, GOLDEN)
    for given in (path, tmp_path):
        file = read_golden_file(given)
        assert file.path == path
        assert [clip.id for clip in file.model.clips] == ["day", "night"]
        assert file.model.truth_frame_base is None
        assert file.model.clips[0].annotated_frames == "all"


def test_tags_and_versions_are_text(tmp_path: Path) -> None:
    text = GOLDEN.replace("version: 1.2.0", "version: 1.2").replace("store: 12}", "wet: true}", 1)
    write(tmp_path, text)
    model = read_golden_file(tmp_path).model
    assert model.version == "1.2"
    assert model.clips[0].tags == {"daypart": "day", "wet": "true"}
    assert model.clips[1].tags == {"daypart": "night", "store": "12"}


def test_every_form_of_a_clip(tmp_path: Path) -> None:
    more = (
        "    annotated_frames: {every: 5}\n"
        "    exhaustive_classes: [person]\n"
        "    ignore_regions: [[[0, 0], [64, 0.5], [64, 48]]]\n"
        "    fps: 25\n"
    )
    classes = "truth_classes: {1: person, 2: null}\n"
    write(tmp_path, GOLDEN + more + "truth_size: [1280, 720]\n" + classes)
    model = read_golden_file(tmp_path).model
    clip = model.clips[1]
    assert clip.annotated_frames == EveryFrames(every=5)
    assert clip.ignore_regions == [[(0.0, 0.0), (64.0, 0.5), (64.0, 48.0)]]
    assert clip.fps == 25.0
    assert model.truth_size == (1280, 720)
    assert model.truth_classes == {"1": "person", "2": None}


@pytest.mark.parametrize(
    ("old", "new", "key", "what", "hint"),
    [
        ("    media: night", "    meda: night", "clips[1].meda", "unknown key", '"media"'),
        ("truth_format", "truth_fromat", "truth_fromat", "unknown key", '"truth_format"'),
        ("truth_format: vbench", "truth_format: voz", "truth_format", "is not known", '"voc"'),
        ("id: night", "id: a/b", "clips[1].id", "cannot be a file name", ""),
        ("id: night", "id: ..", "clips[1].id", "cannot be a file name", ""),
        ("id: night", 'id: ""', "clips[1].id", "cannot be a file name", ""),
        ("id: night", f"id: {'w' * 121}", "clips[1].id", "it takes 121 bytes", ""),
        ("id: night", f"id: {'界' * 41}", "clips[1].id", "at most 120", ""),
        ("version: 3", "version: three", "taxonomy.version", "is not a whole number", ""),
        ("name: forklift", "name: person", "taxonomy.classes", "listed twice", ""),
        ("vbench.golden/v1", "vbench.golden/v2", "schema", "expected", "right file"),
        ("schema: vbench.golden/v1\n", "", "schema", "key is missing", "start the file with"),
        ("tags: {daypart: night, store: 12}", "tags: 7", "clips[1].tags", "is not a mapping", ""),
        ("    media: day.mp4\n", "", "clips[0].media", "key is missing", "add it"),
        ("clips:", "truth_size: [0, 720]\nclips:", "truth_size[0]", "greater than 0", ""),
        ("clips:", "truth_frame_base: 2\nclips:", "truth_frame_base", "is not known", "0, 1"),
    ],
)
def test_bad_keys_are_named(
    tmp_path: Path, old: str, new: str, key: str, what: str, hint: str
) -> None:
    error = error_of(tmp_path, old, new)
    message = str(error)
    assert message.startswith(f"{tmp_path / 'golden.yaml'}:")
    assert f": {key}: " in message.splitlines()[0]
    assert what in message
    assert hint in message


def test_the_line_is_that_of_the_key(tmp_path: Path) -> None:
    error = error_of(tmp_path, "    media: night", "    meda: night")
    line = line_of(GOLDEN, "media: night")
    assert f"golden.yaml:{line}: clips[1].meda: unknown key" in str(error)


def test_all_problems_come_in_one_message(tmp_path: Path) -> None:
    text = GOLDEN.replace("truth: day.csv", "thruth: day.csv").replace("means", "mean", 1)
    write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        read_golden_file(tmp_path)
    message = str(caught.value)
    assert message.index("taxonomy.classes[0].mean") < message.index("clips[0].thruth")


def test_ignore_regions_need_three_points(tmp_path: Path) -> None:
    error = error_of(
        tmp_path, "    media: day", "    ignore_regions: [[[0, 0], [1, 1]]]\n    media: day"
    )
    assert "clips[0].ignore_regions[0]" in error.where


def test_a_lock_is_strict_too(tmp_path: Path) -> None:
    path = tmp_path / "golden.lock"
    path.write_text("schema: vbench.lock/v1\nname: a\nversion: 1\nclips: []\n")
    with pytest.raises(ConfigError, match=r"golden\.lock:3: version"):
        read_lock_file(path)
