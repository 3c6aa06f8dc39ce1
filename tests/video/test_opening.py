"""The frame contract on clips whose frames carry their own number."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from tests.video.clips import HEIGHT_PX, WIDTH_PX, add_stream, number_of, numbered_image, write_clip
from tests.video.conftest import B_FRAMES
from vbench.errors import LockError, MediaError
from vbench.types import Frame
from vbench.video import frames_at, open_media
from vbench.video.pictures import Picture, PictureStream


def read(path: Path, **options: object) -> list[Frame]:
    with open_media(path, **options) as media:  # type: ignore[arg-type]
        return list(media)


def assert_in_order(frames: list[Frame], n_frames: int) -> None:
    assert [frame.index for frame in frames] == list(range(n_frames))
    assert [number_of(frame.image) for frame in frames] == list(range(n_frames))


def test_constant_rate(plain_clip: Path) -> None:
    frames = read(plain_clip)
    assert_in_order(frames, 50)
    assert [frame.pts_s for frame in frames] == pytest.approx([k / 25 for k in range(50)], abs=1e-9)
    assert frames[0].image.shape == (HEIGHT_PX, WIDTH_PX, 3)
    assert frames[0].image.flags.c_contiguous
    assert frames[0].image.flags.writeable


def test_the_clip_has_b_frames(plain_clip: Path) -> None:
    with av.open(str(plain_clip)) as container:
        stored = [packet.pts for packet in container.demux(video=0) if packet.pts is not None]
    assert stored != sorted(stored)


def test_variable_rate(tmp_path: Path) -> None:
    pts = [0, 1, 5, 6, 7, 20, 21, 50, 51, 52]
    frames = read(write_clip(tmp_path / "vfr.mp4", 10, pts=pts, options=B_FRAMES))
    assert_in_order(frames, 10)
    assert [frame.pts_s for frame in frames] == pytest.approx([k / 25 for k in pts], abs=1e-9)


def test_times_are_relative_to_the_first_frame(tmp_path: Path) -> None:
    pts = list(range(1000, 1010))
    frames = read(write_clip(tmp_path / "late.mkv", 10, pts=pts))
    assert [frame.pts_s for frame in frames] == pytest.approx([k / 25 for k in range(10)], abs=1e-3)


def test_edit_list_hides_frames(tmp_path: Path) -> None:
    """Frames before time zero are stored, and hidden by the edit list that the muxer writes."""
    path = write_clip(
        tmp_path / "edited.mp4",
        12,
        pts=list(range(-4, 8)),
        options={"bf": "0"},
        container_options={"avoid_negative_ts": "disabled"},
    )
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    assert len(packets) == 12
    assert sum(packet.is_discard for packet in packets) == 4
    frames = read(path)
    assert [frame.index for frame in frames] == list(range(8))
    assert [number_of(frame.image) for frame in frames] == list(range(4, 12))
    assert frames[0].pts_s == 0


@pytest.mark.parametrize("suffix", [".mkv", ".ts", ".avi", ".mov"])
def test_containers(tmp_path: Path, suffix: str) -> None:
    frames = read(write_clip(tmp_path / f"clip{suffix}", 20, options=B_FRAMES))
    assert_in_order(frames, 20)
    assert [frame.pts_s for frame in frames] == pytest.approx([k / 25 for k in range(20)], abs=1e-3)


def test_avi_says_that_its_times_are_decode_times(tmp_path: Path) -> None:
    with open_media(write_clip(tmp_path / "clip.avi", 20, options=B_FRAMES)) as media:
        list(media)
        assert "avi stores no presentation times" in media.notes[0]


def test_elementary_stream_takes_times_from_the_rate(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.h264", 20, options=B_FRAMES)
    with open_media(path) as media:
        frames = list(media)
        assert media.notes == ("times derive from the frame rate, 25 frames/s: none are stored",)
    assert_in_order(frames, 20)
    assert [frame.pts_s for frame in frames] == pytest.approx([k / 25 for k in range(20)])


def test_several_video_streams(tmp_path: Path) -> None:
    path = tmp_path / "two.mkv"
    with av.open(str(path), "w") as container:
        small = add_stream(container)
        large = add_stream(container, size_px=(192, 128))
        for number in range(10):
            for stream, shown, size_px in ((small, number, (96, 64)), (large, 100, (192, 128))):
                image = numbered_image(shown, size_px[1], size_px[0])
                frame = av.VideoFrame.from_ndarray(image, format="bgr24")
                frame.pts = number
                container.mux(stream.encode(frame))
        container.mux(small.encode(None))
        container.mux(large.encode(None))
    assert_in_order(read(path, stream=0), 10)
    assert [number_of(frame.image) for frame in read(path, stream=1)] == [100] * 10
    with av.open(str(path)) as container:
        best = container.streams.best("video")
        assert best is not None
        expected = f"video stream {best.index} (from 0) of 2"
    with open_media(path) as media:
        assert media.notes == (expected,)
    with pytest.raises(MediaError, match="no video stream 2, only 0 to 1"):
        open_media(path, stream=2)
    with pytest.raises(MediaError, match="no video stream -1"):
        open_media(path, stream=-1)


@pytest.mark.parametrize(
    "pix_fmt", ["yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le", "gray"]
)
def test_pixel_formats(tmp_path: Path, pix_fmt: str) -> None:
    frames = read(write_clip(tmp_path / "clip.mp4", 10, pix_fmt=pix_fmt))
    assert_in_order(frames, 10)
    assert abs(float(frames[0].image[-8:].mean()) - 128) < 3


def test_color_order(tmp_path: Path) -> None:
    path = tmp_path / "blue.mkv"
    with av.open(str(path), "w") as container:
        stream = add_stream(container, codec="ffv1", pix_fmt="bgr0")
        image = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
        image[:] = (250, 100, 5)
        frame = av.VideoFrame.from_ndarray(image, format="bgr24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    (bgr,) = read(path, color_order="bgr")
    (rgb,) = read(path, color_order="rgb")
    assert bgr.color_order == "bgr"
    assert rgb.color_order == "rgb"
    assert tuple(bgr.image[0, 0]) == (250, 100, 5)
    assert tuple(rgb.image[0, 0]) == (5, 100, 250)


def test_kept_frames_are_not_overwritten(plain_clip: Path) -> None:
    frames = read(plain_clip)
    copies = [frame.image.copy() for frame in read(plain_clip)]
    assert all(
        np.array_equal(frame.image, copy) for frame, copy in zip(frames, copies, strict=True)
    )
    assert not any(np.shares_memory(a.image, b.image) for a, b in itertools.pairwise(frames))


def test_threads_do_not_change_frames(plain_clip: Path) -> None:
    one, many = read(plain_clip, threads=1), read(plain_clip, threads=4)
    assert [frame.pts_s for frame in one] == [frame.pts_s for frame in many]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(one, many, strict=True))


@pytest.mark.parametrize(("n_cpus", "n_threads"), [(1, 1), (2, 2), (6, 6), (64, 16)])
def test_one_decoder_thread_per_usable_cpu(
    plain_clip: Path, monkeypatch: pytest.MonkeyPatch, n_cpus: int, n_threads: int
) -> None:
    """libavcodec's own choice is one more, which is slower; beyond 16 it warns."""
    cpus = frozenset(range(n_cpus))
    monkeypatch.setattr("vbench.video.pictures.usable_cpus", lambda: cpus)
    asked: list[int] = []
    decode = PictureStream._decode

    def noting(self: PictureStream, threads: int) -> Iterator[Picture]:
        asked.append(threads)
        return decode(self, threads)

    monkeypatch.setattr(PictureStream, "_decode", noting)
    assert_in_order(read(plain_clip), 50)
    assert asked == [n_threads]


def test_size_is_known_on_opening_and_iteration_starts_at_zero(plain_clip: Path) -> None:
    with open_media(plain_clip) as media:
        assert (media.width_px, media.height_px) == (WIDTH_PX, HEIGHT_PX)
        assert media.color == "bt601 limited (default for 96x64)"
        assert next(media).index == 0
        assert next(media).index == 1


def test_frames_at(plain_clip: Path) -> None:
    frames = list(frames_at(plain_clip, [30, 7, 7, 0]))
    assert [frame.index for frame in frames] == [0, 7, 30]
    assert [number_of(frame.image) for frame in frames] == [0, 7, 30]
    assert list(frames_at(plain_clip, [])) == []
    with pytest.raises(MediaError, match="frame 50 does not exist: the clip has 50 frames"):
        list(frames_at(plain_clip, [49, 50]))


def test_lock_says_another_count(plain_clip: Path) -> None:
    assert len(read(plain_clip, expected_n_frames=50)) == 50
    with pytest.raises(LockError, match=r"ended after 50 frames, golden\.lock says 51"):
        read(plain_clip, expected_n_frames=51)
    with pytest.raises(LockError, match=r"more than the 49 frames"):
        read(plain_clip, expected_n_frames=49)


def test_lock_errors_name_the_place(plain_clip: Path) -> None:
    with pytest.raises(LockError) as caught:
        read(plain_clip, expected_n_frames=51, where="golden.yaml:12: clips[0]")
    assert str(caught.value).startswith("golden.yaml:12: clips[0]: ")


def test_size_change_is_refused_by_name(tmp_path: Path) -> None:
    small = write_clip(tmp_path / "a.h264", 5).read_bytes()
    large = write_clip(tmp_path / "b.h264", 5, size_px=(192, 128)).read_bytes()
    path = tmp_path / "both.h264"
    path.write_bytes(small + large)
    with pytest.raises(MediaError, match="frame 5 is 192x128, the clip began as 96x64"):
        read(path)


def test_unopenable_files(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="does not exist"):
        open_media(tmp_path / "absent.mp4")
    empty = tmp_path / "empty.mp4"
    empty.touch()
    with pytest.raises(MediaError, match="the file is empty"):
        open_media(empty)
    text = tmp_path / "text.mp4"
    text.write_text("not a video\n" * 100)
    with pytest.raises(MediaError, match="cannot be opened as a video, Invalid data"):
        open_media(text)


def test_file_without_video(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(MediaError, match="no video stream"):
        open_media(path)


def test_media_without_frames(tmp_path: Path) -> None:
    """An H.264 stream of parameter sets only: a video stream, and nothing in it."""
    path = write_clip(tmp_path / "clip.h264", 8)
    units = path.read_bytes().split(b"\0\0\1")[1:]
    parameters = [unit for unit in units if unit[0] & 31 in (7, 8)]
    path.write_bytes(b"".join(b"\0\0\1" + unit for unit in parameters))
    with pytest.raises(MediaError, match="decoding stopped at frame 0"):
        open_media(path)
    with pytest.raises(MediaError, match="no frame that can be decoded"):
        open_media(path, allow_damaged=True)


def test_closed_media_say_so(plain_clip: Path) -> None:
    with open_media(plain_clip) as media:
        next(media)
    with pytest.raises(RuntimeError, match="closed"):
        next(media)
    assert media.notes == ()
    assert media.damage is None


def test_unknown_codec_is_refused_by_name(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mkv", 2, codec="ffv1")
    path.write_bytes(path.read_bytes().replace(b"V_FFV1", b"V_NONE"))
    with pytest.raises(MediaError, match="no decoder for video stream 0"):
        open_media(path)


def test_pixels_that_are_not_square_are_noted(tmp_path: Path) -> None:
    options = {"x264-params": "sar=4/3"}
    with open_media(write_clip(tmp_path / "clip.mp4", 2, options=options)) as media:
        assert media.notes == ("pixels are not square (4/3); frames are as stored",)
        assert (media.width_px, media.height_px) == (WIDTH_PX, HEIGHT_PX)
