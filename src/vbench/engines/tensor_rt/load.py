"""A plan's bytes become an engine, or an error that says what to rebuild and how."""

from __future__ import annotations

from pathlib import Path

from vbench.engines.tensor_rt.api import ICudaEngine, Runtime
from vbench.engines.tensor_rt.cache import read_record
from vbench.engines.tensor_rt.cuda import DeviceFacts
from vbench.engines.tensor_rt.library import Library
from vbench.engines.tensor_rt.plan import PlanHeader, plan_header
from vbench.engines.tensor_rt.runtime import make_runtime
from vbench.errors import EngineError

_REBUILD = (
    "build it here: vbench engine build MODEL.onnx --out {name}, then pin the sha256 it prints; "
    "or name the .onnx under `model` and leave building to vbench"
)


def load_plan(
    library: Library, device: DeviceFacts, data: bytes, path: Path
) -> tuple[Runtime, ICudaEngine]:
    """The engine of a plan, with the runtime that must outlive it.

    Args:
        library: TensorRT.
        device: the GPU.
        data: the file.
        path: its name, for messages and for the record that a build leaves beside it.

    Raises:
        EngineError: it is no plan, is cut short, or was built for another TensorRT or GPU.
    """
    header = plan_header(data, path)
    runtime = make_runtime(library)
    library.messages.forget()
    engine = runtime.deserialize_cuda_engine(data[header.n_metadata_bytes :])
    if engine is None:
        raise _refused(library, device, header, path)
    return runtime, engine


def record_beside(path: Path) -> Path:
    """Where ``vbench engine build --out`` writes down what a plan was built for."""
    return path.with_name(f"{path.name}.json")


def _refused(library: Library, device: DeviceFacts, header: PlanHeader, path: Path) -> EngineError:
    hint = _REBUILD.format(name=path.name)
    if header.version is not None and header.version != library.version:
        return library.failed(
            f"cannot load it: it was built by TensorRT {header.version}",
            where=str(path),
            hint=f"{hint}; or install tensorrt=={header.version}",
        )
    here = f"{device.name} (compute capability {device.compute_capability})"
    record = read_record(record_beside(path))
    if record is not None and record.key.value("gpu") != device.name:
        capability = record.key.value("compute_capability")
        return library.failed(
            f"cannot load it: it was built on {record.key.value('gpu')} (compute capability "
            f"{capability}), this is {here}",
            where=str(path),
            hint=hint,
        )
    return library.failed(
        f"cannot load it on {here}: it is cut short, or was built for another GPU",
        where=str(path),
        hint=f"compare its size and digest with the original; or {hint}",
    )
