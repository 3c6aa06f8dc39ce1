"""Difficult media in any order: every frame is the one that decoding from the start gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vbench.errors import MediaError
from vbench.video import AnyOrder, frames_at, measure_media, open_media

pytestmark = pytest.mark.real

N_ASKED = 24
MEDIA = {
    "decoder-hard/bt709_full_range.mp4": "",
    "decoder-hard/h264_10bits.mp4": "",
    "decoder-hard/nasa_13013.mp4": "",
    "decoder-hard/screenrec_vfr_hello.mov": "",
    "decoder-hard/unordered.mov": "",
    "decoder-hard/video_0.mov": "",
    "decoder-hard/video_90.mov": "",
    "decoder-hard/avi_hdr682_decodes341.avi": "AVI stores no presentation times",
    "tud-campus/TUD-Campus.mp4": "",
    "person-clip/one-by-one-person-detection.mp4": "",
}
"""And why they are decoded in sequence, if they are."""


@pytest.mark.parametrize("name", MEDIA)
def test_any_order_is_exact(real_data: Path, name: str) -> None:
    path = real_data / name
    facts = measure_media(path)
    rng = np.random.default_rng(0)
    asked = rng.permutation(facts.n_frames)[:N_ASKED].tolist()
    last = facts.n_frames - 1
    order = [last, *asked, *sorted(asked)[:4], 0, min(1, last), last, 0]
    if MEDIA[name]:
        order = sorted(order)
    wanted = {frame.index: frame for frame in frames_at(path, order)}
    with AnyOrder(path, facts) as clip:
        for index in order:
            frame = clip.frame(index)
            assert frame.pts_s == pytest.approx(wanted[index].pts_s, abs=1e-9)
            assert np.array_equal(frame.image, wanted[index].image)
        assert clip.in_sequence_because == MEDIA[name]


@pytest.mark.parametrize("stream", [0, 1])
def test_each_of_two_streams(real_data: Path, stream: int) -> None:
    path = real_data / "decoder-hard" / "nasa_13013.mp4"
    facts = measure_media(path, stream=stream)
    order = [200, 3, 4, 5, 300, 299, 0]
    wanted = {frame.index: frame for frame in frames_at(path, order, stream=stream)}
    with AnyOrder(path, facts, stream=stream) as clip:
        for index in order:
            assert np.array_equal(clip.frame(index).image, wanted[index].image)
        assert clip.in_sequence_because == ""


def test_a_damaged_clip_loses_the_frame_that_the_run_lost(real_data: Path) -> None:
    path = real_data / "decoder-hard" / "corrupted.mp4"
    facts = measure_media(path, allow_damaged=True)
    with open_media(path, allow_damaged=True) as media:
        (lost,) = set(range(50)) - {frame.index for frame in media}
    with AnyOrder(path, facts, allow_damaged=True) as clip:
        for index in (49, *range(50), 0):
            if index != lost:
                assert clip.frame(index).index == index
                continue
            with pytest.raises(MediaError, match="lost to damage"):
                clip.frame(index)
