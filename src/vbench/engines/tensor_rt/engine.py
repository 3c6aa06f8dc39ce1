"""TensorRT as an engine of vbench."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from vbench.config.engines.entry import LiveEntry
from vbench.config.engines.tensorrt import TensorRtEntry
from vbench.engines.model_checks import check_digest, closed
from vbench.engines.onnx_file import external_data_files
from vbench.engines.protocol import EngineInfo, EngineSite, Tensor, TensorInfo
from vbench.engines.tensor_rt import cuda, library
from vbench.engines.tensor_rt.api import Runtime
from vbench.engines.tensor_rt.build import build_plan
from vbench.engines.tensor_rt.cache import (
    EngineKey,
    PlanRecord,
    cache_folder,
    cached_plan,
    engine_key,
    keep_plan,
    make_cache_folder,
    timing_cache_file,
    write_whole,
)
from vbench.engines.tensor_rt.cuda import Device
from vbench.engines.tensor_rt.library import Library
from vbench.engines.tensor_rt.load import load_plan
from vbench.engines.tensor_rt.plan import read_plan
from vbench.engines.tensor_rt.runtime import Execution
from vbench.engines.tensor_rt.settings import BuildSettings, build_settings
from vbench.errors import ConfigError, EngineError, MissingDependencyError


def open_engine(entry: LiveEntry, site: EngineSite) -> TensorRtEngine:
    """The engine of an entry; see `vbench.engines.protocol.EngineModule`.

    A model is built the first time on a machine, which takes seconds to minutes.
    """
    entry = _own(entry)
    try:
        return TensorRtEngine(entry, site)
    except (EngineError, MissingDependencyError) as error:
        # What is wrong with a file or this machine, at the place that asks for it.
        key = ("plan" if entry.plan is not None else "model") if error.where else "type"
        what = f"{error.where}: {error.what}" if error.where else error.what
        raise type(error)(what, where=site.place(key), hint=error.hint) from error


def files_of(entry: LiveEntry, folder: Path) -> tuple[Path, ...]:
    """The plan, or the model with its external weights; then the plugins."""
    entry = _own(entry)
    file = folder / _named_file(entry)
    weights = external_data_files(file) if entry.plan is None else ()
    return (file, *weights, *(folder / plugin for plugin in entry.plugins))


class TensorRtEngine:
    """A plan on one GPU. Inputs and outputs pass through pinned memory on a stream of its own."""

    def __init__(self, entry: TensorRtEntry, site: EngineSite) -> None:
        """Load or build the plan; see `vbench.engines.protocol.EngineModule` for what is raised."""
        file = site.folder / _named_file(entry)
        if entry.plan is not None:
            data = read_plan(file)
            # Of the bytes that are then loaded: a file can change between two looks at it.
            _check_pinned(data, entry, site)
        else:
            # Broken and incomplete models are named before a library is asked for.
            external_data_files(file)
            if entry.sha256 is not None:
                check_digest(file, entry.sha256, site.place)
        loaded = library.load_library()
        self._device = Device(cuda.load_driver(), entry.device_id)
        self._runtime: Runtime | None = None
        self._execution: Execution | None = None
        try:
            settings = build_settings(entry, site.folder)
            library.load_plugins(loaded, settings.plugins)
            if entry.plan is None:
                record, data = built_plan(loaded, self._device, file, settings)
                file = cache_folder() / record.plan
            self._runtime, engine = load_plan(loaded, self._device.facts, data, file)
            self._execution = Execution(loaded, self._device, engine, cuda_graph=entry.cuda_graph)
        except BaseException:
            self.close()
            raise
        self._tensors = self._execution.tensors
        self._info = self._described(loaded, data, cuda_graph=entry.cuda_graph)

    @property
    def info(self) -> EngineInfo:
        """What really runs: versions, GPU, types, and the plan's digest."""
        return self._info

    @property
    def device(self) -> Device:
        """The GPU it runs on, with the stream it runs in: for measuring with CUDA events."""
        return self._device

    @property
    def inputs(self) -> tuple[TensorInfo, ...]:
        """The plan's inputs, in its own order."""
        return self._tensors.inputs

    @property
    def outputs(self) -> tuple[TensorInfo, ...]:
        """The plan's outputs, in the order in which `run` returns them."""
        return self._tensors.outputs

    def run(self, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Execute the plan; returns when the outputs are on the host. Raises EngineError."""
        if self._execution is None:
            raise closed()
        return self._execution.run(tensors)

    def close(self) -> None:
        """Free the plan, its memory and the device."""
        execution, self._execution = self._execution, None
        if execution is not None:
            execution.close()
        self._runtime = None
        self._device.close()

    def _described(self, loaded: Library, plan: bytes, *, cuda_graph: bool) -> EngineInfo:
        facts = self._device.facts
        takes = "+".join(sorted({item.dtype for item in self._tensors.inputs}))
        gives = "+".join(sorted({item.dtype for item in self._tensors.outputs}))
        graph = ", CUDA graph" if cuda_graph else ""
        provider = (
            f"{facts.name}, compute capability {facts.compute_capability}, driver {facts.driver}, "
            f"{takes} in, {gives} out{graph}, "
            f"plan {hashlib.sha256(plan).hexdigest()[:12]}"
        )
        return EngineInfo("tensorrt", loaded.version, provider)


def built_plan(
    loaded: Library, device: Device, model: Path, settings: BuildSettings, *, rebuild: bool = False
) -> tuple[PlanRecord, bytes]:
    """A plan of a model for this GPU: from the cache, or built and kept there.

    Args:
        loaded: TensorRT.
        device: the GPU.
        model: an ONNX file.
        settings: how to build.
        rebuild: build even if the cache has it.

    Raises:
        EngineError: the model cannot be read or built, or the cache cannot be written.
    """
    key = engine_key(model, settings, loaded.version, device.facts)
    # Before the build: minutes of it would be lost.
    folder = make_cache_folder()
    found = None if rebuild else cached_plan(folder, key)
    if found is not None:
        return found
    device.activate()
    plan = _build(loaded, folder, key, model, settings)
    return keep_plan(folder, key, plan), plan


def _build(
    loaded: Library, folder: Path, key: EngineKey, model: Path, settings: BuildSettings
) -> bytes:
    timings = timing_cache_file(folder, key)
    earlier = timings.read_bytes() if timings.is_file() else b""
    built = build_plan(loaded, model, settings, earlier)
    write_whole(timings, built.timing_cache)
    return built.plan


def _check_pinned(plan: bytes, entry: TensorRtEntry, site: EngineSite) -> None:
    found = hashlib.sha256(plan).hexdigest()
    if found != entry.sha256:
        raise ConfigError(
            f"{entry.plan} is another engine than the one pinned: its sha256 is {found}",
            where=site.place("sha256"),
            hint="restore the pinned engine; write the new digest only if you know who built it",
        )


def _own(entry: LiveEntry) -> TensorRtEntry:
    if not isinstance(entry, TensorRtEntry):
        raise TypeError(f"entry of type {entry.type}")
    return entry


def _named_file(entry: TensorRtEntry) -> str:
    # The entry's own check: one of the two is there.
    return entry.plan or entry.model or ""
