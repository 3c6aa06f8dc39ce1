"""Which engine executes a pipeline file's engine entry."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias, assert_never

from vbench.config.pipeline_file import OnnxRuntimeEntry
from vbench.engines.protocol import Engine, KeyPlace
from vbench.errors import EngineError

TensorEntry: TypeAlias = OnnxRuntimeEntry
"""Engine entries that execute a model; another engine joins this union."""


def open_engine(entry: TensorEntry, folder: Path, place: KeyPlace) -> Engine:
    """Load the model of an engine entry; each engine's library is imported only when it is used.

    Args:
        entry: the checked ``engine`` mapping of a pipeline file.
        folder: what relative paths in the entry start from.
        place: names a key of the entry in messages.

    Raises:
        ConfigError: the entry does not fit the files on disk.
        EngineError: the model cannot be loaded, or another provider than the one asked for runs.
    """
    match entry:
        case OnnxRuntimeEntry():
            from vbench.engines.onnx_runtime import OnnxRuntimeEngine

            try:
                return OnnxRuntimeEngine(entry, folder, place)
            except EngineError as error:
                if error.where != str(folder / entry.model):
                    raise
                # What is wrong with the file, at the place that names the file.
                what = f"{error.where}: {error.what}"
                raise EngineError(what, where=place("model"), hint=error.hint) from error
        case _:
            assert_never(entry)


def model_files(entry: TensorEntry, folder: Path) -> tuple[Path, ...]:
    """Every file the model consists of, the one named in the entry first.

    Raises:
        EngineError: the model file is missing or unreadable.
    """
    match entry:
        case OnnxRuntimeEntry():
            from vbench.engines.onnx_file import external_data_files

            model = folder / entry.model
            return (model, *external_data_files(model))
        case _:
            assert_never(entry)
