"""The frames of a clip in any order, each exactly the frame that a run saw."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from vbench.errors import MediaError
from vbench.types import Frame, MediaFacts
from vbench.types.color_override import AS_TAGGED
from vbench.video.color import ColorReading
from vbench.video.conversion import ColorConverter
from vbench.video.image_folder import ImageFolder, image_paths, read_image
from vbench.video.opening import open_media
from vbench.video.orientation import orientation_of
from vbench.video.seeking import SeekingPictures, SeekRefusedError
from vbench.video.video_file import VideoFile


class AnyOrder:
    """A clip whose frames can be asked for in any order; for one thread at a time.

    Where the presentation times of a video do not tell which frame is which, or a damaged clip was
    scored, it is decoded from its start, as the run did; `in_sequence_because` says so.

    Args:
        path: a video file or an image folder.
        facts: of the clip, from the run's record.
        stream: index among the file's video streams; None takes the file's default one.
        allow_damaged: the run scored what decodes of a damaged clip.
        where: place for error messages, the path unless given.

    Raises MediaError where the clip cannot be opened.
    """

    def __init__(
        self,
        path: Path,
        facts: MediaFacts,
        *,
        stream: int | None = None,
        allow_damaged: bool = False,
        where: str = "",
    ) -> None:
        self._path = path
        self._facts = facts
        self._stream = stream
        self._allow_damaged = allow_damaged
        self._where = where or str(path)
        self._reading = ColorReading(AS_TAGGED, where=self._where)
        self._converter = ColorConverter("bgr", threads=0)
        self._images: tuple[Path, ...] = ()
        self._seeking: SeekingPictures | None = None
        self._sequence: VideoFile | ImageFolder | None = None
        self._position = 0
        self.in_sequence_because = ""
        """Why frames are decoded from the clip's start; empty where they are not."""
        if path.is_dir():
            self._images = image_paths(path, where=self._where)
        elif allow_damaged:
            self.in_sequence_because = "the clip is damaged"
        else:
            self._open_seeking()

    def _open_seeking(self) -> None:
        try:
            self._seeking = SeekingPictures(
                self._path,
                stream=self._stream,
                n_frames=self._facts.n_frames,
                where=self._where,
            )
        except SeekRefusedError as refused:
            self.in_sequence_because = str(refused)

    def close(self) -> None:
        """Let go of the file."""
        if self._seeking is not None:
            self._seeking.close()
        if self._sequence is not None:
            self._sequence.close()
        self._seeking = self._sequence = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def frame(self, index: int) -> Frame:
        """The frame as displayed, blue first, colours as the stream says.

        Raises MediaError for a frame that the clip does not have or that cannot be decoded.
        """
        if not 0 <= index < self._facts.n_frames:
            raise MediaError(
                f"frame {index} does not exist: the clip has {self._facts.n_frames} frames",
                where=self._where,
                hint="frames count from 0",
            )
        if self._images:
            return self._image(index)
        if self._seeking is not None:
            try:
                return self._sought(self._seeking, index)
            except SeekRefusedError as refused:
                self.in_sequence_because = str(refused)
                self._seeking.close()
                self._seeking = None
        return self._in_sequence(index)

    def _image(self, index: int) -> Frame:
        image = read_image(self._images[index]) if index < len(self._images) else None
        if image is None:
            raise MediaError(
                f"the image of frame {index} cannot be read",
                where=self._where,
                hint="replace the image",
            )
        return Frame(index, index / self._facts.fps, image, "bgr")

    def _sought(self, pictures: SeekingPictures, index: int) -> Frame:
        picture = pictures.picture(index)
        tags = self._reading.tags(picture)
        orientation = orientation_of(picture, where=self._where)
        image = orientation.apply(self._converter.convert(picture, tags))
        return Frame(index, pictures.pts_s(index), image, "bgr")

    def _in_sequence(self, index: int) -> Frame:
        """Decode on, or once more from the start."""
        if self._sequence is not None and index < self._position:
            self._sequence.close()
            self._sequence = None
        if self._sequence is None:
            self._sequence = open_media(
                self._path,
                stream=self._stream,
                allow_damaged=self._allow_damaged,
                where=self._where,
            )
        try:
            frame = next(self._sequence.frames_at([index]))
        except MediaError:
            # It stands somewhere behind the frame.
            self._sequence.close()
            self._sequence = None
            raise
        self._position = index + 1
        return frame
