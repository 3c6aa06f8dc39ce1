"""Tiny clips whose frames carry their own number, written through PyAV."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

from vbench.types import U8

HEIGHT_PX, WIDTH_PX = 64, 96
_N_BITS = 8
_BIT_WIDTH_PX = WIDTH_PX // _N_BITS


def numbered_image(number: int, height_px: int = HEIGHT_PX, width_px: int = WIDTH_PX) -> U8:
    """Image whose upper half shows `number` as eight black or white bars over gray noise.

    The noise makes frames large enough that every cut and flipped byte lands in one.
    """
    noise = np.random.default_rng(number).integers(98, 159, (height_px, width_px, 1), np.uint8)
    image = noise.repeat(3, axis=2)
    bar_px = width_px // _N_BITS
    for bit in range(_N_BITS):
        level = 235 if number >> bit & 1 else 20
        image[: height_px // 2, bit * bar_px : (bit + 1) * bar_px] = level
    return image


def number_of(image: U8) -> int:
    """The number that `numbered_image` drew."""
    height_px, width_px = image.shape[:2]
    bar_px = width_px // _N_BITS
    bars = image[4 : height_px // 2 - 4, : bar_px * _N_BITS].mean(axis=(0, 2))
    levels = bars.reshape(_N_BITS, bar_px)[:, 2:-2].mean(axis=1)
    return sum(1 << bit for bit in range(_N_BITS) if levels[bit] > 128)


def add_stream(
    container: av.container.OutputContainer,
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    rate: int = 25,
    size_px: tuple[int, int] = (WIDTH_PX, HEIGHT_PX),
    options: dict[str, str] | None = None,
) -> VideoStream:
    stream = container.add_stream(codec, rate=rate, options=options or {})
    assert isinstance(stream, VideoStream)
    stream.width, stream.height = size_px
    stream.pix_fmt = pix_fmt
    stream.codec_context.thread_count = 1
    return stream


def write_clip(
    path: Path,
    n_frames: int = 12,
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    rate: int = 25,
    pts: Sequence[int] | None = None,
    options: dict[str, str] | None = None,
    degrees: float | None = None,
    hflip: bool = False,
    container_options: dict[str, str] | None = None,
    size_px: tuple[int, int] = (WIDTH_PX, HEIGHT_PX),
) -> Path:
    """Write numbered frames; `pts` in units of 1 / rate second, by default 0, 1, 2..."""
    with av.open(str(path), "w", options=container_options or {}) as container:
        stream = add_stream(
            container, codec=codec, pix_fmt=pix_fmt, rate=rate, size_px=size_px, options=options
        )
        stream.codec_context.time_base = Fraction(1, rate)
        if degrees is not None:
            stream.set_display_rotation(degrees, hflip=hflip)
        for number in range(n_frames):
            image = numbered_image(number, size_px[1], size_px[0])
            frame = av.VideoFrame.from_ndarray(image, format="bgr24").reformat(format=pix_fmt)
            frame.pts = number if pts is None else pts[number]
            frame.time_base = Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def planar_frame(pix_fmt: str, planes: Sequence[U8], size_px: tuple[int, int]) -> av.VideoFrame:
    """A picture with exactly these 8-bit planes."""
    frame = av.VideoFrame(size_px[0], size_px[1], pix_fmt)
    for plane, values in zip(frame.planes, planes, strict=True):
        rows = np.zeros((plane.height, plane.line_size), np.uint8)
        rows[:, : values.shape[1]] = values
        plane.update(rows.tobytes())
    return frame
