"""TensorRT's Python bindings, and what TensorRT says; the only module that imports them."""

from __future__ import annotations

import importlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar, cast

from vbench.engines.tensor_rt.api import ILogger, Named, TensorRt
from vbench.errors import EngineError, MissingDependencyError

# As the wheels name the bindings, and as NVIDIA's system packages do.
_MODULES = ("tensorrt_bindings", "tensorrt")
_OLDEST_MAJOR = 10
_NEWEST_MAJOR = 11
_N_MESSAGES_KEPT = 20
_N_MESSAGES_SHOWN = 3

Made = TypeVar("Made")


class Messages:
    """The last warnings and errors of TensorRT, which prints them to stderr otherwise."""

    def __init__(self) -> None:
        self._errors: deque[str] = deque(maxlen=_N_MESSAGES_KEPT)
        self._warnings: deque[str] = deque(maxlen=_N_MESSAGES_KEPT)

    def add(self, severity: str, text: str) -> None:
        """Keep a message; those below a warning are dropped."""
        line = " ".join(text.split())
        if severity in ("ERROR", "INTERNAL_ERROR"):
            self._errors.append(line)
        elif severity == "WARNING":
            self._warnings.append(line)

    def forget(self) -> None:
        """Before a step: what is kept belongs to it."""
        self._errors.clear()
        self._warnings.clear()

    def text(self) -> str:
        """The first errors on one line, warnings where there are none; for an error's text."""
        kept = list(self._errors) or list(self._warnings)
        return "; ".join(kept[:_N_MESSAGES_SHOWN])[:600]


@dataclass(frozen=True, slots=True)
class Library:
    """TensorRT, loaded."""

    trt: TensorRt
    logger: ILogger
    messages: Messages

    @property
    def version(self) -> str:
        """For example ``11.4.0.106``."""
        return self.trt.__version__

    @property
    def major(self) -> int:
        """For example 11."""
        return int(self.version.partition(".")[0])

    def made(self, what: str, make: Callable[[], Made | None], *, hint: str) -> Made:
        """What a factory of TensorRT makes. Raises EngineError where it makes nothing.

        The bindings answer None, or raise TypeError for a constructor.
        """
        self.messages.forget()
        try:
            thing = make()
        except (TypeError, RuntimeError) as error:
            raise self.failed(f"cannot make {what}: {error}", hint=hint) from error
        if thing is None:
            raise self.failed(f"cannot make {what}", hint=hint)
        return thing

    def check(self, done: bool, what: str, *, hint: str) -> None:
        """Raise EngineError unless a call of TensorRT said that it did what it was asked."""
        if not done:
            raise self.failed(f"refused to {what}", hint=hint)

    def failed(self, what: str, *, hint: str, where: str = "") -> EngineError:
        """An error with what TensorRT said."""
        said = self.messages.text()
        text = f"TensorRT {self.version} {what}" + (f": {said}" if said else "")
        return EngineError(text, where=where, hint=hint)


@lru_cache(maxsize=1)
def load_library() -> Library:
    """TensorRT; one logger for the whole process, as TensorRT keeps the first one it is given.

    Raises:
        MissingDependencyError: the bindings or TensorRT's libraries are not installed.
        EngineError: its version is none that this engine was written for.
    """
    trt = _module()
    messages = Messages()
    library = Library(trt, _logger(trt, messages), messages)
    if not _OLDEST_MAJOR <= library.major <= _NEWEST_MAJOR:
        raise EngineError(
            f"TensorRT {library.version} is installed; vbench needs {_OLDEST_MAJOR} or "
            f"{_NEWEST_MAJOR}",
            hint="pip install 'vbench[tensorrt]'",
        )
    library.check(
        trt.init_libnvinfer_plugins(library.logger, ""),
        "register its own plugins",
        hint="install TensorRT again: its libraries and bindings may be of different versions",
    )
    return library


def load_plugins(library: Library, plugins: Sequence[Path]) -> None:
    """Load libraries with plugins, once each per process. Raises EngineError."""
    for plugin in plugins:
        _load_plugin(library, plugin.resolve())


@lru_cache(maxsize=64)
def _load_plugin(library: Library, plugin: Path) -> None:
    library.messages.forget()
    if library.trt.get_plugin_registry().load_library(str(plugin)) is None:
        raise library.failed(
            "cannot load the plugins",
            where=str(plugin),
            hint="they must be built for this version of TensorRT, and each be loaded once",
        )


def _module() -> TensorRt:
    no_libraries = ""
    for name in _MODULES:
        try:
            return cast(TensorRt, importlib.import_module(name))
        except ModuleNotFoundError:
            continue
        except ImportError as error:
            no_libraries = no_libraries or str(error)
    if no_libraries:
        raise MissingDependencyError(
            f"the TensorRT bindings are there, its libraries are not: {no_libraries}",
            hint="pip install 'vbench[tensorrt]', or install TensorRT of the bindings' version "
            "and put its lib folder into LD_LIBRARY_PATH",
        )
    raise MissingDependencyError(
        "TensorRT is not installed",
        hint="pip install 'vbench[tensorrt]'; it needs Linux and an NVIDIA GPU",
    )


def _logger(trt: TensorRt, messages: Messages) -> ILogger:
    base = trt.ILogger

    def log(_self: object, severity: Named, msg: str) -> None:
        messages.add(severity.name, msg)

    # The base class is known only once the bindings are loaded.
    logger = type("MessageLogger", (base,), {"log": log})
    return cast(ILogger, logger())
