from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from vbench.config.golden_file import read_golden_file
from vbench.errors import InputError
from vbench.golden.formats.vbench_csv import COLUMNS
from vbench.golden.synth.camera import Camera
from vbench.golden.synth.scene import Crowd, SceneSpec, plan_activity
from vbench.golden.synth.write import write_golden_set
from vbench.types.arrays import U8

CAMERA = Camera("cam7", 4.2, 430.0, 92.0, 20.0, 8.0, 40.0, 101)


def spec(clip_id: str, daypart: str = "day", n_person: int = 2) -> SceneSpec:
    activity = plan_activity(CAMERA, 3, 2.0, (Crowd(0.0, 2.0, n_person, 0),), n_pallet=n_person)
    return SceneSpec(clip_id, "9", CAMERA, daypart, "dry", 1, 8, 4, 160, 90, activity)


def count_frames(path: Path, images: Iterable[U8], fps: Fraction) -> None:
    """Stands in for a video encoder."""
    shapes = [image.shape for image in images]
    path.write_text(f"{len(shapes)} {shapes[0]} {fps}")


def test_writes_a_set_that_can_be_read(tmp_path: Path) -> None:
    n_called = 0

    def on_frame() -> None:
        nonlocal n_called
        n_called += 1

    folder = tmp_path / "set"
    written = write_golden_set(
        folder, [spec("a"), spec("b", "night")], count_frames, on_frame=on_frame
    )
    model = read_golden_file(written).model
    assert model.truth_format == "vbench"
    assert [clip.id for clip in model.clips] == ["a", "b"]
    assert model.clips[1].tags == {
        "store": "9", "daypart": "night", "weather": "dry", "camera": "cam7",
    }  # fmt: skip
    assert [c.name for c in model.taxonomy.classes] == ["person", "forklift", "pallet"]
    assert all(c.means for c in model.taxonomy.classes)
    assert (folder / model.clips[0].media).read_text() == "8 (90, 160, 3) 4"
    assert n_called == 16


def test_truth_rows_are_sorted_tagged_and_inside_the_frame(tmp_path: Path) -> None:
    write_golden_set(tmp_path, [spec("a")], count_frames)
    header, *lines = (tmp_path / "truth" / "a.csv").read_text().splitlines()
    assert header.split(",") == [*COLUMNS, "occluded", "truncated"]
    cells = [line.split(",") for line in lines]
    keys = [(int(row[0]), int(row[2])) for row in cells]
    assert keys == sorted(set(keys))
    boxes = np.array([row[3:7] for row in cells], float)
    assert (boxes[:, 2:] > boxes[:, :2]).all()
    assert (boxes >= 0).all()
    assert (boxes[:, [0, 2]] <= 160).all()
    assert (boxes[:, [1, 3]] <= 90).all()
    np.testing.assert_array_equal(boxes, np.round(boxes, 2))
    assert {row[9] for row in cells} | {row[10] for row in cells} <= {"true", "false"}


def test_equal_specs_write_equal_sets(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_golden_set(tmp_path / name, [spec("a")], count_frames)
    for file in ("golden.yaml", "truth/a.csv"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_an_empty_clip_has_a_truth_file_without_boxes(tmp_path: Path) -> None:
    write_golden_set(tmp_path, [spec("a", n_person=0)], count_frames)
    assert (tmp_path / "truth" / "a.csv").read_text().count("\n") == 1


def test_refuses_a_folder_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(InputError, match="not empty"):
        write_golden_set(tmp_path, [spec("a")], count_frames)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_refuses_two_clips_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two clips"):
        write_golden_set(tmp_path / "set", [spec("a"), spec("a")], count_frames)


def test_an_interrupted_set_has_no_golden_yaml(tmp_path: Path) -> None:
    def fail(path: Path, images: Iterable[U8], fps: Fraction) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_golden_set(tmp_path / "set", [spec("a")], fail)
    assert not (tmp_path / "set" / "golden.yaml").exists()
