"""ONNX Runtime, the default engine; the only module that imports onnxruntime."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from vbench.config.engines.entry import LiveEntry
from vbench.config.engines.onnxruntime import OnnxRuntimeEntry
from vbench.config.model_file import closest
from vbench.engines.model_checks import check_digest, check_tensors, closed, told_at_key
from vbench.engines.onnx_file import external_data_files, unreadable
from vbench.engines.protocol import (
    EngineInfo,
    EngineSite,
    KeyPlace,
    Tensor,
    TensorEngine,
    TensorInfo,
)
from vbench.errors import ConfigError, EngineError, ModelError

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
    "dnnl": "DnnlExecutionProvider",
    "migraphx": "MIGraphXExecutionProvider",
    "qnn": "QNNExecutionProvider",
    "xnnpack": "XnnpackExecutionProvider",
}
"""Name in a pipeline file -> ONNX Runtime's name."""

_DTYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(double)": "float64",
    "tensor(uint8)": "uint8",
    "tensor(int8)": "int8",
    "tensor(uint16)": "uint16",
    "tensor(int16)": "int16",
    "tensor(uint32)": "uint32",
    "tensor(int32)": "int32",
    "tensor(uint64)": "uint64",
    "tensor(int64)": "int64",
    "tensor(bool)": "bool",
}

_OPTIMIZATION = {
    "off": ort.GraphOptimizationLevel.ORT_DISABLE_ALL,
    "basic": ort.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    "extended": ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
    "all": ort.GraphOptimizationLevel.ORT_ENABLE_ALL,
}

# ONNX Runtime's own exceptions share no base; its Python layer raises the last three.
_FAILURES = (
    ort_errors.EPFail,
    ort_errors.EngineError,
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoModel,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
    RuntimeError,
    ValueError,
    TypeError,
)
_LOG_FATAL_ONLY = 4

# Parts of ONNX Runtime's messages: its code, and where in its own sources it noticed.
_CODE = re.compile(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ")
_SOURCE = re.compile(r"/\S+\.(?:h|cc|cpp):\d+ \S.*?\) ")
_OPSET = re.compile(r"Opset (\d+) is under development.*domain (\S+) is till opset (\d+)")
_IR = re.compile(r"IR version: (\d+), max supported IR version: (\d+)")
_OPERATOR = re.compile(r"No Op registered for (\S+)|error: (\S+?)\(-?\d+\) is not a registered")


def available_providers() -> tuple[str, ...]:
    """Names for a pipeline file of the providers that this build of ONNX Runtime has."""
    there = ort.get_available_providers()
    return tuple(name for name, full in PROVIDERS.items() if full in there)


def open_engine(entry: LiveEntry, site: EngineSite) -> TensorEngine:
    """The engine of an entry; see `vbench.engines.protocol.EngineModule`."""
    if not isinstance(entry, OnnxRuntimeEntry):
        raise TypeError(f"entry of type {entry.type}")
    with told_at_key("model", site.folder / entry.model, site.place):
        return OnnxRuntimeEngine(entry, site)


def files_of(entry: LiveEntry, folder: Path) -> tuple[Path, ...]:
    """The model file and the files with its external weights."""
    if not isinstance(entry, OnnxRuntimeEntry):
        raise TypeError(f"entry of type {entry.type}")
    model = folder / entry.model
    return (model, *external_data_files(model))


class OnnxRuntimeEngine:
    """A model in an ONNX Runtime session, executed synchronously.

    One thread pool of the size asked for, operators one after another.
    Plain `run`, not I/O binding: measured equal within 1 % on a CPU (12.6 ms, yolox_nano).
    """

    def __init__(self, entry: OnnxRuntimeEntry, site: EngineSite) -> None:
        """Load the model; see `vbench.engines.protocol.EngineModule` for what is raised."""
        model = site.folder / entry.model
        # Broken and incomplete files are named before ONNX Runtime's own, longer, complaints.
        external_data_files(model)
        if entry.sha256 is not None:
            check_digest(model, entry.sha256, site.place)
        providers = _providers(entry, site.place)
        session = _session(model, entry, providers)
        runs_on = _what_runs(session, providers, site.place)
        self._session: ort.InferenceSession | None = session
        self.info = EngineInfo("onnxruntime", ort.__version__, runs_on, entry.threads)
        self.inputs = tuple(_tensor_info(item, model) for item in session.get_inputs())
        self.outputs = tuple(_tensor_info(item, model) for item in session.get_outputs())
        self.metadata: Mapping[str, str] = dict(session.get_modelmeta().custom_metadata_map)
        """What the exporter wrote into the file about the model."""

    def run(self, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Execute the model; the outputs are new arrays. Raises EngineError."""
        if self._session is None:
            raise closed()
        check_tensors(self.inputs, tensors)
        named = {item.name: tensor for item, tensor in zip(self.inputs, tensors, strict=True)}
        try:
            outputs = self._session.run(None, named)
        except _FAILURES as error:
            raise EngineError(
                f"ONNX Runtime failed: {_message(error)}",
                hint="try the model on its own with an input of this shape, or export it again",
            ) from error
        return tuple(np.asarray(output) for output in outputs)

    def close(self) -> None:
        """Free the model."""
        self._session = None


def _session(
    model: Path, entry: OnnxRuntimeEntry, providers: Sequence[str]
) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = entry.threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = _OPTIMIZATION[entry.optimization]
    options.log_severity_level = _LOG_FATAL_ONLY
    if PROVIDERS["cpu"] not in providers:
        # Without this, operators the provider lacks run on the CPU and nobody is told.
        options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    # Read in `_node_counts`; versions without it ignore it.
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    asked = [
        (full, entry.provider_options.get(name, {}))
        for name, full in zip(entry.providers, providers, strict=True)
    ]
    try:
        # No fallback: it prints to stdout and tries again with providers that nobody asked for.
        return ort.InferenceSession(model, options, providers=asked, enable_fallback=0)
    except (ort_errors.InvalidProtobuf, ort_errors.NoModel):
        raise unreadable(model) from None
    except _FAILURES as error:
        raise _load_error(error, model) from error


def _load_error(error: BaseException, model: Path) -> EngineError:
    text = " ".join(str(error).split())
    what = f"ONNX Runtime {ort.__version__} cannot load it: {_message(error)}"
    hint = "check its operators, and the providers asked for with their options"
    if opset := _OPSET.search(text):
        found, domain, highest = opset.groups()
        what = (
            f"is of opset {found} of {domain}; ONNX Runtime {ort.__version__} knows opsets up to "
            f"{highest}"
        )
        hint = f"export the model with opset {highest} or lower, or install a newer onnxruntime"
    elif ir := _IR.search(text):
        found, highest = ir.groups()
        what = (
            f"is of ONNX IR version {found}; ONNX Runtime {ort.__version__} knows versions up to "
            f"{highest}"
        )
        hint = f"save it with `ir_version` {highest} or lower, or install a newer onnxruntime"
    elif operator := _OPERATOR.search(text):
        name = operator[1] or operator[2]
        what = f"needs the operator {name}, which ONNX Runtime {ort.__version__} does not have"
        hint = (
            "export the model with standard operators, or install an onnxruntime that knows this "
            "one"
        )
    return EngineError(what, where=str(model), hint=hint)


def _providers(entry: OnnxRuntimeEntry, place: KeyPlace) -> list[str]:
    available = available_providers()
    asked = []
    for name in entry.providers:
        if name not in PROVIDERS:
            raise ConfigError(
                f'provider "{name}" is not known',
                where=place("providers"),
                hint=closest(name, PROVIDERS),
            )
        if name not in available:
            raise EngineError(
                f'provider "{name}" is not in this onnxruntime {ort.__version__}',
                where=place("providers"),
                hint=f"available here: {', '.join(available)}; other builds have others",
            )
        asked.append(PROVIDERS[name])
    return asked


def _what_runs(session: ort.InferenceSession, providers: Sequence[str], place: KeyPlace) -> str:
    """The first provider, verified, with what falls to others; raises EngineError."""
    really = session.get_providers()
    if really[: len(providers)] != list(providers):
        missing = next((name for name in providers if name not in really), providers[0])
        raise EngineError(
            f"asked for {missing}, but {', '.join(really)} runs",
            where=place("providers"),
            hint="its driver or libraries are missing; install them or ask for another provider",
        )
    first, *_ = providers
    n_nodes = _node_counts(session)
    n_first = n_nodes.pop(first, 0)
    if not n_nodes:
        return first
    others = ", ".join(f"{name} {count}" for name, count in sorted(n_nodes.items()))
    if n_first == 0:
        raise EngineError(
            f"asked for {first}, but it takes no operator of this model: {others}",
            where=place("providers"),
            hint="ask for the provider that runs, or export the model for this one",
        )
    return f"{first} {n_first} operators, {others}"


def _node_counts(session: ort.InferenceSession) -> dict[str, int]:
    """Operators of the graph per provider; empty where this ONNX Runtime cannot say."""
    if not hasattr(session, "get_provider_graph_assignment_info"):
        return {}
    counts: dict[str, int] = {}
    for part in session.get_provider_graph_assignment_info():
        counts[part.ep_name] = counts.get(part.ep_name, 0) + len(part.get_nodes())
    return counts


def _tensor_info(item: ort.NodeArg, model: Path) -> TensorInfo:
    if item.type not in _DTYPES:
        raise ModelError(
            f'its input or output "{item.name}" is {item.type}, which numpy cannot hold',
            where=str(model),
            hint="export it with tensors of plain numbers there (float32, float16, uint8, ...)",
        )
    shape = tuple(axis if isinstance(axis, int) and axis >= 0 else None for axis in item.shape)
    return TensorInfo(item.name, shape, _DTYPES[item.type])


def _message(error: BaseException) -> str:
    """ONNX Runtime's message on one line, without its code and its own sources."""
    text = _CODE.sub("", " ".join(str(error).split()))
    text = _SOURCE.sub("", text).strip()
    return text[:300] or type(error).__name__
