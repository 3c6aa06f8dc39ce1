"""Opening a video file and choosing one of its video streams."""

from __future__ import annotations

from pathlib import Path

import av
from av.container import InputContainer

from vbench.errors import DamagedMediaError, MediaError
from vbench.video.container_end import missing_bytes


def open_container(path: Path, where: str) -> InputContainer:
    """An open file; raises MediaError, with `where` as its place, where it is no video."""
    if not path.is_file():
        raise MediaError(
            f"{path} does not exist or is not a file", where=where, hint="check the path"
        )
    try:
        return av.open(str(path), mode="r")
    except (av.FFmpegError, UnicodeDecodeError) as error:
        why = "the file is empty"
        if path.stat().st_size:
            why = f"cannot be opened as a video, {getattr(error, 'strerror', None) or error}"
        raise _unusable(path, why, where) from error


def choose_stream(container: InputContainer, path: Path, stream: int | None, where: str) -> int:
    """Index among the file's video streams; None takes the one that libavformat calls best.

    Raises MediaError where there is no such stream, or no decoder for it.
    """
    videos = container.streams.video
    if not videos:
        raise _unusable(path, "it has no video stream", where)
    if stream is None:
        best = container.streams.best("video")
        chosen = 0 if best is None else [video.index for video in videos].index(best.index)
    elif 0 <= stream < len(videos):
        chosen = stream
    else:
        raise MediaError(
            f"the file has no video stream {stream}, only 0 to {len(videos) - 1}",
            where=where,
            hint="stream counts video streams only, from 0",
        )
    if videos[chosen].codec_context is None:
        raise MediaError(
            f"{path.name}: there is no decoder for video stream {chosen}",
            where=where,
            hint="convert the clip to H.264",
        )
    return chosen


def _unusable(path: Path, why: str, where: str) -> MediaError:
    """The error for a file of which not one frame can be had."""
    n_missing_bytes = missing_bytes(path)
    if not n_missing_bytes:
        return MediaError(
            f"{path.name}: {why}", where=where, hint="check that the file is complete and plays"
        )
    size = path.stat().st_size
    return DamagedMediaError(
        f"{path.name} is damaged: decoding stopped at frame 0, byte {size} of {size}: "
        f"the file is cut short by at least {n_missing_bytes} bytes, {why}",
        frame_index=0,
        byte_position=size,
        where=where,
        hint="replace the file",
    )
