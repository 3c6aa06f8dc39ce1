"""Colour conversion against the formula of the standards, in floating point."""

from __future__ import annotations

import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import ColorRange

from tests.video.clips import planar_frame
from vbench.errors import MediaError
from vbench.types import F64, U8, ColorOrder
from vbench.types.color_override import AS_TAGGED, ColorMatrix, ColorOverride
from vbench.types.color_override import ColorRange as ColorRangeName
from vbench.video.color import color_tags
from vbench.video.conversion import ColorConverter

WIDTH_PX, HEIGHT_PX = 96, 64
LUMA_WEIGHTS = {
    1: (0.2126, 0.0722),
    4: (0.30, 0.11),
    6: (0.299, 0.114),
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
}
"""MatrixCoefficients -> (KR, KB), ITU-T H.273 table 4."""


def formula(planes: list[U8], matrix: int, full_range: bool) -> F64:
    """(H, W, 3) BGR in 0..255 from full-size planes, ITU-T H.273 section 8.3."""
    y, cb, cr = (plane.astype(np.float64) for plane in planes)
    if full_range:
        y, cb, cr = y / 255, (cb - 128) / 255, (cr - 128) / 255
    else:
        y, cb, cr = (y - 16) / 219, (cb - 128) / 224, (cr - 128) / 224
    kr, kb = LUMA_WEIGHTS[matrix]
    red, blue = y + 2 * (1 - kr) * cr, y + 2 * (1 - kb) * cb
    green = (y - kr * red - kb * blue) / (1 - kr - kb)
    return np.asarray(np.clip(np.stack([blue, green, red], axis=-1) * 255, 0, 255))


def random_planes(seed: int, chroma_step: int) -> list[U8]:
    """Noise in luma and chroma; chroma repeated to the picture's size."""
    rng = np.random.default_rng(seed)
    luma = rng.integers(100, 156, (HEIGHT_PX, WIDTH_PX), dtype=np.uint8)
    shape = (HEIGHT_PX // chroma_step, WIDTH_PX // chroma_step)
    chroma = [rng.integers(60, 196, shape, dtype=np.uint8) for _ in range(2)]
    return [luma, *(c.repeat(chroma_step, 0).repeat(chroma_step, 1) for c in chroma)]


def tagged(frame: av.VideoFrame, matrix: int, color_range: int) -> av.VideoFrame:
    frame.colorspace = matrix
    frame.color_range = color_range
    return frame


def converted(
    frame: av.VideoFrame, order: ColorOrder = "bgr", *, override: ColorOverride = AS_TAGGED
) -> U8:
    return ColorConverter(order).convert(frame, color_tags(frame, where="", override=override))


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv444p"])
@pytest.mark.parametrize("matrix", sorted(LUMA_WEIGHTS))
@pytest.mark.parametrize("full_range", [False, True])
def test_conversion_follows_the_tags(pix_fmt: str, matrix: int, full_range: bool) -> None:
    step = 2 if pix_fmt == "yuv420p" else 1
    planes = random_planes(seed=matrix, chroma_step=step)
    frame = planar_frame(
        pix_fmt, [planes[0], *(p[::step, ::step] for p in planes[1:])], (WIDTH_PX, HEIGHT_PX)
    )
    tagged(frame, matrix, ColorRange.JPEG if full_range else ColorRange.MPEG)
    image = converted(frame)
    expected = formula(planes, matrix, full_range)
    # to the nearest level; OpenCV's constants for BT.601 in limited range have three decimals
    worst = 0.7 if matrix == 6 and not full_range else 0.502
    assert np.abs(image - expected).max() <= worst

    for other in LUMA_WEIGHTS:
        if other != matrix:
            assert np.abs(image - formula(planes, other, full_range)).max() > 1
    assert np.abs(image - formula(planes, matrix, not full_range)).max() > 10


def test_bt601_limited_is_opencv_to_the_bit() -> None:
    """All levels of luma and chroma, beyond the nominal range too."""
    rng = np.random.default_rng(4)
    y = rng.integers(0, 256, (256, 512), dtype=np.uint8)
    u, v = (rng.integers(0, 256, (128, 256), dtype=np.uint8) for _ in range(2))
    frame = tagged(planar_frame("yuv420p", [y, u, v], (512, 256)), 6, ColorRange.MPEG)
    packed = np.concatenate([y.ravel(), u.ravel(), v.ravel()]).reshape(-1, 512)
    expected = cv2.cvtColor(packed, cv2.COLOR_YUV2BGR_I420)
    np.testing.assert_array_equal(converted(frame), expected)


@pytest.mark.parametrize("matrix", sorted(LUMA_WEIGHTS))
@pytest.mark.parametrize("full_range", [False, True])
def test_black_white_and_gray_stay_gray(matrix: int, full_range: bool) -> None:
    luma = np.arange(256, dtype=np.uint8).reshape(16, 16)
    neutral = np.full((16, 16), 128, np.uint8)
    frame = planar_frame("yuv444p", [luma, neutral, neutral], (16, 16))
    image = converted(tagged(frame, matrix, ColorRange.JPEG if full_range else ColorRange.MPEG))
    assert np.array_equal(image[..., 0], image[..., 1])
    assert np.array_equal(image[..., 0], image[..., 2])
    levels = image[..., 0].ravel()
    black, white = (0, 255) if full_range else (16, 235)
    assert levels[black] == 0
    assert levels[white] == 255
    assert np.all(levels[:black] == 0)
    assert np.all(levels[white:] == 255)


def test_ten_bit_follows_the_tags() -> None:
    planes = random_planes(seed=1, chroma_step=1)
    eight = planar_frame("yuv444p", planes, (WIDTH_PX, HEIGHT_PX))
    ten = av.VideoFrame(WIDTH_PX, HEIGHT_PX, "yuv444p10le")
    for plane, values in zip(ten.planes, planes, strict=True):
        rows = np.zeros((plane.height, plane.line_size // 2), "<u2")
        rows[:, :WIDTH_PX] = values.astype(np.uint16) * 4
        plane.update(rows.tobytes())
    expected = converted(tagged(eight, 1, ColorRange.MPEG)).astype(int)
    image = converted(tagged(ten, 1, ColorRange.MPEG)).astype(int)
    assert np.abs(image - expected).max() <= 2


def test_threads_do_not_change_the_image() -> None:
    """Rows are shared by threads where swscale converts."""
    planes = random_planes(3, 1)
    ten = av.VideoFrame.from_ndarray(np.stack(planes, axis=-1), format="rgb24")
    frame = tagged(ten.reformat(format="yuv444p10le"), 1, ColorRange.MPEG)
    tags = color_tags(frame, where="")
    one, three = (ColorConverter("bgr", threads=n).convert(frame, tags) for n in (1, 3))
    assert np.array_equal(one, three)


def test_rgb_order_is_bgr_reversed() -> None:
    frame = planar_frame("yuv444p", random_planes(2, 1), (WIDTH_PX, HEIGHT_PX))
    tagged(frame, 1, ColorRange.MPEG)
    bgr, rgb = (converted(frame, order) for order in _ORDERS)
    assert np.array_equal(bgr, rgb[..., ::-1])


_ORDERS: tuple[ColorOrder, ColorOrder] = ("bgr", "rgb")


@pytest.mark.parametrize(
    ("color_range", "expected"),
    [
        (ColorRange.MPEG, [0, 0, 128, 255, 255]),
        (ColorRange.JPEG, [0, 16, 126, 235, 255]),
        (ColorRange.UNSPECIFIED, [0, 16, 126, 235, 255]),
    ],
)
def test_gray_range(color_range: int, expected: list[int]) -> None:
    luma = np.zeros((16, 32), np.uint8)
    luma[0, :5] = [0, 16, 126, 235, 255]
    frame = tagged(planar_frame("gray", [luma], (32, 16)), 2, color_range)
    image = converted(frame)
    assert image[0, :5].tolist() == [[level] * 3 for level in expected]


@pytest.mark.parametrize(
    ("size_px", "pix_fmt", "matrix", "color_range", "text"),
    [
        ((96, 64), "yuv420p", 1, ColorRange.MPEG, "bt709 limited (from the stream)"),
        ((96, 64), "yuv420p", 9, ColorRange.JPEG, "bt2020 full (from the stream)"),
        ((640, 360), "yuv420p", 2, 0, "bt601 limited (default for 640x360)"),
        ((1280, 720), "yuv420p", 2, 0, "bt709 limited (default for 1280x720)"),
        (
            (96, 64),
            "yuv420p",
            5,
            0,
            "bt601 limited (matrix from the stream, range by default)",
        ),
        (
            (96, 64),
            "yuvj420p",
            2,
            0,
            "bt601 full (range from the stream, matrix by default for 96x64)",
        ),
        ((96, 64), "bgr24", 0, 0, "rgb full (from the stream)"),
        ((96, 64), "gray", 2, 0, "gray full (default)"),
        ((96, 64), "gray10le", 2, ColorRange.MPEG, "gray limited (from the stream)"),
    ],
)
def test_text(
    size_px: tuple[int, int], pix_fmt: str, matrix: int, color_range: int, text: str
) -> None:
    frame = tagged(av.VideoFrame(*size_px, pix_fmt), matrix, color_range)
    assert color_tags(frame, where="").text == text


def test_unknown_matrix_is_refused_by_name() -> None:
    frame = tagged(av.VideoFrame(96, 64, "yuv420p"), 8, ColorRange.MPEG)
    with pytest.raises(MediaError, match="colour matrix with number 8") as caught:
        color_tags(frame, where="clip.mp4")
    assert caught.value.where == "clip.mp4"


@pytest.mark.parametrize(
    ("size_px", "pix_fmt", "matrix", "color_range", "override", "text"),
    [
        ((96, 64), "yuv420p", 1, ColorRange.MPEG, ("bt601", "auto"),
         "bt601 limited (matrix as the pipeline says, range from the stream)"),
        ((96, 64), "yuv420p", 1, ColorRange.MPEG, ("auto", "full"),
         "bt709 full (matrix from the stream, range as the pipeline says)"),
        ((96, 64), "yuv420p", 9, ColorRange.JPEG, ("bt709", "limited"),
         "bt709 limited (as the pipeline says)"),
        ((96, 64), "yuv420p", 2, 0, ("bt2020", "auto"),
         "bt2020 limited (matrix as the pipeline says, range by default)"),
        ((640, 360), "yuv420p", 2, 0, ("auto", "full"),
         "bt601 full (range as the pipeline says, matrix by default for 640x360)"),
        # A matrix that is not known is no matter where it is not used.
        ((96, 64), "yuv420p", 8, ColorRange.MPEG, ("bt709", "auto"),
         "bt709 limited (matrix as the pipeline says, range from the stream)"),
        ((96, 64), "yuvj420p", 2, 0, ("bt601", "limited"), "bt601 limited (as the pipeline says)"),
        ((96, 64), "gray", 2, 0, ("bt709", "limited"), "gray limited (as the pipeline says)"),
        ((96, 64), "gray", 2, 0, ("bt709", "auto"), "gray full (default)"),
        ((96, 64), "bgr24", 0, 0, ("bt709", "limited"), "rgb full (from the stream)"),
    ],
)  # fmt: skip
def test_override_comes_before_tags(
    size_px: tuple[int, int],
    pix_fmt: str,
    matrix: int,
    color_range: int,
    override: tuple[ColorMatrix, ColorRangeName],
    text: str,
) -> None:
    frame = tagged(av.VideoFrame(*size_px, pix_fmt), matrix, color_range)
    assert color_tags(frame, where="", override=ColorOverride(*override)).text == text


@pytest.mark.parametrize("matrix", [1, 6, 9])
@pytest.mark.parametrize("full_range", [False, True])
def test_override_is_as_if_tagged_so(matrix: int, full_range: bool) -> None:
    planes = random_planes(5, 1)
    frame = planar_frame("yuv444p", planes, (WIDTH_PX, HEIGHT_PX))
    names: dict[int, ColorMatrix] = {1: "bt709", 6: "bt601", 9: "bt2020"}
    override = ColorOverride(names[matrix], "full" if full_range else "limited")
    tagged(frame, 1 if matrix != 1 else 6, ColorRange.MPEG if full_range else ColorRange.JPEG)
    image = converted(frame, override=override)
    tagged(frame, matrix, ColorRange.JPEG if full_range else ColorRange.MPEG)
    np.testing.assert_array_equal(image, converted(frame))
