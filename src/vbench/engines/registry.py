"""Which engine executes a pipeline file's engine entry: found by entry point.

vbench's own engines and those of other packages are found in the same way. An engine's library is
imported only when a pipeline names it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TypeVar, cast

from vbench.config.engines.entry import LiveEntry
from vbench.config.engines.plugin import PluginEntry
from vbench.config.model_file import closest
from vbench.engines.plugin_guard import called, guarded
from vbench.engines.protocol import Engine, EngineModule, EngineSite, FrameEngine, TensorEngine
from vbench.errors import ConfigError, EngineError, MissingDependencyError

GROUP = "vbench.engines"

_Value = TypeVar("_Value")


def engine_names() -> tuple[str, ...]:
    """Names of every engine that is installed, sorted."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def open_engine(entry: LiveEntry, site: EngineSite) -> Engine:
    """Load what an engine entry names; see `EngineModule.open_engine` for what is raised."""
    module = _module(entry, site)
    if not isinstance(entry, PluginEntry):
        return module.open_engine(entry, site)
    engine = _called(entry, site, "to open", lambda: module.open_engine(entry, site))
    wanted = TensorEngine if entry.takes == "tensors" else FrameEngine
    if not isinstance(engine, wanted):
        raise EngineError(
            f'engine "{entry.name}" takes no {entry.takes}',
            where=site.place("takes"),
            hint="write `takes: tensors` or `takes: frames`, as its package says",
        )
    return _called(entry, site, "to open", lambda: guarded(engine, entry.name))


def files_of(entry: LiveEntry, site: EngineSite) -> tuple[Path, ...]:
    """Every file that decides what the engine answers; see `EngineModule.files_of`."""
    module = _module(entry, site)
    if not isinstance(entry, PluginEntry):
        return module.files_of(entry, site.folder)
    files = _called(
        entry, site, "to name its files", lambda: tuple(module.files_of(entry, site.folder))
    )
    for file in files:
        if not isinstance(file, Path) or not file.is_file():
            raise EngineError(
                f'engine "{entry.name}" names {file}, which is not a file',
                where=site.place("options"),
                hint="check the paths in `options`",
            )
    return files


def _called(entry: PluginEntry, site: EngineSite, doing: str, call: Callable[[], _Value]) -> _Value:
    """What a plugin's code returns; its errors are EngineErrors with a place."""
    try:
        return called(entry.name, doing, call)
    except EngineError as error:
        where = error.where or site.place("name")
        raise type(error)(error.what, where=where, hint=error.hint) from error


def _name(entry: LiveEntry) -> str:
    return entry.name if isinstance(entry, PluginEntry) else entry.type


def _module(entry: LiveEntry, site: EngineSite) -> EngineModule:
    name = _name(entry)
    # The same module may be found twice, where a package is installed in two places.
    found = {point.value: point for point in entry_points(group=GROUP) if point.name == name}
    if isinstance(entry, PluginEntry):
        _check_plugin(name, list(found), site)
    elif not found:
        raise MissingDependencyError(
            f'engine "{name}" is not among the installed entry points of vbench',
            where=site.place("type"),
            hint="vbench was installed from an older state: install it again",
        )
    if len(found) > 1:
        raise EngineError(
            f'several packages have an engine "{name}": {", ".join(sorted(found))}',
            where=site.place(_key(entry)),
            hint="uninstall all but one of them",
        )
    (point,) = found.values()
    return _loaded(point, entry, site)


def _check_plugin(name: str, modules: Sequence[str], site: EngineSite) -> None:
    if not modules:
        raise ConfigError(
            f'no engine "{name}" is installed',
            where=site.place("name"),
            hint=f"{closest(name, engine_names())}; engines are found by the entry points of "
            f'the group "{GROUP}"',
        )
    if all(module.startswith("vbench.") for module in modules):
        raise ConfigError(
            f'"{name}" is an engine of vbench, with keys of its own',
            where=site.place("name"),
            hint=f"write `type: {name}` instead of `type: plugin`",
        )


def _key(entry: LiveEntry) -> str:
    """The entry's key that names the engine."""
    return "name" if isinstance(entry, PluginEntry) else "type"


def _loaded(point: EntryPoint, entry: LiveEntry, site: EngineSite) -> EngineModule:
    try:
        module = point.load()
    except ImportError as error:
        package = (error.name or "").partition(".")[0]
        extra = f" or the extra that brings it: pip install 'vbench[{point.name}]'"
        raise MissingDependencyError(
            f'engine "{point.name}" cannot be imported: {error}',
            where=site.place(_key(entry)),
            hint=f"install {package or 'what it needs'}"
            + ("" if isinstance(entry, PluginEntry) else extra),
        ) from None
    except Exception as error:
        if not isinstance(entry, PluginEntry):
            raise
        raise EngineError(
            f'engine "{point.name}" cannot be imported: {type(error).__name__}: {error} '
            f"({point.value})",
            where=site.place("name"),
            hint="this is an error of the engine's own package: update or repair it",
        ) from error
    missing = [name for name in ("open_engine", "files_of") if not hasattr(module, name)]
    if missing:
        raise EngineError(
            f'engine "{point.name}" has no `{missing[0]}` ({point.value})',
            where=site.place(_key(entry)),
            hint="an engine of this name needs the functions of vbench.engines.protocol."
            "EngineModule: update its package",
        )
    return cast(EngineModule, module)
