"""The way in: open a clip and take its frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from vbench.types import ColorOrder, Frame
from vbench.types.color_override import AS_TAGGED, ColorOverride
from vbench.video.image_folder import ImageFolder
from vbench.video.video_file import VideoFile


def open_media(
    path: Path,
    *,
    stream: int | None = None,
    color_order: ColorOrder = "bgr",
    color: ColorOverride = AS_TAGGED,
    allow_damaged: bool = False,
    threads: int = 0,
    image_fps: float | None = None,
    expected_n_frames: int | None = None,
    where: str = "",
) -> VideoFile | ImageFolder:
    """Open a video file or an image folder; its first frame is decoded at once.

    Args:
        path: a video file, or a folder of png, jpg, bmp or webp images.
        stream: index among the file's video streams; None takes the one that libavformat
            calls best (marked as default, then by content); a note says which.
        color_order: channel order of the images.
        color: what to take instead of the stream's colour tags; image files are read as they are.
        allow_damaged: go on past damage and say in ``damage`` what was lost; lost frames leave
            holes in the frame indices, so that truth stays with its frame.
        threads: for decoding and for swscale, 0 takes one per CPU that this process may use; the
            frames are the same.
        image_fps: rate of an image folder, 1 frame/s unless given.
        expected_n_frames: what the lock says; another count raises LockError.
        where: place for error messages, the path unless given.

    Raises MediaError where the clip cannot be opened, DamagedMediaError (also while iterating)
    where it is cut or corrupt.
    """
    if path.is_dir():
        return ImageFolder(
            path,
            image_fps=image_fps,
            color_order=color_order,
            expected_n_frames=expected_n_frames,
            allow_damaged=allow_damaged,
            where=where,
        )
    return VideoFile(
        path,
        stream=stream,
        color_order=color_order,
        color=color,
        expected_n_frames=expected_n_frames,
        allow_damaged=allow_damaged,
        threads=threads,
        where=where,
    )


def frames_at(
    path: Path,
    indices: Sequence[int],
    *,
    stream: int | None = None,
    color_order: ColorOrder = "bgr",
    color: ColorOverride = AS_TAGGED,
    allow_damaged: bool = False,
    threads: int = 0,
    image_fps: float | None = None,
    where: str = "",
) -> Iterator[Frame]:
    """The frames with these indices, ascending, each once; decoding stops after the last.

    The clip is decoded from its start, which is exact where seeking is not. Arguments and errors
    as in `open_media`; an index that the clip does not have raises MediaError.
    """
    with open_media(
        path,
        stream=stream,
        color_order=color_order,
        color=color,
        allow_damaged=allow_damaged,
        threads=threads,
        image_fps=image_fps,
        where=where,
    ) as media:
        yield from media.frames_at(indices)
