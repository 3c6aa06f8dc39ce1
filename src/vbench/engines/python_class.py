"""Engine ``python``: a class of the user's own code, given whole frames.

The class is called with the entry's `options` and must have ``detect(image)``, which returns
``(boxes, scores, classes)`` or ``(boxes, scores, classes, tracks)``, or a mapping as in `answer`.
It may have ``begin_clip(clip_id, width_px, height_px, fps)`` and ``close()``.
"""

from __future__ import annotations

import inspect
import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from vbench.config.engines.entry import LiveEntry
from vbench.config.engines.python import PythonEntry
from vbench.engines.answer import COLUMNS, answer_from_mapping, shown
from vbench.engines.color import image_in
from vbench.engines.named_files import named_files
from vbench.engines.protocol import ClipFacts, EngineInfo, EngineSite, FrameAnswer
from vbench.engines.python_object import error_text, imports_from, load_object, module_file
from vbench.errors import EngineError, VbenchError
from vbench.types.frame import Frame

_RETURNS = "return boxes, scores, classes (and tracks), empty where nothing is found"

_Value = TypeVar("_Value")


def open_engine(entry: LiveEntry, site: EngineSite) -> PythonEngine:
    """Import the class and create an object of it; see `EngineModule.open_engine`."""
    return PythonEngine(_own(entry), site)


def files_of(entry: LiveEntry, folder: Path) -> tuple[Path, ...]:
    """The class's module and the files named; see `EngineModule.files_of`."""
    own = _own(entry)
    return (module_file(own.object, folder, own.object), *named_files(own.files, folder))


class PythonEngine:
    """An object of the user's class."""

    def __init__(self, entry: PythonEntry, site: EngineSite) -> None:
        """Import the class and create the object. Raises EngineError."""
        self._entry = entry
        self._site = site
        made = load_object(entry.object, site.folder, site.place("object"))
        if not callable(made):
            raise EngineError(
                f"{entry.object} is of type {type(made).__name__}, not a class",
                where=site.place("object"),
                hint="name a class, as `module:Class`",
            )
        self._check_options(made)
        detector = self._called(f"creating {entry.object}", site.place("object"), self._make(made))
        detect = getattr(detector, "detect", None)
        if not callable(detect):
            raise EngineError(
                f"{entry.object} has no method `detect`",
                where=site.place("object"),
                hint=f"write `def detect(self, image)`; {_RETURNS}",
            )
        self._detect: Callable[..., object] | None = detect
        self._begin_clip: Callable[..., object] | None = getattr(detector, "begin_clip", None)
        self._close: Callable[..., object] | None = getattr(detector, "close", None)
        self.info = EngineInfo("python", platform.python_version(), entry.object)

    def begin_clip(self, clip: ClipFacts) -> None:
        """Tell the object, where it wants to know. Raises EngineError."""
        begin_clip = self._begin_clip
        if begin_clip is not None:
            self._called(
                "begin_clip",
                f"stage {self._site.stage}, clip {clip.id}",
                lambda: begin_clip(clip.id, clip.width_px, clip.height_px, clip.fps),
            )

    def detect(self, frame: Frame) -> FrameAnswer:
        """What the object finds in a frame. Raises EngineError."""
        detect = self._detect
        where = f"stage {self._site.stage}, frame {frame.index}"
        if detect is None:
            raise EngineError("the engine is closed", where=where, hint="open it again")
        image = image_in(frame, self._entry.color)
        found = self._called("detect", where, lambda: detect(image))
        columns = _columns(found, where)
        # Tensors and tables of other libraries are asked for their values: that may fail as well.
        return self._called(
            "reading what detect returned",
            where,
            lambda: answer_from_mapping(
                columns, self._site.class_names, where=where, form=self._entry.boxes
            ),
        )

    def close(self) -> None:
        """Tell the object, where it wants to know, and let go of it."""
        close, self._detect, self._begin_clip, self._close = self._close, None, None, None
        if close is not None:
            self._called("close", f"stage {self._site.stage}", close)

    def _check_options(self, made: Callable[..., object]) -> None:
        """Options that the class does not take, told before anything of it runs."""
        try:
            signature = inspect.signature(made)
        except (TypeError, ValueError):
            return
        try:
            signature.bind(**self._entry.options)
        except TypeError as error:
            raise EngineError(
                f"{self._entry.object} does not take these options: {error}",
                where=self._site.place("options"),
                hint=f"it takes {signature}",
            ) from None

    def _make(self, made: Callable[..., object]) -> Callable[[], object]:
        return lambda: made(**self._entry.options)

    def _called(self, name: str, where: str, call: Callable[[], _Value]) -> _Value:
        """What the user's code returns; what it raises becomes an EngineError with its line."""
        folder = self._site.folder
        try:
            with imports_from(folder):
                return call()
        except VbenchError:
            raise
        except (Exception, SystemExit) as error:
            raise EngineError(
                f"{name} failed: {error_text(error, folder)}",
                where=where,
                hint="correct the class; an exception there ends the pipeline",
            ) from error


def _own(entry: LiveEntry) -> PythonEntry:
    if not isinstance(entry, PythonEntry):
        raise TypeError(f"not an entry of the python engine: {type(entry).__name__}")
    return entry


def _columns(found: object, where: str) -> Mapping[str, object]:
    if isinstance(found, Mapping):
        return found
    if isinstance(found, tuple | list) and len(found) in (3, 4):
        return dict(zip(COLUMNS, found, strict=False))
    n = f" of {len(found)} values" if isinstance(found, tuple | list) else ""
    raise EngineError(
        f"detect returned {'nothing' if found is None else shown(found)}{n}",
        where=where,
        hint=_RETURNS,
    )
