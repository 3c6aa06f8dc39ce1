"""`vbench engine build`: TensorRT engines from ONNX files, before a run needs them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from vbench.config.classifier_stage import ClassifierStage
from vbench.config.detector_stage import DetectorStage
from vbench.config.engines.tensorrt import TensorRtEntry
from vbench.config.pipeline_file import read_pipeline_files
from vbench.engines.onnx_file import external_data_files
from vbench.engines.tensor_rt import cuda, library
from vbench.engines.tensor_rt.cache import PlanRecord, cache_folder, make_record, write_whole
from vbench.engines.tensor_rt.cuda import Device
from vbench.engines.tensor_rt.engine import built_plan
from vbench.engines.tensor_rt.load import record_beside
from vbench.engines.tensor_rt.settings import BuildSettings, build_settings
from vbench.errors import InputError


@dataclass(frozen=True, slots=True)
class BuiltEngine:
    """An engine that is there now."""

    model: Path
    plan: Path
    sha256: str
    n_bytes: int
    tensorrt: str
    gpu: str


def build_engine(
    model: Path,
    settings: BuildSettings,
    *,
    device_id: int = 0,
    out: Path | None = None,
    rebuild: bool = False,
) -> BuiltEngine:
    """Build the engine of a model on this machine, or find it in the cache.

    Args:
        model: an ONNX file.
        settings: how to build.
        device_id: which GPU, as CUDA numbers them.
        out: where to write the engine as well, with a record of what it was built for beside it.
        rebuild: build even if the cache has it.

    Raises:
        EngineError: there is no GPU, or the model cannot be built.
        ModelError: the profile does not fit the model.
        MissingDependencyError: TensorRT is not installed.
    """
    external_data_files(model)
    loaded = library.load_library()
    device = Device(cuda.load_driver(), device_id)
    try:
        record, plan = built_plan(loaded, device, model, settings, rebuild=rebuild)
    finally:
        device.close()
    path = cache_folder() / record.plan
    if out is not None:
        path = out
        _write(out, record, plan)
    key = record.key
    return BuiltEngine(
        model, path, record.sha256, record.n_bytes, key.value("tensorrt"), key.value("gpu")
    )


def build_engines_of(pipeline: Path, *, rebuild: bool = False) -> tuple[BuiltEngine, ...]:
    """Build every engine that a pipeline file would build in its first run; raises likewise."""
    built: list[BuiltEngine] = []
    for file in read_pipeline_files(pipeline):
        for stage in file.model.stages:
            if not isinstance(stage, DetectorStage | ClassifierStage):
                continue
            entry = stage.engine
            if not isinstance(entry, TensorRtEntry) or entry.model is None:
                continue
            item = build_engine(
                file.folder / entry.model,
                build_settings(entry, file.folder),
                device_id=entry.device_id,
                rebuild=rebuild,
            )
            if item not in built:
                built.append(item)
    if not built:
        raise InputError(
            "no stage has a TensorRT engine to build",
            where=str(pipeline),
            hint="write `engine: {type: tensorrt, model: m.onnx}`, or name an ONNX file instead",
        )
    return tuple(built)


def _write(out: Path, record: PlanRecord, plan: bytes) -> None:
    """The plan, and what it was built for: read when it does not load somewhere else."""
    sha256 = hashlib.sha256(plan).hexdigest()
    beside = make_record(record.key, out.name, sha256, len(plan))
    write_whole(out, plan)
    write_whole(record_beside(out), beside.text().encode())
