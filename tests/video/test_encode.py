from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import PictureType
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from vbench.errors import MediaError
from vbench.types.arrays import U8
from vbench.video.encode import write_h264

BGR = (40, 180, 220)


def moving_square(n_frames: int, width: int = 128, height: int = 96) -> Iterator[U8]:
    for index in range(n_frames):
        image: U8 = np.empty((height, width, 3), np.uint8)
        image[:] = BGR
        image[20:60, index % 90 : index % 90 + 30] = (200, 30, 60)
        yield image


def decoded(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def test_every_frame_comes_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    assert write_h264(path, moving_square(50), 20.0, crf=18) == 50
    frames = decoded(path)
    assert len(frames) == 50
    assert [frame.time for frame in frames] == pytest.approx([k / 20 for k in range(50)])
    for index, (frame, original) in enumerate(zip(frames, moving_square(50), strict=True)):
        error = np.abs(frame.to_ndarray(format="bgr24").astype(int) - original)
        assert np.median(error) < 6, index


def test_has_b_frames_and_closed_groups_of_two_seconds(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_h264(path, moving_square(100), Fraction(20))
    frames = decoded(path)
    assert any(frame.pict_type == PictureType.B for frame in frames)
    assert [k for k, frame in enumerate(frames) if frame.key_frame] == [0, 40, 80]
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(video=0) if p.pts is not None]
    assert [p.pts for p in packets] != sorted(p.pts for p in packets if p.pts is not None)


def test_without_b_frames_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_h264(path, moving_square(30), 20.0, b_frames=0)
    assert all(frame.pict_type != PictureType.B for frame in decoded(path))


def test_colour_is_tagged_and_survives(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_h264(path, moving_square(8), 20.0, crf=10)
    with av.open(str(path)) as container:
        codec = container.streams.video[0].codec_context
        assert codec.pix_fmt == "yuv420p"
        assert codec.color_range == ColorRange.MPEG
        assert codec.colorspace == Colorspace.ITU709
        assert codec.color_primaries == ColorPrimaries.BT709
        assert codec.color_trc == ColorTrc.BT709
    luma = decoded(path)[4].to_ndarray(format="yuv420p")[80, 100]
    # BT.709 limited range (ITU-R BT.709-6, items 3.2 and 3.4).
    blue, green, red = BGR
    expected = 16 + 219 * (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
    assert float(luma) == pytest.approx(expected, abs=1.5)


def test_index_stands_before_the_pictures(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_h264(path, moving_square(8), 20.0)
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_equal_images_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        write_h264(tmp_path / name, moving_square(45), 20.0)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_broadcast_rates_are_kept_exactly(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_h264(path, moving_square(12), 30000 / 1001)
    with av.open(str(path)) as container:
        assert container.streams.video[0].average_rate == Fraction(30000, 1001)


@pytest.mark.parametrize("fps", [0.0, -5.0])
def test_refuses_a_rate_that_is_none(tmp_path: Path, fps: float) -> None:
    with pytest.raises(MediaError, match="not a frame rate"):
        write_h264(tmp_path / "a.mp4", moving_square(2), fps)


def test_refuses_no_frames_odd_sizes_and_changing_sizes(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with pytest.raises(MediaError, match="at least one frame"):
        write_h264(path, iter(()), 20.0)
    with pytest.raises(MediaError, match="yuv420p"):
        write_h264(path, moving_square(2, width=127), 20.0)
    with pytest.raises(MediaError, match="frame 1 is uint8"):
        write_h264(path, [*moving_square(1), *moving_square(1, width=64)], 20.0)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_source_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken() -> Iterator[U8]:
        yield from moving_square(3)
        raise RuntimeError("renderer failed")

    path = tmp_path / "a.mp4"
    path.write_bytes(b"what was there before")
    with pytest.raises(RuntimeError, match="renderer failed"):
        write_h264(path, broken(), 20.0)
    assert path.read_bytes() == b"what was there before"
    assert [file.name for file in tmp_path.iterdir()] == ["a.mp4"]


def test_a_missing_folder_is_a_media_error(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="cannot be encoded"):
        write_h264(tmp_path / "nowhere" / "a.mp4", moving_square(2), 20.0)
