"""Objects of the user's own Python code, named ``module:name``.

Modules are looked for in the pipeline file's folder first. Two pipelines in different folders may
both have a ``detector.py``, and neither may hide a module from vbench itself: a folder is on
`sys.path`, and its modules in `sys.modules`, only while its code is imported or runs; see
`imports_from`.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Condition
from types import ModuleType

from vbench.config.model_file import closest
from vbench.engines.printable import printable
from vbench.errors import EngineError, Interrupted

_VBENCH = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder that modules are imported from."""

    root: Path
    top_names: frozenset[str]
    """Modules and packages that it holds."""
    shared: frozenset[str]
    """Full names of modules that were imported from it before, by others: left alone."""
    modules: dict[str, ModuleType] = field(default_factory=dict)
    """What was imported from it since, by full name."""


def load_object(reference: str, folder: Path, place: str) -> object:
    """Import what ``module:name`` names.

    Args:
        reference: a module, which may have dots, and a name in it.
        folder: where modules are looked for first.
        place: ``file:line: key`` of the reference, for messages.

    Raises:
        EngineError: there is no such module or name, or the module fails when it is imported; the
            message has the line of the user's code.
    """
    module_name, _, name = reference.partition(":")
    importlib.invalidate_caches()
    try:
        with imports_from(folder):
            module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if _is_part_of(error.name, module_name):
            raise _not_found(str(error.name), folder, place) from None
        raise _import_failure(error, folder, place) from error
    except Interrupted:
        raise
    except (Exception, SystemExit) as error:
        raise _import_failure(error, folder, place) from error
    if not hasattr(module, name):
        public = [item for item in vars(module) if not item.startswith("_")]
        raise EngineError(
            f'module "{module_name}" ({module.__file__}) has no "{name}"',
            where=place,
            hint=closest(name, public),
        )
    return getattr(module, name)


def module_file(reference: str, folder: Path, place: str) -> Path:
    """The file that the module of ``module:name`` is in; packages above it are imported.

    Raises EngineError where there is none.
    """
    module_name = reference.partition(":")[0]
    package = folder.joinpath(*module_name.split("."))
    for path in (package / "__init__.py", package.with_name(f"{package.name}.py")):
        if path.is_file():
            return path
    try:
        with imports_from(folder):
            spec = importlib.util.find_spec(module_name)
    except Interrupted:
        raise
    except (Exception, SystemExit) as error:
        raise _import_failure(error, folder, place) from error
    if spec is None or spec.origin is None or not Path(spec.origin).is_file():
        raise _not_found(module_name, folder, place)
    return Path(spec.origin)


@contextmanager
def imports_from(folder: Path) -> Iterator[None]:
    """While it lasts, imports look in `folder` first, and `print` writes to stderr.

    Standard output is vbench's own: `--json` must stay JSON.

    Every call of the user's code belongs inside it: functions may import when they run. A few
    microseconds per call. Several threads may be inside with one folder; with another folder they
    wait until all are out. Not for use inside itself.
    """
    global _visit
    with _changed:
        own = _folder(folder.resolve())
        _changed.wait_for(lambda: _visit is None or _visit.folder is own)
        visit = _visit = _visit or _Visit(own)
        visit.n_inside += 1
    try:
        yield
    finally:
        with _changed:
            visit.n_inside -= 1
            if not visit.n_inside:
                visit.end()
                _visit = None
                _changed.notify_all()


class _Visit:
    """A time in which code of a folder runs."""

    def __init__(self, folder: _Folder) -> None:
        """Let the folder's modules be found, instead of others of their names."""
        self.folder = folder
        self.n_inside = 0
        self._hidden = _hidden_by(folder)
        for name in self._hidden:
            del sys.modules[name]
        sys.modules.update(folder.modules)
        self._n_modules = len(sys.modules)
        sys.path.insert(0, str(folder.root))
        self._redirection = redirect_stdout(sys.stderr)
        self._redirection.__enter__()

    def end(self) -> None:
        """Let everything be found as before."""
        self._redirection.__exit__(None, None, None)
        own = self.folder
        # The user's code may have changed the path as well.
        with suppress(ValueError):
            sys.path.remove(str(own.root))
        # Looking through all modules takes longer than most calls: only where one was added.
        if len(sys.modules) != self._n_modules:
            own.modules.update(_loaded_from(own.root, own.shared))
        for name in own.modules:
            sys.modules.pop(name, None)
        sys.modules.update(self._hidden)


_changed = Condition()
_visit: _Visit | None = None
"""The one that goes on; `sys.path` and `sys.modules` are one for all threads."""


def error_text(error: BaseException, folder: Path) -> str:
    """``detector.py:12: ValueError: too small``, on one line, with the user's own line."""
    # A user's own kind of exception may fail at str(), and then says so here.
    words = str(traceback.TracebackException(type(error), error, None))
    message = error.msg if isinstance(error, SyntaxError) else words
    parts = (_user_line(error, folder.resolve()), type(error).__name__, " ".join(message.split()))
    return printable(": ".join(part for part in parts if part))[:400]


def _user_line(error: BaseException, root: Path) -> str:
    """``detector.py:12`` where the user's code raised; empty where that is not known."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return f"{_short(error.filename, root)}:{error.lineno}"
    frames = [
        (frame.filename, frame.lineno)
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<") and not Path(frame.filename).is_relative_to(_VBENCH)
    ]
    of_folder = [frame for frame in frames if Path(frame[0]).is_relative_to(root)]
    for filename, line in reversed(of_folder or frames):
        return f"{_short(filename, root)}:{line}"
    return ""


def _short(filename: str, root: Path) -> str:
    path = Path(filename)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else filename


def _is_part_of(missing: str | None, module_name: str) -> bool:
    """Whether the missing module is the one asked for or a package above it."""
    return missing is not None and f"{module_name}.".startswith(f"{missing}.")


def _not_found(name: str, folder: Path, place: str) -> EngineError:
    there = [item.name for item in pkgutil.iter_modules([str(folder)])]
    return EngineError(
        f'there is no module "{name}" in {folder}, and none is installed',
        where=place,
        hint=closest(name, there) if there else "modules are looked for beside the pipeline file",
    )


def _import_failure(error: BaseException, folder: Path, place: str) -> EngineError:
    hint = "a module must be importable on its own: try `python -c 'import ...'` in its folder"
    if isinstance(error, ModuleNotFoundError) and error.name is not None:
        hint = f"install {error.name.partition('.')[0]} where vbench is installed"
    return EngineError(f"its import failed: {error_text(error, folder)}", where=place, hint=hint)


@cache
def _folder(root: Path) -> _Folder:
    names = frozenset(item.name for item in pkgutil.iter_modules([str(root)]))
    return _Folder(root, names, frozenset(_loaded_from(root, frozenset())))


def _hidden_by(folder: _Folder) -> dict[str, ModuleType]:
    """Loaded modules from elsewhere whose names the folder has too."""
    doubled = {
        name
        for name in folder.top_names.intersection(sys.modules)
        if not _is_in(sys.modules[name], folder.root)
    }
    if not doubled:
        return {}
    return {
        name: module for name, module in sys.modules.items() if name.partition(".")[0] in doubled
    }


def _loaded_from(root: Path, shared: frozenset[str]) -> dict[str, ModuleType]:
    """Loaded modules whose top-level module lies directly in the folder.

    Not those anywhere below it: a virtual environment may be there.
    """
    tops = {name for name in sys.modules if "." not in name and _is_in(sys.modules[name], root)}
    return {
        name: module
        for name, module in sys.modules.items()
        if name.partition(".")[0] in tops and name not in shared
    }


def _is_in(module: ModuleType, root: Path) -> bool:
    """Whether a top-level module is a file or a package directly in a folder."""
    package = getattr(module, "__path__", None)
    files = [str(item) for item in package] if package else [getattr(module, "__file__", None)]
    return any(item is not None and Path(item).parent == root for item in files)
