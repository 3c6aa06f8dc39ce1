"""`vbench engine inspect`: what a model or an engine file takes and gives."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from vbench.engines.onnx_file import external_data_files
from vbench.engines.onnx_summary import OnnxSummary, summarise_onnx
from vbench.engines.protocol import TensorInfo
from vbench.engines.tensor_rt import cuda, library
from vbench.engines.tensor_rt.cache import cache_folder, list_records, read_record
from vbench.engines.tensor_rt.cuda import Device
from vbench.engines.tensor_rt.load import load_plan, record_beside
from vbench.engines.tensor_rt.plan import plan_header, read_plan
from vbench.engines.tensor_rt.runtime import plan_tensors
from vbench.errors import VbenchError

ONNX_SUFFIX = ".onnx"
_NOT_TRUSTED = (
    "not loaded, as an engine file holds code of whoever built it; add --trust if you know who"
)


@dataclass(frozen=True, slots=True)
class InspectedModel:
    """An ONNX file."""

    file: Path
    sha256: str
    n_bytes: int
    external_data: tuple[str, ...]
    """Names of the files with its weights; empty where they are in the file itself."""
    summary: OnnxSummary


@dataclass(frozen=True, slots=True)
class PlanContent:
    """What TensorRT says of a plan."""

    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    layers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InspectedPlan:
    """A TensorRT engine file."""

    file: Path
    sha256: str
    n_bytes: int
    tensorrt: str | None
    """Version that built it; None where the header is of an unknown form."""
    gpu: str | None
    """GPU that it was built on; known only of what `vbench engine build` wrote."""
    n_metadata_bytes: int
    """An exporter's metadata before the engine."""
    content: PlanContent | None
    unread: str
    """Why there is no content; empty where there is."""


def inspect_engine(file: Path, *, trusted: bool = False) -> InspectedModel | InspectedPlan:
    """Look into an ONNX file, or into an engine file as far as this machine can.

    Args:
        file: either.
        trusted: load an engine file whoever built it; else only one of this machine's cache.

    Raises:
        EngineError: the file is missing or is neither.
    """
    return _model(file) if file.suffix == ONNX_SUFFIX else _plan(file, trusted=trusted)


def _model(file: Path) -> InspectedModel:
    weights = external_data_files(file)
    data = file.read_bytes()
    return InspectedModel(
        file,
        hashlib.sha256(data).hexdigest(),
        len(data),
        tuple(item.name for item in weights),
        summarise_onnx(data, file),
    )


def _plan(file: Path, *, trusted: bool) -> InspectedPlan:
    data = read_plan(file)
    header = plan_header(data, file)
    sha256 = hashlib.sha256(data).hexdigest()
    kept = next((item for item in list_records(cache_folder()) if item.sha256 == sha256), None)
    record = kept or read_record(record_beside(file))
    content: PlanContent | None = None
    unread = _NOT_TRUSTED
    if trusted or kept is not None:
        try:
            content, unread = _content(data, file), ""
        except VbenchError as error:
            # Without a GPU the header is still worth showing.
            unread = error.what
    return InspectedPlan(
        file=file,
        sha256=sha256,
        n_bytes=len(data),
        tensorrt=header.version,
        gpu=record.key.value("gpu") if record is not None else None,
        n_metadata_bytes=header.n_metadata_bytes,
        content=content,
        unread=unread,
    )


def _content(data: bytes, file: Path) -> PlanContent:
    loaded = library.load_library()
    device = Device(cuda.load_driver(), 0)
    try:
        # A local name for the runtime: it must outlive the engine.
        runtime, engine = load_plan(loaded, device.facts, data, file)
        tensors = plan_tensors(loaded, engine)
        inspector = engine.create_engine_inspector()
        oneline = loaded.trt.LayerInformationFormat.ONELINE
        layers = tuple(
            inspector.get_layer_information(index, oneline).strip()
            for index in range(engine.num_layers)
        )
        del inspector, engine, runtime
    finally:
        device.close()
    return PlanContent(tensors.inputs, tensors.outputs, layers)
