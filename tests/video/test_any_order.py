"""Frames of a clip in any order, whatever the clip is made of."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.video.clips import number_of, numbered_image, write_clip
from tests.video.conftest import B_FRAMES
from vbench.errors import MediaError
from vbench.types import MediaFacts
from vbench.video import AnyOrder, frames_at, measure_media, open_media
from vbench.video.seeking import SeekingPictures, SeekRefusedError

ORDER = (17, 3, 4, 5, 4, 3, 49, 0, 48, 25)


def check(path: Path, facts: MediaFacts, order: tuple[int, ...] = ORDER) -> str:
    """Compare with the frames that decoding from the start gives; why it was not sought."""
    wanted = {frame.index: frame for frame in frames_at(path, order, image_fps=facts.fps)}
    with AnyOrder(path, facts) as clip:
        for index in order:
            frame = clip.frame(index)
            assert frame.index == index
            assert frame.color_order == "bgr"
            assert frame.pts_s == pytest.approx(wanted[index].pts_s, abs=1e-9)
            assert np.array_equal(frame.image, wanted[index].image)
        return clip.in_sequence_because


def test_a_video_is_sought(plain_clip: Path) -> None:
    assert check(plain_clip, measure_media(plain_clip)) == ""


def test_a_turned_video_is_shown_upright(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "turned.mp4", 50, options=B_FRAMES, degrees=90)
    facts = measure_media(path)
    assert (facts.width_px, facts.height_px) == (64, 96)
    assert check(path, facts) == ""


def test_a_video_without_times_is_decoded_in_sequence(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.avi", 50, options=B_FRAMES)
    assert check(path, measure_media(path)) == "AVI stores no presentation times"


def test_an_image_folder(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(12):
        cv2.imwrite(str(folder / f"{number}.png"), numbered_image(number))
    facts = measure_media(folder, image_fps=5)
    assert check(folder, facts, (11, 0, 5, 6, 10)) == ""
    (folder / "6.png").write_bytes(b"")
    with AnyOrder(folder, facts) as clip, pytest.raises(MediaError, match="image of frame 6"):
        clip.frame(6)


@pytest.mark.parametrize("index", [-1, 50, 10**9])
def test_a_frame_that_the_clip_does_not_have(plain_clip: Path, index: int) -> None:
    facts = measure_media(plain_clip)
    with (
        AnyOrder(plain_clip, facts) as clip,
        pytest.raises(MediaError, match=f"frame {index} does not exist"),
    ):
        clip.frame(index)


def test_when_seeking_gives_up_the_rest_comes_in_sequence(
    plain_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = SeekingPictures.picture

    def gives_up(self: SeekingPictures, index: int) -> object:
        if index == 20:
            raise SeekRefusedError("frame 20 does not come after a seek")
        return picture(self, index)

    monkeypatch.setattr(SeekingPictures, "picture", gives_up)
    with AnyOrder(plain_clip, measure_media(plain_clip)) as clip:
        assert number_of(clip.frame(10).image) == 10
        assert clip.in_sequence_because == ""
        for index in (20, 30, 20, 49):
            assert number_of(clip.frame(index).image) == index
        assert clip.in_sequence_because == "frame 20 does not come after a seek"


def test_a_damaged_clip_keeps_the_indices_of_the_run(plain_clip: Path, tmp_path: Path) -> None:
    content = plain_clip.read_bytes()
    path = tmp_path / "hurt.mp4"
    path.write_bytes(content[: len(content) * 3 // 5])
    with open_media(path, allow_damaged=True) as media:
        wanted = {frame.index: frame.image for frame in media}
    # What the intact clip has, as the lock said.
    facts = measure_media(plain_clip)
    assert 0 < len(wanted) < facts.n_frames
    with AnyOrder(path, facts, allow_damaged=True, where="clip hurt") as clip:
        assert clip.in_sequence_because == "the clip is damaged"
        for index in (*range(50), 2, 49, 1):
            if index in wanted:
                assert np.array_equal(clip.frame(index).image, wanted[index])
                continue
            with pytest.raises(MediaError) as caught:
                clip.frame(index)
            assert caught.value.where == "clip hurt"
