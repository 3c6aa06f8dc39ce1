"""A user's templates: looked at before use, and what is wrong with one told with file and line."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from vbench.config.model_file import closest
from vbench.errors import ConfigError, VbenchError

_TEXT = (".j2", ".css", ".js")


def environment_for(folders: Sequence[Path]) -> type[jinja2.Environment]:
    """Where templates run: those that came with a run folder may print, and nothing else."""
    return ImmutableSandboxedEnvironment if folders else jinja2.Environment


def check_folders(folders: Sequence[Path], shipped: Path) -> None:
    """Raise ConfigError for a folder that is missing, or that replaces no template of vbench.

    Args:
        folders: the user's.
        shipped: the folder of templates that comes with vbench.
    """
    for folder in folders:
        if not folder.is_dir():
            raise ConfigError(
                "the template folder does not exist", where=str(folder), hint="check the path"
            )
        found = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
        known = sorted(path.relative_to(shipped).as_posix() for path in _files(shipped))
        if not found.keys() & set(known):
            first = min(found, default="")
            raise ConfigError(
                "replaces no template: no file in it has the path of one",
                where=str(folder / first),
                hint=closest(first, known),
            )
        for path in found.values():
            _check_text(path)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.suffix in _TEXT and path.is_file())


def _check_text(path: Path) -> None:
    try:
        path.read_text("utf-8")
    except UnicodeDecodeError:
        raise ConfigError("is not text (UTF-8)", where=str(path), hint="save it as UTF-8") from None
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise ConfigError(what, where=str(path), hint="check its permissions") from None


@contextmanager
def named_errors(folders: Sequence[Path]) -> Iterator[None]:
    """Raise ConfigError with file and line for whatever goes wrong within a user's template."""
    try:
        yield
    except VbenchError:
        raise
    except Exception as error:
        place = _place(error, folders)
        if place is None:
            raise
        raise ConfigError(
            f"the template is broken: {_message(error)}",
            where=place,
            hint="compare it with the template of vbench that it replaces",
        ) from None


def _place(error: Exception, folders: Sequence[Path]) -> str | None:
    """``file:line`` of the innermost line of a user's template; None where there is none."""
    frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, jinja2.TemplateSyntaxError) and error.filename is not None:
        frames.append((error.filename, error.lineno))
    for file, line in reversed(frames):
        if any(Path(file).is_relative_to(folder) for folder in folders):
            return f"{file}:{line}"
    return None


def _message(error: Exception) -> str:
    if isinstance(error, jinja2.TemplatesNotFound | jinja2.TemplateNotFound):
        return f"there is no template {error.message or error.name}"
    text = error.message if isinstance(error, jinja2.TemplateError) else str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
