"""OpenVINO; the only module that imports openvino. Run so far on CPUs only."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TypeAlias

import numpy as np

from vbench.config.engines.entry import LiveEntry
from vbench.config.engines.openvino import OpenVinoEntry
from vbench.engines.model_checks import check_digest, check_tensors, closed, told_at_key
from vbench.engines.onnx_file import external_data_files
from vbench.engines.protocol import (
    EngineInfo,
    EngineSite,
    KeyPlace,
    Tensor,
    TensorEngine,
    TensorInfo,
)
from vbench.errors import EngineError, ModelError

_Shapes: TypeAlias = tuple[tuple[int | None, ...], ...]
"""One for each input of a model."""

_TELEMETRY = "openvino_telemetry"


@contextmanager
def _telemetry_off() -> Iterator[None]:
    """Hide the package that reports every `import openvino` to its maker over the network.

    Without it OpenVINO takes its own stand-in that does nothing.
    """
    if _TELEMETRY in sys.modules:
        yield
        return
    sys.modules[_TELEMETRY] = ModuleType(_TELEMETRY)
    try:
        yield
    finally:
        del sys.modules[_TELEMETRY]


with _telemetry_off():
    import openvino as ov

_VERSION = ov.__version__.partition("-")[0]

_DTYPES = {
    "f32": "float32",
    "f16": "float16",
    "f64": "float64",
    "u8": "uint8",
    "i8": "int8",
    "u16": "uint16",
    "i16": "int16",
    "u32": "uint32",
    "i32": "int32",
    "u64": "uint64",
    "i64": "int64",
    "boolean": "bool",
}

_CAPABILITIES = {"f32": "FP32", "f16": "FP16", "bf16": "BF16"}
"""Precision in a pipeline file -> its name among a device's OPTIMIZATION_CAPABILITIES."""

# C++ exceptions arrive as RuntimeError; its Python layer raises the others.
_FAILURES = (RuntimeError, ValueError, TypeError)


def open_engine(entry: LiveEntry, site: EngineSite) -> TensorEngine:
    """The engine of an entry; see `vbench.engines.protocol.EngineModule`."""
    if not isinstance(entry, OpenVinoEntry):
        raise TypeError(f"entry of type {entry.type}")
    with told_at_key("model", site.folder / entry.model, site.place):
        return OpenVinoEngine(entry, site)


def files_of(entry: LiveEntry, folder: Path) -> tuple[Path, ...]:
    """The model file, and the files with its weights."""
    if not isinstance(entry, OpenVinoEntry):
        raise TypeError(f"entry of type {entry.type}")
    model = folder / entry.model
    return (model, *_weight_files(model))


class OpenVinoEngine:
    """A compiled model, executed synchronously: one stream, no pinning of threads to cores.

    Calculates in the precision asked for, verified; OpenVINO itself would take bf16 unasked.
    A model with free axes is compiled again for the shapes it is given, whenever they change:
    compiled with free axes, the CPU plugin of 2026.4 answers with stale or foreign numbers where
    an input does not fit the model's inside, and says nothing.
    """

    def __init__(self, entry: OpenVinoEntry, site: EngineSite) -> None:
        """Load the model; see `vbench.engines.protocol.EngineModule` for what is raised."""
        file = site.folder / entry.model
        _weight_files(file)
        if entry.sha256 is not None:
            check_digest(file, entry.sha256, site.place)
        self._entry = entry
        self._core = ov.Core()
        _check_device(self._core, entry, site.place)
        try:
            model = self._core.read_model(file)
            compiled = self._compiled(model)
        except _FAILURES as error:
            raise EngineError(
                f"OpenVINO {_VERSION} cannot load it: {_message(error)}",
                where=str(file),
                hint="check its operators; the file may be damaged: copy or export it again",
            ) from error
        self.info = _verified_info(compiled, entry, site.place)
        # The compiled model's ports may have further names, of tensors that were merged into them.
        self.inputs = tuple(_tensor_info(port, file) for port in model.inputs)
        self.outputs = tuple(_tensor_info(port, file) for port in model.outputs)
        self._model: ov.Model | None = model
        self._request: ov.InferRequest = compiled.create_infer_request()
        self._shapes: _Shapes = tuple(item.shape for item in self.inputs)

    def run(self, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Execute the model; the outputs are new arrays. Raises EngineError."""
        if self._model is None:
            raise closed()
        check_tensors(self.inputs, tensors)
        # Lent to OpenVINO, copied only where it could not read them. The list keeps such copies
        # alive until `infer` is done: OpenVINO does not.
        lent = [np.require(item, requirements=["C_CONTIGUOUS", "WRITEABLE"]) for item in tensors]
        try:
            request = self._request_for(self._model, tuple(item.shape for item in lent))
            for index, tensor in enumerate(lent):
                request.set_input_tensor(index, ov.Tensor(tensor, shared_memory=True))
            request.infer()
            ports = range(len(self.outputs))
            return tuple(np.array(request.get_output_tensor(i).data) for i in ports)
        except _FAILURES as error:
            raise EngineError(
                f"OpenVINO failed: {_message(error)}",
                hint="try the model on its own with an input of this shape, or export it again",
            ) from error

    def close(self) -> None:
        """Free the model."""
        self._model = self._request = None

    def _request_for(self, model: ov.Model, shapes: _Shapes) -> ov.InferRequest:
        """What executes the model on inputs of these shapes."""
        if shapes != self._shapes:
            fixed = model.clone()
            fixed.reshape({index: list(shape) for index, shape in enumerate(shapes)})
            self._request = self._compiled(fixed).create_infer_request()
            self._shapes = shapes
        return self._request

    def _compiled(self, model: ov.Model) -> ov.CompiledModel:
        settings: dict[str, str | int | bool] = {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
            "INFERENCE_PRECISION_HINT": self._entry.precision,
        }
        if self._entry.device.startswith("CPU"):
            settings["INFERENCE_NUM_THREADS"] = self._entry.threads
            # Pinned threads of two engines would meet on one core.
            settings["ENABLE_CPU_PINNING"] = False
        return self._core.compile_model(model, self._entry.device, settings)


def _weight_files(model: Path) -> tuple[Path, ...]:
    """Files with weights that belong to a model file; raises EngineError."""
    if model.suffix == ".onnx":
        return external_data_files(model)
    if model.suffix != ".xml":
        raise EngineError(
            "is neither an ONNX model (.onnx) nor an OpenVINO IR (.xml)",
            where=str(model),
            hint="name the .onnx or .xml file",
        )
    try:
        text = model.read_bytes()
    except OSError as error:
        raise EngineError(
            f"model file cannot be read: {error.strerror}", where=str(model), hint="check the path"
        ) from None
    # OpenVINO tries every format it knows on such a file, and all of them complain.
    if b"<net" not in text[:4096] or b"</net>" not in text[-4096:]:
        raise EngineError(
            "is not a whole OpenVINO IR",
            where=str(model),
            hint="the file may be cut short or of another format; copy or convert it again",
        )
    weights = model.with_suffix(".bin")
    if weights.is_file():
        return (weights,)
    if b'type="Const"' in text:
        raise EngineError(
            f'keeps weights in "{weights.name}", which is not there',
            where=str(model),
            hint=f"copy {weights.name} into {model.parent}",
        )
    return ()


def _check_device(core: ov.Core, entry: OpenVinoEntry, place: KeyPlace) -> None:
    there = core.available_devices
    if not any(_is(name, entry.device) for name in there):
        raise EngineError(
            f'device "{entry.device}" is not there for OpenVINO {_VERSION}',
            where=place("device"),
            hint=f"available here: {', '.join(there)}; a driver may be missing",
        )
    able = core.get_property(entry.device, "OPTIMIZATION_CAPABILITIES")
    if _CAPABILITIES[entry.precision] not in able:
        raise EngineError(
            f"{entry.device} of this machine cannot calculate in {entry.precision}",
            where=place("precision"),
            hint="leave `precision` out to calculate in f32",
        )


def _is(name: str, device: str) -> bool:
    """Whether OpenVINO's name of a device is one that is meant: ``GPU`` means ``GPU.0`` too."""
    return name == device or name.startswith(f"{device}.")


def _verified_info(compiled: ov.CompiledModel, entry: OpenVinoEntry, place: KeyPlace) -> EngineInfo:
    """What the compiled model says of itself; raises EngineError where it is not what was asked."""
    devices = compiled.get_property("EXECUTION_DEVICES")
    if not all(_is(name, entry.device) for name in devices):
        raise EngineError(
            f"asked for {entry.device}, but {', '.join(devices)} runs",
            where=place("device"),
            hint="its driver or libraries are missing; install them or ask for another device",
        )
    precision = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
    if precision != entry.precision:
        raise EngineError(
            f"asked for {entry.precision}, but {entry.device} calculates in {precision}",
            where=place("precision"),
            hint=f"write `precision: {precision}` if that is meant",
        )
    n_threads = 1
    if entry.device.startswith("CPU"):
        n_threads = compiled.get_property("INFERENCE_NUM_THREADS")
    return EngineInfo("openvino", _VERSION, f"{', '.join(devices)} {precision}", n_threads)


def _tensor_info(port: ov.Output, file: Path) -> TensorInfo:
    name = min(port.get_names(), default=port.get_node().get_friendly_name())
    kind = port.get_element_type().get_type_name()
    if kind not in _DTYPES:
        raise ModelError(
            f'its input or output "{name}" is {kind}, which numpy cannot hold',
            where=str(file),
            hint="export it with tensors of plain numbers there (float32, float16, uint8, ...)",
        )
    axes = port.get_partial_shape()
    if axes.rank.is_dynamic:
        return TensorInfo(name, (), _DTYPES[kind])
    shape = tuple(axis.get_length() if axis.is_static else None for axis in axes)
    return TensorInfo(name, shape, _DTYPES[kind])


def _message(error: BaseException) -> str:
    """OpenVINO's message on one line, without the places in its own sources."""
    lines = [line.strip() for line in str(error).splitlines()]
    told = [line for line in lines if line and not line.startswith(("Exception from ", "Check '"))]
    return " ".join(told or lines)[:300] or type(error).__name__
