"""Engine ``command``: a program that is given frames over a pipe."""

from __future__ import annotations

from pathlib import Path

from vbench.config.engines.command import CommandEntry
from vbench.config.engines.entry import LiveEntry
from vbench.engines.color import image_in
from vbench.engines.command.messages import (
    answer_of,
    clip_line,
    frame_line,
    greeting_of,
    hello_line,
)
from vbench.engines.command.program import Program
from vbench.engines.jpeg import jpeg_bytes
from vbench.engines.named_files import named_files
from vbench.engines.protocol import ClipFacts, EngineInfo, EngineSite, FrameAnswer
from vbench.errors import EngineError
from vbench.types.frame import Frame


def open_engine(entry: LiveEntry, site: EngineSite) -> CommandEngine:
    """Start the program and exchange greetings; see `EngineModule.open_engine`."""
    return CommandEngine(_own(entry), site)


def files_of(entry: LiveEntry, folder: Path) -> tuple[Path, ...]:
    """Files of the command's words, as far as they are relative paths, then the files named.

    See `EngineModule.files_of`.
    """
    own = _own(entry)
    relative = [folder / word for word in own.command if word and not Path(word).is_absolute()]
    files = [path for path in relative if path.is_file()]
    return tuple(dict.fromkeys((*files, *named_files(own.files, folder))))


class CommandEngine:
    """A running program that answers frames."""

    def __init__(self, entry: CommandEntry, site: EngineSite) -> None:
        """Start the program. Raises EngineError."""
        self._entry = entry
        self._site = site
        where = site.place("command")
        self._program = Program(entry.command, site.folder, where=where)
        hello = hello_line(site.stage, site.class_names, entry.color, entry.frames)
        line = self._program.exchange([hello], timeout_s=entry.start_timeout_s, where=where)
        try:
            greeting = greeting_of(line, where=where)
        except EngineError as error:
            raise self._program.failure(error.what, where=where, hint=error.hint) from None
        self.info = EngineInfo("command", greeting.version, greeting.name)
        self._size_px: tuple[int, int] | None = None

    def begin_clip(self, clip: ClipFacts) -> None:
        """Tell the program. Raises EngineError."""
        self._size_px = (clip.width_px, clip.height_px)
        self._program.send(
            [clip_line(clip)],
            timeout_s=self._entry.frame_timeout_s,
            where=f"stage {self._site.stage}, clip {clip.id}",
        )

    def detect(self, frame: Frame) -> FrameAnswer:
        """What the program finds in a frame. Raises EngineError, and then it has ended."""
        where = f"stage {self._site.stage}, frame {frame.index}"
        content = self._content(frame, where)
        line = self._program.exchange(
            [frame_line(frame.index, frame.pts_s, len(content)), content],
            timeout_s=self._entry.frame_timeout_s,
            where=where,
        )
        try:
            return answer_of(
                line, frame.index, self._site.class_names, where=where, form=self._entry.boxes
            )
        except EngineError as error:
            raise self._program.failure(error.what, where=where, hint=error.hint) from None

    def close(self) -> None:
        """Close the program's input and wait for it to end; it is killed where it does not."""
        self._program.close()

    def _content(self, frame: Frame, where: str) -> memoryview:
        height, width = frame.image.shape[:2]
        if (width, height) != self._size_px:
            announced = "no clip" if self._size_px is None else "a clip of {}x{} px"
            raise EngineError(
                f"the frame has {width}x{height} px, but {announced.format(*self._size_px or ())} "
                "was announced",
                where=where,
                hint="frames of one clip must have one size",
            )
        if self._entry.frames == "jpeg":
            return memoryview(jpeg_bytes(frame))
        return image_in(frame, self._entry.color).data.cast("B")


def _own(entry: LiveEntry) -> CommandEntry:
    if not isinstance(entry, CommandEntry):
        raise TypeError(f"not an entry of the command engine: {type(entry).__name__}")
    return entry
