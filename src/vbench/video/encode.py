"""H.264 files from images: B-frames, closed groups of pictures, BT.709 limited range."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

from vbench.errors import MediaError
from vbench.types.arrays import U8

_GOP_S = 2.0
_MAX_DENOMINATOR = 100_000


def write_h264(
    path: Path,
    frames_bgr: Iterable[U8],
    fps: Fraction | float,
    *,
    crf: float = 25.0,
    b_frames: int = 2,
    preset: str = "slow",
) -> int:
    """Encode images as an H.264 MP4 file and return how many there were.

    One encoder thread and no time stamps in the file: equal images give equal bytes. The file
    appears under its name only when it is whole.

    Args:
        path: the file to write; its folder must exist.
        frames_bgr: (H, W, 3) uint8 images of one size, full-range BGR; H and W even.
        fps: frames per second, above 0.
        crf: x264's constant rate factor; lower is better and larger.
        b_frames: B-frames between references; 0 for none.
        preset: x264's speed preset.

    Raises:
        MediaError: no images, an image of another size or type, a rate that is not positive,
            no x264 in this PyAV, or the file cannot be written.
    """
    rate = _exact_rate(path, fps)
    images = iter(frames_bgr)
    first = next(images, None)
    if first is None:
        raise MediaError(
            "a video needs at least one frame", where=str(path), hint="give it a frame"
        )
    _check_image(path, 0, first, first.shape)
    partial = path.with_name(f".{path.name}.partial")
    try:
        with _media_errors(path):
            n_frames = _encode(partial, _checked(path, first, images), rate, crf, b_frames, preset)
            partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return n_frames


def _exact_rate(path: Path, fps: Fraction | float) -> Fraction:
    rate = Fraction(fps).limit_denominator(_MAX_DENOMINATOR) if fps > 0 else Fraction(0)
    if rate <= 0:
        raise MediaError(f"{fps} is not a frame rate", where=str(path), hint="give one above 0")
    return rate


def _check_image(path: Path, index: int, image: U8, shape: tuple[int, ...]) -> None:
    """Raise MediaError unless `image` is a picture of `shape` that yuv420p can hold."""
    ok = image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3
    if not ok or image.shape != shape:
        raise MediaError(
            f"frame {index} is {image.dtype} {image.shape}, expected uint8 {shape}",
            where=str(path),
            hint="all frames of a clip are (height, width, 3) and of one size",
        )
    if image.shape[0] % 2 or image.shape[1] % 2:
        raise MediaError(
            f"frames of {image.shape[1]}x{image.shape[0]} px cannot be encoded as yuv420p",
            where=str(path),
            hint="use an even width and height",
        )


def _checked(path: Path, first: U8, rest: Iterator[U8]) -> Iterator[U8]:
    yield first
    for index, image in enumerate(rest, start=1):
        _check_image(path, index, image, first.shape)
        yield image


@contextmanager
def _media_errors(path: Path) -> Iterator[None]:
    """Turn what PyAV and the file system raise into MediaError."""
    try:
        yield
    except av.codec.codec.UnknownCodecError as error:
        raise MediaError(
            "this PyAV was built without x264", where=str(path), hint="install PyAV's own wheel"
        ) from error
    except (av.error.FFmpegError, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise MediaError(
            f"cannot be encoded: {reason}", where=str(path), hint="see `vbench doctor`"
        ) from error


def _encode(
    path: Path, images: Iterator[U8], rate: Fraction, crf: float, b_frames: int, preset: str
) -> int:
    with av.open(str(path), "w", format="mp4", options=_MUXER) as container:
        stream: VideoStream | None = None
        index = -1
        for index, image in enumerate(images):
            if stream is None:
                options = _encoder_options(rate, crf, b_frames, preset)
                stream = container.add_stream("libx264", rate=rate, options=options)
                _tag(stream.codec_context, image.shape[1], image.shape[0], rate)
            container.mux(stream.encode(_to_yuv(image, index, rate)))
        if stream is not None:
            container.mux(stream.encode(None))
    return index + 1


_MUXER = {"movflags": "+faststart", "fflags": "+bitexact"}


def _encoder_options(rate: Fraction, crf: float, b_frames: int, preset: str) -> dict[str, str]:
    gop = max(round(_GOP_S * rate), 1)
    parameters = f"open-gop=0:threads=1:keyint={gop}:min-keyint={max(gop // 2, 1)}"
    return {
        "crf": f"{crf:g}",
        "preset": preset,
        "bf": str(b_frames),
        "x264-params": f"{parameters}:bframes={b_frames}:b-adapt=1",
    }


def _tag(codec: VideoCodecContext, width_px: int, height_px: int, rate: Fraction) -> None:
    codec.width, codec.height, codec.pix_fmt = width_px, height_px, "yuv420p"
    codec.time_base = 1 / rate
    codec.thread_count = 1
    codec.color_primaries = ColorPrimaries.BT709
    codec.color_trc = ColorTrc.BT709
    codec.colorspace = Colorspace.ITU709
    codec.color_range = ColorRange.MPEG


def _to_yuv(image: U8, index: int, rate: Fraction) -> av.VideoFrame:
    rgb = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
    frame = rgb.reformat(
        format="yuv420p",
        src_color_range=ColorRange.JPEG,
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
    )
    frame.pict_type = PictureType.NONE
    frame.pts, frame.time_base = index, 1 / rate
    return frame
