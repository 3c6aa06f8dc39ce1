"""Zero-copy planes of frames, and images that are made when asked for."""

from __future__ import annotations

import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.video.clips import numbered_image, planar_frame, write_clip
from tests.video.conftest import B_FRAMES
from vbench.errors import MediaError
from vbench.types import U8, Frame, Planes
from vbench.types.color_override import ColorOverride
from vbench.video import open_media
from vbench.video.color import color_tags
from vbench.video.conversion import ColorConverter
from vbench.video.planes import planes_of

SHIFTS = {"yuv420p": (1, 1), "yuv422p": (1, 0), "yuv444p": (0, 0)}


def decoded(path: Path) -> list[tuple[U8, U8, U8]]:
    """Copies of every picture's planes, row by row as PyAV stores them."""
    with av.open(str(path)) as container:
        found = []
        for picture in container.decode(video=0):
            y, u, v = (
                np.frombuffer(memoryview(plane), np.uint8)
                .reshape(plane.height, plane.line_size)[:, : plane.width]
                .copy()
                for plane in picture.planes
            )
            found.append((y, u, v))
    return found


def image_by_formula(planes: Planes) -> U8:
    """(H, W, 3) BGR by the formula of `YuvCoefficients`, one pixel after the other."""
    k = planes.coefficients
    height, width = planes.y.shape
    image = np.zeros((height, width, 3), np.uint8)
    for row in range(height):
        for column in range(width):
            covering = row >> planes.chroma_shift_y, column >> planes.chroma_shift_x
            u, v = int(planes.u[covering]) - 128, int(planes.v[covering]) - 128
            luma = max(int(planes.y[row, column]) - k.y_offset, 0) * k.y_scale + (1 << 19)
            green = luma + k.u_to_g * u + k.v_to_g * v
            for channel, level in enumerate((luma + k.u_to_b * u, green, luma + k.v_to_r * v)):
                image[row, column, channel] = min(max(level >> 20, 0), 255)
    return image


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuvj420p", "yuv422p", "yuv444p", "yuvj444p"])
@pytest.mark.parametrize("size_px", [(96, 64), (90, 50)])
def test_planes_are_those_of_the_decoder(
    tmp_path: Path, pix_fmt: str, size_px: tuple[int, int]
) -> None:
    path = write_clip(tmp_path / "clip.mp4", 8, pix_fmt=pix_fmt, size_px=size_px, options=B_FRAMES)
    with open_media(path) as media:
        frames = list(media)
    expected = decoded(path)
    assert len(frames) == len(expected)
    for frame, (y, u, v) in zip(frames, expected, strict=True):
        assert frame.planes is not None
        assert frame.size == size_px
        assert np.array_equal(frame.planes.y, y)
        assert np.array_equal(frame.planes.u, u)
        assert np.array_equal(frame.planes.v, v)
        shifts = frame.planes.chroma_shift_x, frame.planes.chroma_shift_y
        assert shifts == SHIFTS[pix_fmt.replace("yuvj", "yuv")]
    if pix_fmt in ("yuv420p", "yuvj420p"):
        with av.open(str(path)) as container:
            whole = next(container.decode(video=0)).to_ndarray()
        assert np.array_equal(whole[: size_px[1]], expected[0][0])


@pytest.mark.parametrize("pix_fmt", sorted(SHIFTS))
@pytest.mark.parametrize("size_px", [(7, 5), (16, 9), (33, 18)])
def test_odd_sizes(tmp_path: Path, pix_fmt: str, size_px: tuple[int, int]) -> None:
    """Lossless, so that the last odd row and column are known."""
    path = write_clip(tmp_path / "clip.mkv", 3, codec="ffv1", pix_fmt=pix_fmt, size_px=size_px)
    expected = decoded(path)
    with open_media(path) as media:
        for frame, (y, u, v) in zip(media, expected, strict=True):
            assert frame.planes is not None
            assert np.array_equal(frame.planes.y, y)
            assert np.array_equal(frame.planes.u, u)
            assert np.array_equal(frame.planes.v, v)
            assert frame.planes.y.shape == (size_px[1], size_px[0])
            assert np.array_equal(frame.image, image_by_formula(frame.planes))


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "threads"),
    [
        ("libx264", "yuv420p", 1),
        ("libx264", "yuv420p", 3),
        ("libvpx-vp9", "yuv444p", 3),
        ("mpeg4", "yuv420p", 1),
        ("mjpeg", "yuvj422p", 1),
        ("ffv1", "yuv420p", 1),
        ("rawvideo", "yuv420p", 1),
    ],
)
def test_planes_stay_when_the_decoder_goes_on(
    tmp_path: Path, codec: str, pix_fmt: str, threads: int
) -> None:
    """The decoder has a pool of buffers; one that is looked at does not go back into it."""
    path = write_clip(tmp_path / "clip.mkv", 80, codec=codec, pix_fmt=pix_fmt)
    expected = decoded(path)
    kept: list[Planes] = []
    with open_media(path, threads=threads) as media:
        for frame in media:
            assert frame.planes is not None
            if frame.index < 25:
                kept.append(frame.planes)
        del frame
    gc.collect()
    assert len(kept) == 25
    for planes, (y, u, v) in zip(kept, expected, strict=False):
        assert np.array_equal(planes.y, y)
        assert np.array_equal(planes.u, u)
        assert np.array_equal(planes.v, v)


def test_one_plane_alone_keeps_its_memory(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", 60, options=B_FRAMES)
    expected = decoded(path)
    luma: U8 | None = None
    with open_media(path) as media:
        for frame in media:
            if luma is None and frame.planes is not None:
                luma = frame.planes.y
    del frame, media
    gc.collect()
    assert luma is not None
    assert np.array_equal(luma, expected[0][0])


def test_nothing_is_copied_and_nothing_is_kept(tmp_path: Path) -> None:
    """The views are of the picture's own memory, and free it without the cycle collector."""
    path = write_clip(tmp_path / "clip.mp4", 3)
    with av.open(str(path)) as container:
        picture = next(container.decode(video=0))
    planes = planes_of(picture, color_tags(picture, where="").coefficients)
    assert planes is not None
    for view, plane in zip((planes.y, planes.u, planes.v), picture.planes, strict=True):
        assert view.ctypes.data == plane.buffer_ptr
        assert view.strides == (plane.line_size, 1)
    n_references = sys.getrefcount(picture)
    del planes, view, plane
    assert sys.getrefcount(picture) == n_references - 3 - 1  # three views and one plane


@pytest.mark.parametrize("pix_fmt", ["yuv420p10le", "yuv422p10le", "gray", "nv12", "bgr0"])
def test_other_formats_have_an_image_only(tmp_path: Path, pix_fmt: str) -> None:
    codec = {"nv12": "rawvideo", "bgr0": "ffv1", "gray": "ffv1"}.get(pix_fmt, "libx264")
    suffix = "nut" if pix_fmt == "nv12" else "mkv"
    path = write_clip(tmp_path / f"clip.{suffix}", 3, codec=codec, pix_fmt=pix_fmt)
    with open_media(path) as media:
        frames = list(media)
    assert len(frames) == 3
    for frame in frames:
        assert frame.planes is None
        assert frame.image.shape == (64, 96, 3)
        # gray noise around 128 in the lower half, black and white bars above
        assert abs(float(frame.image[40:].mean()) - 128) < 6


def test_turned_pictures_have_an_image_only(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", 3, degrees=90)
    with open_media(path) as media:
        for frame in media:
            assert frame.planes is None
            assert frame.size == (64, 96)
            assert frame.image.shape == (96, 64, 3)


def test_bottom_up_rows_are_turned() -> None:
    """A flip makes libavfilter give rows a negative stride."""
    source = planar_frame(
        "yuv420p",
        [
            np.arange(24, dtype=np.uint8).reshape(4, 6),
            np.arange(6, dtype=np.uint8).reshape(2, 3),
            np.arange(10, 16, dtype=np.uint8).reshape(2, 3),
        ],
        (6, 4),
    )
    graph = av.filter.Graph()
    source.time_base = Fraction(1, 25)
    pixels = av.VideoFormat("yuv420p", 6, 4)
    arriving = graph.add_buffer(width=6, height=4, format=pixels, time_base=source.time_base)
    graph.link_nodes(arriving, graph.add("vflip"), graph.add("buffersink")).configure()
    graph.push(source)
    flipped = graph.pull()
    assert isinstance(flipped, av.VideoFrame)
    assert flipped.planes[0].line_size < 0
    planes = planes_of(flipped, color_tags(flipped, where="").coefficients)
    assert planes is not None
    assert np.array_equal(planes.y, np.arange(24).reshape(4, 6)[::-1])
    assert np.array_equal(planes.u, np.arange(6).reshape(2, 3)[::-1])
    image = ColorConverter("bgr").convert(flipped, color_tags(flipped, where=""))
    assert np.array_equal(image, image_by_formula(planes))


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv420p10le", "gray"])
def test_several_threads_convert_at_once(tmp_path: Path, pix_fmt: str) -> None:
    path = write_clip(tmp_path / "clip.mp4", 12, pix_fmt=pix_fmt, size_px=(320, 240))
    with open_media(path) as media:
        expected = [frame.image for frame in media]
    with open_media(path) as media:
        frames = list(media)
        asked = [frame.unconverted() for frame in frames for _ in range(4)]
        with ThreadPoolExecutor(8) as pool:
            images = list(pool.map(_image_of, asked))
    for k, image in enumerate(images):
        assert np.array_equal(image, expected[k // 4])


def _image_of(frame: Frame) -> U8:
    return frame.image


def test_images_are_made_after_the_clip_is_closed(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", 5, pix_fmt="yuv420p10le")
    with open_media(path) as media:
        expected = [frame.image for frame in media]
    with open_media(path) as media:
        frames = list(media)
    assert all(
        np.array_equal(frame.image, image) for frame, image in zip(frames, expected, strict=True)
    )


def test_an_image_is_converted_from_the_planes_that_are_given(tmp_path: Path) -> None:
    with open_media(write_clip(tmp_path / "clip.mp4", 2, size_px=(34, 18))) as media:
        for frame in media:
            assert frame.planes is not None
            assert np.array_equal(frame.image, image_by_formula(frame.planes))


def test_colour_is_known_though_nothing_is_converted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> U8:
        raise AssertionError("converted")

    monkeypatch.setattr("vbench.video.conversion.ColorConverter.convert", refuse)
    with open_media(write_clip(tmp_path / "clip.mp4", 3)) as media:
        assert media.color == "bt601 limited (default for 96x64)"
        assert (media.width_px, media.height_px) == (96, 64)
        assert sum(1 for _ in media) == 3


def joined(folder: Path, *matrices: str) -> Path:
    """An elementary stream of four frames in each of these matrices."""
    parts = [
        write_clip(
            folder / f"{matrix}.h264", 4, options={"x264-params": f"colormatrix={matrix}:bframes=0"}
        ).read_bytes()
        for matrix in matrices
    ]
    path = folder / "joined.h264"
    path.write_bytes(b"".join(parts))
    return path


def test_colours_that_change_within_a_clip(tmp_path: Path) -> None:
    path = joined(tmp_path, "smpte170m", "bt709")
    with open_media(path) as media:
        assert media.color == "bt601 limited (from the stream)"
        coefficients = [frame.planes.coefficients for frame in media if frame.planes is not None]
        assert (
            media.color == "bt601 limited (from the stream), then bt709 limited (from the stream)"
        )
    assert len(set(coefficients[:4])) == len(set(coefficients[4:])) == 1
    assert coefficients[0] != coefficients[4]


def test_two_views_of_the_same_frames(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", 4)
    full = ColorOverride(range="full")
    with open_media(path) as media, open_media(path, color=full) as told:
        plain, otherwise = list(media), list(told)
    with open_media(path) as media:
        pairs = list(media.views([ColorOverride(), full]))
        assert media.color == "bt601 limited (default for 96x64)"
        assert media.color_as(full).startswith("bt601 full (range as the pipeline says")
    assert len(pairs) == 4
    for (one, other), frame, told_frame in zip(pairs, plain, otherwise, strict=True):
        assert np.array_equal(one.image, frame.image)
        assert np.array_equal(other.image, told_frame.image)
        assert not np.array_equal(one.image, other.image)


def test_a_matrix_that_is_not_known_is_refused_when_its_frame_comes(tmp_path: Path) -> None:
    path = joined(tmp_path, "smpte170m", "YCgCo")
    with open_media(path) as media:
        assert [next(media).index for _ in range(4)] == [0, 1, 2, 3]
        with pytest.raises(MediaError, match="colour matrix with number 8"):
            next(media)


def test_numbers_are_read_from_images(tmp_path: Path) -> None:
    """The image is the picture that was encoded, not only any picture."""
    path = write_clip(tmp_path / "clip.mkv", 3, codec="ffv1", pix_fmt="yuv444p", size_px=(64, 48))
    with open_media(path) as media:
        for frame in media:
            drawn = numbered_image(frame.index, 48, 64).astype(int)
            assert np.abs(frame.image.astype(int) - drawn).max() <= 3
