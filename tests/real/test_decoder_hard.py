"""Difficult media decode to their known counts, sizes and times, or fail by name."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest

from vbench.errors import DamagedMediaError
from vbench.types import Frame
from vbench.video import measure_media, open_media

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def hard(real_data: Path) -> Path:
    return real_data / "decoder-hard"


def times(path: Path, stream: int | None = None) -> list[float]:
    with open_media(path, stream=stream) as media:
        found = []
        for k, frame in enumerate(media):
            assert frame.index == k
            assert frame.image.shape == (media.height_px, media.width_px, 3)
            found.append(frame.pts_s)
    return found


@pytest.mark.parametrize(
    ("stream", "name", "n_frames", "size_px"),
    [(0, "stream0", 325, (320, 180)), (1, "stream3", 390, (480, 270))],
)
def test_two_video_streams_with_published_times(
    hard: Path, stream: int, name: str, n_frames: int, size_px: tuple[int, int]
) -> None:
    """Video streams 0 and 1 are the container's streams 0 and 3; 1 is its default."""
    rows = json.loads((hard / f"nasa_13013.mp4.{name}.all_frames_info.json").read_text())
    path = hard / "nasa_13013.mp4"
    found = times(path, stream)
    assert len(found) == len(rows) == n_frames
    published = np.array([float(row["pts_time"]) for row in rows])
    assert np.abs(np.array(found) - published).max() < 1e-6
    with open_media(path, stream=stream) as media:
        assert (media.width_px, media.height_px) == size_px
    facts = measure_media(path, stream=stream)
    assert facts.n_frames == n_frames
    last_s = published[-1] + float(rows[-1]["duration_time"])
    assert facts.duration_s == pytest.approx(last_s, abs=2e-6)


def test_default_stream_is_the_large_one(hard: Path) -> None:
    with open_media(hard / "nasa_13013.mp4") as media:
        assert (media.width_px, media.height_px) == (480, 270)
        assert media.notes == ("video stream 1 (from 0) of 2",)


@pytest.mark.parametrize("threads", [0, 1, 4])
def test_corrupt_packet_stops_at_28(hard: Path, threads: int) -> None:
    path = hard / "corrupted.mp4"
    with pytest.raises(DamagedMediaError) as caught, open_media(path, threads=threads) as media:
        list(media)
    assert caught.value.frame_index == 28
    assert caught.value.byte_position == 32607
    assert "corrupted.mp4" in caught.value.what
    with pytest.raises(DamagedMediaError):
        measure_media(path)


def test_corrupt_packet_skipped_leaves_49(hard: Path) -> None:
    with open_media(hard / "corrupted.mp4", allow_damaged=True) as media:
        frames: list[Frame] = list(media)
        assert media.damage is not None
        assert "frames lost: 1" in media.damage
    assert len(frames) == 49
    # the clip has 10 frames/s: index and time still name the same frame after the loss
    assert frames[-1].index == 49
    assert [frame.pts_s for frame in frames] == pytest.approx([f.index / 10 for f in frames])


def test_packets_out_of_order(hard: Path) -> None:
    assert times(hard / "unordered.mov") == [0, 0.03125, 0.0625, 0.09375]


@pytest.mark.parametrize(
    ("name", "height_px", "width_px"), [("video_0.mov", 320, 568), ("video_90.mov", 568, 320)]
)
def test_rotation(hard: Path, name: str, height_px: int, width_px: int) -> None:
    with open_media(hard / name) as media:
        assert [frame.image.shape for frame in media] == [(height_px, width_px, 3)] * 3
    facts = measure_media(hard / name)
    assert (facts.height_px, facts.width_px) == (height_px, width_px)


def test_rotation_is_a_quarter_turn_clockwise(hard: Path) -> None:
    with open_media(hard / "video_90.mov") as media:
        shown = next(media).image
    with av.open(str(hard / "video_90.mov")) as container:
        stored = next(container.decode(video=0)).to_ndarray(format="bgr24")
    # swscale rounds otherwise than vbench's own conversion
    assert np.abs(shown.astype(int) - np.rot90(stored, -1)).max() <= 4
    assert np.abs(shown.astype(int) - np.rot90(stored, 1)).max() > 50


def test_avi_whose_header_counts_double(hard: Path) -> None:
    found = times(hard / "avi_hdr682_decodes341.avi")
    assert len(found) == 341
    assert found == pytest.approx([k / 25 for k in range(341)])


def test_variable_rate_with_an_edit_list(hard: Path) -> None:
    found = times(hard / "screenrec_vfr_hello.mov")
    assert len(found) == 899
    steps = np.diff(found)
    assert steps.min() > 0
    assert len(set(steps.round(4))) > 1


def test_full_range_bt709(hard: Path) -> None:
    """Against the formula of ITU-T H.273 on the decoded planes, not against a converter."""
    path = hard / "bt709_full_range.mp4"
    with open_media(path) as media:
        image = next(media).image
        assert media.color == "bt709 full (from the stream)"
        assert 1 + sum(1 for _ in media) == 30
    with av.open(str(path)) as container:
        planes = next(container.decode(video=0)).to_ndarray().astype(np.float64)
    height_px, width_px = image.shape[:2]
    luma = planes[:height_px]
    n_chroma = height_px * width_px // 4
    chroma = planes[height_px:].ravel()
    cb, cr = (
        chroma[k * n_chroma : (k + 1) * n_chroma]
        .reshape(height_px // 2, width_px // 2)
        .repeat(2, 0)
        .repeat(2, 1)
        - 128
        for k in range(2)
    )
    red, blue = luma + 1.5748 * cr, luma + 1.8556 * cb
    green = (luma - 0.2126 * red - 0.0722 * blue) / 0.7152
    expected = np.clip(np.stack([blue, green, red], axis=-1), 0, 255)
    assert np.abs(image - expected).max() <= 2.5
    wrong_red = np.clip(luma + 1.402 * cr, 0, 255)
    assert np.abs(image[..., 2] - wrong_red).max() > 5


def test_ten_bit(hard: Path) -> None:
    found = times(hard / "h264_10bits.mp4")
    assert found == pytest.approx([k / 30 for k in range(30)], abs=1e-6)


def test_street_clip(real_data: Path) -> None:
    facts = measure_media(real_data / "tud-campus" / "TUD-Campus.mp4")
    assert facts.n_frames == 71
    assert (facts.width_px, facts.height_px) == (640, 480)
    assert facts.fps == pytest.approx(25)
