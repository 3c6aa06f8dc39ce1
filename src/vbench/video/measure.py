"""Measuring a clip by decoding it once: the facts that a lock vouches for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np

from vbench.errors import MediaError
from vbench.types import U8, MediaFacts
from vbench.video.image_folder import ImageFolder, image_paths
from vbench.video.orientation import orientation_of
from vbench.video.pictures import Picture, PictureStream

_CHUNK_BYTES = 1 << 20


def file_sha256(path: Path) -> str:
    """Digest of a file's bytes; of an image folder, of its images' names and digests in order."""
    if path.is_dir():
        digest = hashlib.sha256()
        for image in image_paths(path, where=str(path)):
            digest.update(f"{image.name}\0{file_sha256(image)}\n".encode())
        return digest.hexdigest()
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def measure_media(
    path: Path,
    *,
    stream: int | None = None,
    image_fps: float | None = None,
    allow_damaged: bool = False,
    on_frame: Callable[[int], None] | None = None,
    where: str = "",
) -> MediaFacts:
    """Decode a clip once, with one thread so that damage is always found, and measure it.

    With `allow_damaged` a damaged video has as many frames as its last one's index says: lost
    frames count, as they do in the indices that `open_media` gives.

    `on_frame` is called with the number of frames measured so far. The fingerprint is taken from
    the decoded planes before colour conversion, the rows without padding, and from integer times.

    Raises MediaError and DamagedMediaError as `open_media`.
    """
    if path.is_dir():
        return _measure_folder(path, image_fps, on_frame, where)
    return _measure_video(path, stream, allow_damaged, on_frame, where)


def _measure_video(
    path: Path,
    stream: int | None,
    allow_damaged: bool,
    on_frame: Callable[[int], None] | None,
    where: str,
) -> MediaFacts:
    place = where or str(path)
    pictures = PictureStream(
        path, stream=stream, allow_damaged=allow_damaged, threads=1, where=place
    )
    try:
        time_base = pictures.time_base
        digest = hashlib.sha256(f"{time_base.numerator}/{time_base.denominator}".encode())
        n_frames = 0
        first: Picture | None = None
        last: Picture | None = None
        for picture in pictures:
            _add_picture(digest, picture)
            first = first or picture
            last = picture
            n_frames = picture.index + 1
            if on_frame is not None:
                on_frame(n_frames)
        if first is None or last is None:
            raise MediaError(
                "the clip has no frame that can be decoded",
                where=place,
                hint="take it out of the golden set, or replace the file",
            )
        duration_s = float((last.ticks + last.duration_ticks) * time_base)
        width_px, height_px = first.frame.width, first.frame.height
        if orientation_of(first.frame, where=place).transpose:
            width_px, height_px = height_px, width_px
    finally:
        pictures.close()
    return MediaFacts(
        sha256=file_sha256(path),
        n_frames=n_frames,
        fps=n_frames / duration_s,
        duration_s=duration_s,
        width_px=width_px,
        height_px=height_px,
        fingerprint=digest.hexdigest(),
    )


def _add_picture(digest: hashlib._Hash, picture: Picture) -> None:
    frame = picture.frame
    header = f"{picture.ticks} {frame.format.name} {frame.width}x{frame.height}\n"
    digest.update(header.encode())
    for number in range(len(frame.planes)):
        digest.update(np.ascontiguousarray(_plane_rows(frame, number)).data)


def _plane_rows(frame: av.VideoFrame, number: int) -> U8:
    """(height, bytes per row) of one plane, without the padding at the end of rows."""
    plane = frame.planes[number]
    components = [part for part in frame.format.components if part.plane == number]
    if len(frame.planes) == 1:
        n_bytes = -(-frame.width * frame.format.padded_bits_per_pixel // 8)
    else:
        n_bytes = sum(part.width * -(-part.bits // 8) for part in components)
    rows: U8 = np.frombuffer(memoryview(plane), np.uint8)[: plane.height * plane.line_size]
    return rows.reshape(plane.height, plane.line_size)[:, : n_bytes or plane.line_size]


def _measure_folder(
    path: Path, image_fps: float | None, on_frame: Callable[[int], None] | None, where: str
) -> MediaFacts:
    digest = hashlib.sha256()
    n_frames = 0
    with ImageFolder(
        path,
        image_fps=image_fps,
        color_order="bgr",
        expected_n_frames=None,
        allow_damaged=False,
        where=where,
    ) as media:
        for frame in media:
            digest.update(f"{frame.index} {frame.image.shape}\n".encode())
            digest.update(np.ascontiguousarray(frame.image).data)
            n_frames += 1
            if on_frame is not None:
                on_frame(n_frames)
        return MediaFacts(
            sha256=file_sha256(path),
            n_frames=n_frames,
            fps=media.image_fps,
            duration_s=n_frames / media.image_fps,
            width_px=media.width_px,
            height_px=media.height_px,
            fingerprint=digest.hexdigest(),
        )
