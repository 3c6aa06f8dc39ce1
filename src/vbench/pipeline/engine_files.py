"""What decides the answers of a repeatable engine, found without loading its library."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TypeAlias

from vbench.config.engines.onnxruntime import OnnxRuntimeEntry
from vbench.config.engines.openvino import OpenVinoEntry
from vbench.config.engines.tensorrt import TensorRtEntry
from vbench.engines.onnx_file import external_data_files

RepeatableEntry: TypeAlias = OnnxRuntimeEntry | OpenVinoEntry | TensorRtEntry

FILE_KEYS = ("model", "plan", "plugins", "sha256")
"""Keys of their entries that only say which files these are."""

_LIBRARIES = {
    "onnxruntime": ("onnxruntime",),
    "openvino": ("openvino",),
    "tensorrt": ("tensorrt", "tensorrt-cu12", "tensorrt-cu13"),
}
"""Type of an entry -> distributions that its library may come from."""


@dataclass(frozen=True, slots=True)
class EngineFiles:
    """What an engine's answers follow from, besides the settings of its entry."""

    files: tuple[Path, ...]
    """As `vbench.engines.registry.files_of` gives them; what `sha256` pins is the first."""
    libraries: tuple[tuple[str, str], ...]
    """(name, version) of what executes it."""
    on_gpu: bool


def unknown_of(entry: RepeatableEntry) -> str:
    """Why it is not known what an engine's answers follow from; empty where it is."""
    if isinstance(entry, OnnxRuntimeEntry):
        others = [name for name in entry.providers if name != "cpu"]
        return f"the libraries behind provider {others[0]} are not known" if others else ""
    if isinstance(entry, OpenVinoEntry):
        on_cpu = entry.device == "CPU"
        return "" if on_cpu else f"the driver of device {entry.device} is not known"
    return "its engine is built on this machine; pin a built one with `plan`" if entry.model else ""


def engine_files(entry: RepeatableEntry, folder: Path) -> EngineFiles:
    """Files and versions of an engine for which `unknown_of` finds nothing.

    Raises:
        EngineError: its model cannot be read as one.
    """
    if isinstance(entry, TensorRtEntry):
        file = folder / (entry.plan or "")
        more = tuple(folder / plugin for plugin in entry.plugins)
    else:
        file = folder / entry.model
        more = _weights(file)
    libraries = tuple((name, _version(name)) for name in _LIBRARIES[entry.type])
    return EngineFiles((file, *more), libraries, isinstance(entry, TensorRtEntry))


def _weights(model: Path) -> tuple[Path, ...]:
    """Files with a model's weights; those of an OpenVINO IR lie beside it."""
    if model.suffix != ".xml":
        return external_data_files(model)
    beside = model.with_suffix(".bin")
    return (beside,) if beside.is_file() else ()


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""
