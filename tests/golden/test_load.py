from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from tests.golden.sets import (
    DAY,
    FACTS,
    FILES,
    GOLDEN,
    HEADER,
    NIGHT,
    line_of,
    media_facts,
    write_set,
)
from vbench.errors import ConfigError, ExitCode, LockError, MediaError, TruthError, VbenchError
from vbench.golden.load import load_golden_set
from vbench.golden.lock import write_lock


def error_of(folder: Path, golden: str = GOLDEN, **files: str) -> VbenchError:
    """What loading says about a set; files are named with _ for the dot."""
    named = {name.replace("_", "."): text for name, text in files.items()}
    write_set(folder, golden, FILES | named)
    with pytest.raises(VbenchError) as caught:
        load_golden_set(folder)
    return caught.value


def test_a_locked_set(tmp_path: Path) -> None:
    golden_set = load_golden_set(write_set(tmp_path))
    assert (golden_set.name, golden_set.version, golden_set.locked) == ("dock", "1.2.0", True)
    assert golden_set.taxonomy.version == 3
    assert golden_set.taxonomy.names == ("person", "forklift")
    day, night = golden_set.clips
    assert day.media == tmp_path / "day.mp4"
    assert day.facts == FACTS["day"]
    assert day.tags == (("daypart", "day"), ("store", "12"))
    assert len(day.truth) == 2
    assert night.truth.ignore.tolist() == [False, True]
    assert day.annotated.tolist() == [True] * 10
    assert day.exhaustive.tolist() == [True, True]
    assert (day.ignore_regions, day.events, day.stream) == ((), (), None)


def test_golden_yaml_itself_may_be_given(tmp_path: Path) -> None:
    folder = write_set(tmp_path)
    assert load_golden_set(folder / "golden.yaml").digest == load_golden_set(folder).digest


def test_an_unlocked_set_needs_facts(tmp_path: Path) -> None:
    write_set(tmp_path, facts=None)
    golden_set = load_golden_set(tmp_path, FACTS)
    assert not golden_set.locked
    assert golden_set.clips[1].facts == FACTS["night"]
    with pytest.raises(LockError) as caught:
        load_golden_set(tmp_path, {"day": FACTS["day"]})
    assert 'clip "night"' in caught.value.what
    assert f"vbench golden lock {tmp_path}" in caught.value.hint
    with pytest.raises(LockError):
        load_golden_set(tmp_path)


def test_optional_keys_of_a_clip(tmp_path: Path) -> None:
    more = (
        "    stream: 1\n"
        "    annotated_frames: {every: 4}\n"
        "    exhaustive_classes: [forklift]\n"
        "    ignore_regions: [[[0, 0], [64, 0], [64, 48]], [[-5, -5], [9, 9], [-5, 9]]]\n"
    )
    clip = load_golden_set(write_set(tmp_path, GOLDEN + more)).clips[1]
    assert clip.stream == 1
    assert np.flatnonzero(clip.annotated).tolist() == [0, 4, 8]
    assert clip.exhaustive.tolist() == [False, True]
    assert clip.ignore_regions[0].tolist() == [[0, 0], [64, 0], [64, 48]]
    assert len(clip.ignore_regions) == 2


def test_listed_frames_are_annotated(tmp_path: Path) -> None:
    clip = load_golden_set(write_set(tmp_path, GOLDEN + "    annotated_frames: [9, 2]\n")).clips[1]
    assert np.flatnonzero(clip.annotated).tolist() == [2, 9]


def test_the_frame_base_may_be_stated(tmp_path: Path) -> None:
    text = GOLDEN.replace("clips:", "truth_frame_base: 1\nclips:")
    shifted = DAY.replace("\n0,", "\n10,")
    write_set(tmp_path, text, FILES | {"day.csv": shifted, "night.csv": HEADER})
    assert load_golden_set(tmp_path).clips[0].truth.frame_index.tolist() == [0, 9]


def test_truth_is_scaled_to_the_media(tmp_path: Path) -> None:
    text = GOLDEN.replace("clips:", "truth_size: [320, 960]\nclips:")
    clip = load_golden_set(write_set(tmp_path, text)).clips[0]
    assert clip.truth.boxes_xyxy[0].tolist() == [20, 10, 100, 50]


def test_a_set_of_empty_frames_loads(tmp_path: Path) -> None:
    text = GOLDEN.replace("    truth: day.csv\n", "")
    golden_set = load_golden_set(write_set(tmp_path, text, FILES | {"night.csv": HEADER}))
    assert [len(clip.truth) for clip in golden_set.clips] == [0, 0]
    assert all(clip.annotated.all() for clip in golden_set.clips)


def test_an_image_folder_is_media(tmp_path: Path) -> None:
    text = GOLDEN.replace("media: day.mp4", "media: frames\n    fps: 25")
    golden_set = load_golden_set(write_set(tmp_path, text, FILES | {"frames/0.png": ""}))
    assert golden_set.clips[0].media == tmp_path / "frames"


@pytest.mark.parametrize(
    ("old", "new", "kind", "key", "what", "hint"),
    [
        ("id: night", "id: day", ConfigError, "clips[1].id", "given twice", "its own id"),
        (
            "media: night.mp4",
            "media: nihgt.mp4",
            ConfigError,
            "clips[1].media",
            "media not found",
            'did you mean "night.mp4"',
        ),
        (
            "media: night.mp4",
            "media: videos/night.mp4",
            ConfigError,
            "clips[1].media",
            "media not found",
            "videos does not exist",
        ),
        (
            "clips:",
            "truth_class: persn\nclips:",
            ConfigError,
            "truth_class",
            'class "persn" is not',
            'did you mean "person"',
        ),
        (
            "clips:",
            "truth_classes: {1: persn}\nclips:",
            ConfigError,
            "truth_classes.1",
            'class "persn" is not',
            'did you mean "person"',
        ),
        (
            "clips:",
            "truth_classes: {pallet: null, forklift: null}\nclips:",
            ConfigError,
            "truth_classes.forklift",
            'class "forklift" is in the taxonomy',
            "remove it from the taxonomy too",
        ),
        (
            "    truth: night.csv",
            "    truth: night.csv\n    annotated_frames: [3, 10]",
            ConfigError,
            "clips[1].annotated_frames[1]",
            "frame 10 is beyond the last frame 9",
            "count from 0",
        ),
        (
            "    truth: night.csv",
            "    truth: night.csv\n    annotated_frames: []",
            ConfigError,
            "clips[1].annotated_frames",
            "no frame is annotated",
            "all",
        ),
        (
            "    truth: night.csv",
            "    truth: night.csv\n    exhaustive_classes: [person, forklit]",
            ConfigError,
            "clips[1].exhaustive_classes[1]",
            'class "forklit" is not',
            'did you mean "forklift"',
        ),
        (
            "    truth: night.csv",
            "    truth: night.csv\n    ignore_regions: [[[0, 0], [1, 1], [2, 2]]]",
            ConfigError,
            "clips[1].ignore_regions[0]",
            "no area",
            "corners",
        ),
        (
            "    truth: night.csv",
            "    truth: night.csv\n    ignore_regions: [[[640, 0], [700, 0], [700, 48]]]",
            ConfigError,
            "clips[1].ignore_regions[0]",
            "outside the 640x480 frame",
            "pixels of the media",
        ),
        (
            "    truth: night.csv",
            "    truth: night.csv\n    events: night.json",
            ConfigError,
            "clips[1].events",
            "events not found",
            "check the path",
        ),
    ],
)
def test_bad_keys_are_named(
    tmp_path: Path,
    old: str,
    new: str,
    kind: type[VbenchError],
    key: str,
    what: str,
    hint: str,
) -> None:
    text = GOLDEN.replace(old, new)
    error = error_of(tmp_path, text)
    assert type(error) is kind
    assert error.exit_code == ExitCode.INPUT
    assert error.where.startswith(f"{tmp_path / 'golden.yaml'}:")
    assert error.where.endswith(f": {key}")
    assert what in error.what
    assert hint in error.hint


def test_the_line_is_that_of_the_key(tmp_path: Path) -> None:
    error = error_of(tmp_path, GOLDEN.replace("media: night.mp4", "media: absent.mp4"))
    line = line_of(GOLDEN, "media: night.mp4")
    assert error.where == f"{tmp_path / 'golden.yaml'}:{line}: clips[1].media"


def test_missing_truth_is_named(tmp_path: Path) -> None:
    write_set(tmp_path)
    (tmp_path / "night.csv").unlink()
    with pytest.raises(ConfigError, match=r"clips\[1\]\.truth: truth not found"):
        load_golden_set(tmp_path)


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ("10,person,1,1,2,3,4,0,0\n", "truth is for frame 10"),
        ("1,person,1,700,2,710,4,0,0\n", "completely outside"),
        ("1,person,1,9,2,3,4,0,0\n", "negative size"),
        ("1,zebra,1,1,2,3,4,0,0\n", 'class "zebra" is not in the taxonomy'),
    ],
)
def test_bad_truth_is_named(tmp_path: Path, rows: str, what: str) -> None:
    error = error_of(tmp_path, night_csv=HEADER + rows)
    assert isinstance(error, TruthError)
    assert error.exit_code == ExitCode.INPUT
    assert error.where.startswith(f"{tmp_path / 'night.csv'}:2: column ")
    assert what in error.what


@pytest.mark.parametrize("truth_format", ["mot", "coco", "yolo", "cvat", "voc"])
def test_truth_in_another_format_than_stated(tmp_path: Path, truth_format: str) -> None:
    golden = GOLDEN.replace("truth_format: vbench", f"truth_format: {truth_format}")
    error = error_of(tmp_path, golden)
    assert isinstance(error, TruthError)
    assert str(tmp_path / "day.csv") in error.where


@pytest.mark.parametrize("change", [{"n_frames": 0}, {"width_px": 0}])
def test_media_without_frames(tmp_path: Path, change: dict[str, int]) -> None:
    empty = dataclasses.replace(media_facts("night"), **change)  # type: ignore[arg-type]
    write_set(tmp_path, facts={"day": FACTS["day"], "night": empty})
    with pytest.raises(MediaError, match=r"clips\[1\]\.media: .*have no frames") as caught:
        load_golden_set(tmp_path)
    assert caught.value.exit_code == ExitCode.MEDIA_OR_ENGINE


class TestLock:
    def test_measured_facts_must_agree(self, tmp_path: Path) -> None:
        write_set(tmp_path)
        load_golden_set(tmp_path, FACTS)
        other = dataclasses.replace(FACTS["night"], n_frames=9)
        with pytest.raises(LockError, match="n_frames is 9, the lock says 10"):
            load_golden_set(tmp_path, {"night": other})

    @pytest.mark.parametrize(("key", "old"), [("name", "name: dock"), ("version", "1.2.0")])
    def test_name_and_version(self, tmp_path: Path, key: str, old: str) -> None:
        write_set(tmp_path)
        (tmp_path / "golden.yaml").write_text(GOLDEN.replace(old, old + "1", 1))
        with pytest.raises(LockError, match=f"{key}: is .*golden.lock is for") as caught:
            load_golden_set(tmp_path)
        assert "vbench golden lock" in caught.value.hint

    def test_clips(self, tmp_path: Path) -> None:
        write_set(tmp_path)
        (tmp_path / "golden.yaml").write_text(GOLDEN.replace("id: night", "id: dusk"))
        with pytest.raises(LockError, match=r"clips\[1\]\.id: clip \"dusk\" is not in golden"):
            load_golden_set(tmp_path)

    def test_a_clip_was_removed(self, tmp_path: Path) -> None:
        write_set(tmp_path)
        (tmp_path / "golden.yaml").write_text(GOLDEN[: GOLDEN.index("  - id: night")])
        with pytest.raises(LockError, match=r'clip "night" is not in golden\.yaml') as caught:
            load_golden_set(tmp_path)
        assert str(tmp_path / "golden.lock") in caught.value.where

    @pytest.mark.parametrize("text", [NIGHT.replace("300", "301"), NIGHT + "\n"])
    def test_truth_changed(self, tmp_path: Path, text: str) -> None:
        write_set(tmp_path)
        (tmp_path / "night.csv").write_text(text)
        with pytest.raises(LockError, match=r'truth: the truth of clip "night" no longer'):
            load_golden_set(tmp_path)

    def test_truth_was_left_out(self, tmp_path: Path) -> None:
        write_set(tmp_path)
        (tmp_path / "golden.yaml").write_text(GOLDEN.replace("    truth: night.csv\n", ""))
        with pytest.raises(LockError, match="no longer matches"):
            load_golden_set(tmp_path)

    def test_an_unreadable_lock(self, tmp_path: Path) -> None:
        write_set(tmp_path)
        (tmp_path / "golden.lock").write_text("schema: vbench.lock/v1\nname: [\n")
        with pytest.raises(ConfigError, match=r"golden\.lock"):
            load_golden_set(tmp_path)


class TestDigest:
    def digest(self, folder: Path, golden: str = GOLDEN, **files: str) -> str:
        named = {name.replace("_", "."): text for name, text in files.items()}
        return load_golden_set(write_set(folder, golden, FILES | named)).digest

    def test_place_comments_order_and_lock_do_not_matter(self, tmp_path: Path) -> None:
        first = self.digest(tmp_path / "a")
        assert first == self.digest(tmp_path / "b" / "c")
        assert first == self.digest(
            tmp_path / "d", "# note\n" + GOLDEN.replace(": night,", ":  night,")
        )
        start, night = GOLDEN.index("  - id: day"), GOLDEN.index("  - id: night")
        swapped = GOLDEN[:start] + GOLDEN[night:] + GOLDEN[start:night]
        assert first == self.digest(tmp_path / "e", swapped)
        stated = GOLDEN.replace("clips:", "truth_frame_base: 0\nclips:")
        assert first == self.digest(tmp_path / "f", stated)
        reordered = GOLDEN.replace("daypart: day, store: 12", "store: 12, daypart: day")
        assert first == self.digest(tmp_path / "g", reordered)
        write_set(tmp_path / "h", facts=None)
        assert first == load_golden_set(tmp_path / "h", FACTS).digest

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("1.2.0", "1.2.1"),
            ("version: 3", "version: 4"),
            ("means: a forklift", "means: a truck"),
            ("daypart: night", "daypart: dusk"),
            ("    truth: night.csv", "    truth: night.csv\n    annotated_frames: [0, 1]"),
            ("    truth: night.csv", "    truth: night.csv\n    exhaustive_classes: [person]"),
            ("    truth: night.csv", "    truth: night.csv\n    stream: 0"),
            (
                "    truth: night.csv",
                "    truth: night.csv\n    ignore_regions: [[[0, 0], [1, 0], [1, 1]]]",
            ),
            ("clips:", "truth_size: [640, 481]\nclips:"),
        ],
    )
    def test_meaning_matters(self, tmp_path: Path, old: str, new: str) -> None:
        first = self.digest(tmp_path / "a")
        assert first != self.digest(tmp_path / "b", GOLDEN.replace(old, new))

    def test_truth_and_media_matter(self, tmp_path: Path) -> None:
        first = self.digest(tmp_path / "a")
        assert first != self.digest(tmp_path / "b", night_csv=NIGHT.replace("300", "301"))
        folder = write_set(tmp_path / "c", facts=FACTS | {"night": media_facts("other")})
        assert first != load_golden_set(folder).digest

    def test_events_matter(self, tmp_path: Path) -> None:
        golden = GOLDEN + "    events: e.json\n"
        event = {"kind": "enter", "start_s": 0.1, "end_s": 0.2}
        first = self.digest(tmp_path / "a", golden, e_json=json.dumps([event]))
        assert first != self.digest(tmp_path / "b", golden, e_json=json.dumps([]))
        assert first == self.digest(tmp_path / "c", golden, e_json=json.dumps([event], indent=2))


def test_a_yolo_folder_is_locked_too(tmp_path: Path) -> None:
    golden = GOLDEN.replace("truth_format: vbench", "truth_format: yolo").replace(".csv", "-labels")
    files = {"day.mp4": "", "night.mp4": "", "day-labels/0.txt": "0 .5 .5 .1 .1"}
    files["night-labels/3.txt"] = "1 .5 .5 .1 .1"
    write_set(tmp_path, golden, files)
    assert load_golden_set(tmp_path).clips[1].truth.frame_index.tolist() == [3]
    (tmp_path / "night-labels" / "3.txt").rename(tmp_path / "night-labels" / "4.txt")
    with pytest.raises(LockError, match='truth of clip "night"'):
        load_golden_set(tmp_path)
    write_lock(tmp_path, FACTS)
    assert load_golden_set(tmp_path).clips[1].truth.frame_index.tolist() == [4]
