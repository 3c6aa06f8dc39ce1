"""Looking at a finished run: any frame, and only frames of the media that were run."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.bench.runs import run_quietly
from tests.bench.small import N_FRAMES, edit, files_of
from tests.video.clips import number_of, numbered_image, write_clip
from vbench.bench import view_media
from vbench.bench.finished import FinishedRun
from vbench.bench.progress import NoProgress
from vbench.bench.score import score_run
from vbench.bench.view import RunView, served_page
from vbench.bench.view_media import AbandonedError
from vbench.errors import InputError, MediaError, RunFolderError
from vbench.record.folder import RunFolder
from vbench.types import U8
from vbench.video import frames_at

ASKED = (3, 11, 0, 7)


def always() -> bool:
    return True


@pytest.fixture
def run(small: Path, tmp_path: Path) -> Path:
    """A run folder with its media, to be changed."""
    run_quietly(small / "benchmark.yaml", tmp_path / "run")
    return tmp_path / "run"


Opened = Callable[..., RunView]


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def look(notes: list[str]) -> Iterator[Opened]:
    """Look at a run folder; closed in the end."""
    opened = []

    def call(run: Path, *golden_sets: Path) -> RunView:
        opened.append(RunView(run, golden_sets, notes.append))
        return opened[-1]

    yield call
    for one in opened:
        one.close()


def decoded(jpeg: bytes) -> U8:
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return np.asarray(image, np.uint8)


def psnr_db(image: U8, wanted: U8) -> float:
    error = np.square(image.astype(np.float64) - wanted.astype(np.float64)).mean()
    return float(10 * np.log10(255**2 / error))


def problem(view: RunView, clip: int, frame: int) -> str:
    record = json.loads(view.record(clip, frame, always))
    assert record["image"] is None
    assert record["truth"], "boxes are shown all the same"
    with pytest.raises(MediaError) as caught:
        view.picture(clip, frame, always)
    assert caught.value.what in record["problem"]
    return str(record["problem"])


def test_every_picture_is_its_frame(finished: FinishedRun, written: Path, look: Opened) -> None:
    view = look(finished.folder.path)
    assert view.without_media == ()
    for number, clip in enumerate(("a-day", "b-night")):
        path = written / "golden" / "videos" / f"{clip}.mp4"
        wanted = {frame.index: frame.image for frame in frames_at(path, range(N_FRAMES))}
        for frame in ASKED:
            image = decoded(view.picture(number, frame, always))
            assert number_of(image) == frame
            assert psnr_db(image, wanted[frame]) > 30


def test_a_record_holds_truth_and_answers(finished: FinishedRun, look: Opened) -> None:
    record = json.loads(look(finished.folder.path).record(1, 3, always))
    assert (record["clip"], record["frame"], record["problem"]) == (1, 3, "")
    assert record["image"] == "./frames/1/3.jpg"
    (truth,) = record["truth"]
    assert truth[:6] == [10, 8, 40, 56, 0, 1]
    v1, v2 = record["answers"]
    assert v1 == []
    assert [(answer[4], answer[6]) for answer in v2] == [(0, 0), (0, -1)]


def test_a_record_is_that_of_the_page(finished: FinishedRun, look: Opened) -> None:
    view = look(finished.folder.path)
    text = (
        served_page(finished.folder.path)
        .text.partition('id="vb-data">')[2]
        .partition("</script>")[0]
    )
    page = json.loads(text)
    assert page["server"] == "./"
    assert [clip["name"] for clip in page["clips"]] == ["a-day", "b-night"]
    for kept in page["frames"]:
        record = json.loads(view.record(kept["clip"], kept["frame"], always))
        assert record["truth"] == kept["truth"]
        assert record["answers"] == kept["answers"]


def test_what_the_run_has(finished: FinishedRun, look: Opened) -> None:
    view = look(finished.folder.path)
    assert view.has(0, 0)
    assert view.has(1, N_FRAMES - 1)
    for clip, frame in ((0, -1), (-1, 0), (2, 0), (0, N_FRAMES), (10**9, 0), (0, 10**9)):
        assert not view.has(clip, frame)


def test_looking_changes_nothing(finished: FinishedRun, look: Opened) -> None:
    before = files_of(finished.folder.path)
    view = look(finished.folder.path)
    view.record(0, 5, always)
    assert files_of(finished.folder.path) == before


def test_media_that_are_gone(run: Path, small: Path, look: Opened) -> None:
    (small / "golden" / "videos" / "a-day.mp4").unlink()
    view = look(run)
    assert "are not there: a-day.mp4" in problem(view, 0, 3)
    assert number_of(decoded(view.picture(1, 3, always))) == 3


def test_other_bytes_are_not_opened(run: Path, small: Path, look: Opened) -> None:
    write_clip(small / "golden" / "videos" / "a-day.mp4", N_FRAMES, rate=30)
    assert "have changed since the run: a-day.mp4" in problem(look(run), 0, 3)


def test_media_that_change_meanwhile(run: Path, small: Path, look: Opened) -> None:
    """Neither what is open nor what was kept is shown for bytes that were not run."""
    path = small / "golden" / "videos" / "a-day.mp4"
    original = path.read_bytes()
    view = look(run)
    assert number_of(decoded(view.picture(0, 3, always))) == 3
    path.write_bytes(original + b" ")
    assert "have changed" in problem(view, 0, 3)
    path.unlink()
    assert "not there" in problem(view, 0, 3)
    path.write_bytes(original)
    os.utime(path, ns=(1, 1))
    assert number_of(decoded(view.picture(0, 4, always))) == 4


def test_media_that_may_not_be_read(
    run: Path, look: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(view_media, "file_sha256", refuse)
    assert "cannot be read: Permission denied" in problem(look(run), 0, 3)


def test_a_run_that_noted_no_places(run: Path, small: Path, look: Opened) -> None:
    (run / "media.json").unlink()
    view = look(run)
    assert view.without_media == ("a-day", "b-night")
    assert "--golden-set" in problem(view, 0, 3)
    view = look(run, small / "golden")
    assert view.without_media == ()
    assert number_of(decoded(view.picture(1, 9, always))) == 9


def test_a_given_golden_set_goes_before_the_noted_places(
    run: Path, small: Path, look: Opened
) -> None:
    copied = shutil.copytree(small / "golden", small / "copied")
    shutil.rmtree(small / "golden" / "videos")
    assert "not there" in problem(look(run), 0, 3)
    assert number_of(decoded(look(run, copied).picture(0, 3, always))) == 3


def test_a_golden_set_of_another_run(run: Path, small: Path, look: Opened) -> None:
    edit(small / "golden" / "golden.yaml", "name: dock", "name: yard")
    with pytest.raises(InputError) as caught:
        look(run, small / "golden")
    assert "has no golden set yard" in caught.value.what
    assert "dock" in caught.value.hint


def test_a_run_judged_again_knows_its_media(
    run: Path, tmp_path: Path, look: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vbench.bench.outputs.write_reports", lambda *rest, **named: None)
    score_run(run, None, None, tmp_path / "elsewhere" / "again", NoProgress())
    view = look(tmp_path / "elsewhere" / "again")
    assert number_of(decoded(view.picture(0, 3, always))) == 3


def test_image_folders(small: Path, tmp_path: Path, look: Opened) -> None:
    folder = small / "golden" / "videos" / "a-day"
    folder.mkdir()
    for number in range(N_FRAMES):
        cv2.imwrite(str(folder / f"{number}.png"), numbered_image(number))
    edit(small / "golden" / "golden.yaml", "media: videos/a-day.mp4", "media: videos/a-day")
    run_quietly(small / "benchmark.yaml", tmp_path / "run")
    view = look(tmp_path / "run")
    for frame in ASKED:
        assert number_of(decoded(view.picture(0, frame, always))) == frame
    shutil.copy(folder / "4.png", folder / "5.png")
    assert "have changed" in problem(view, 0, 3)


def test_clips_are_closed_and_pictures_dropped_when_they_are_many(
    run: Path, look: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_media, "_N_OPEN", 1)
    monkeypatch.setattr(view_media, "_JPEG_BYTES", 1)
    view = look(run)
    for frame in ASKED:
        for clip in (0, 1):
            assert number_of(decoded(view.picture(clip, frame, always))) == frame
    assert len(view._media._open) == 1
    assert len(view._media._jpegs) == 1
    assert view._media._n_jpeg_bytes == len(view.picture(1, ASKED[-1], always))


def test_nothing_is_decoded_for_nobody(run: Path, look: Opened) -> None:
    view = look(run)
    with pytest.raises(AbandonedError):
        view.picture(0, 3, lambda: False)
    with pytest.raises(AbandonedError):
        view.record(0, 3, lambda: False)
    assert not view._media._open


def test_what_takes_long_is_said(
    run: Path, look: Opened, notes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_media, "_SAID_BYTES", 1)
    view = look(run)
    view.picture(0, 3, always)
    view.picture(0, 4, always)
    (note,) = notes
    assert note.startswith("checking a-day.mp4 (0.0 GiB)")


def test_clips_that_cannot_be_sought_are_said_once(
    small: Path, tmp_path: Path, look: Opened, notes: list[str]
) -> None:
    write_clip(small / "golden" / "videos" / "a-day.avi", N_FRAMES)
    edit(small / "golden" / "golden.yaml", "media: videos/a-day.mp4", "media: videos/a-day.avi")
    run_quietly(small / "benchmark.yaml", tmp_path / "run")
    view = look(tmp_path / "run")
    for frame in ASKED:
        assert number_of(decoded(view.picture(0, frame, always))) == frame
    (note,) = notes
    assert "clip a-day is decoded from its start" in note
    assert "AVI" in note


def test_an_unfinished_run(tmp_path: Path, look: Opened) -> None:
    folder = RunFolder(tmp_path)
    folder.plan_json.write_text("{}")
    for open_ in (look, served_page):
        with pytest.raises(RunFolderError, match="not finished"):
            open_(tmp_path)
