"""ONNX Runtime, the default engine; the only module that imports onnxruntime."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from vbench.config.model_file import closest
from vbench.config.pipeline_file import OnnxRuntimeEntry
from vbench.engines.onnx_file import external_data_files, unreadable
from vbench.engines.protocol import EngineInfo, KeyPlace, Tensor, TensorInfo
from vbench.errors import ConfigError, EngineError

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
    "tensor(int32)": "int32",
    "tensor(int64)": "int64",
    "tensor(bool)": "bool",
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


def available_providers() -> tuple[str, ...]:
    """Names for a pipeline file of the providers that this build of ONNX Runtime has."""
    there = ort.get_available_providers()
    return tuple(name for name, full in PROVIDERS.items() if full in there)


class OnnxRuntimeEngine:
    """A model in an ONNX Runtime session, executed synchronously.

    One thread pool of the size asked for, operators one after another, all graph optimisations.
    Plain `run`, not I/O binding: measured equal within 1 % on a CPU (12.6 ms, yolox_nano).
    """

    def __init__(self, entry: OnnxRuntimeEntry, folder: Path, place: KeyPlace) -> None:
        """Load the model; see `vbench.engines.registry.open_engine` for what is raised."""
        model = folder / entry.model
        # Broken and incomplete files are named before ONNX Runtime's own, longer, complaints.
        external_data_files(model)
        if entry.sha256 is not None:
            _check_digest(model, entry.sha256, place)
        providers = _providers(entry, place)
        self._session: ort.InferenceSession | None = _session(
            model, providers, entry.threads, place
        )
        self._info = EngineInfo("onnxruntime", ort.__version__, providers[0], entry.threads)
        self._inputs = tuple(_tensor_info(item) for item in self._session.get_inputs())
        self._outputs = tuple(_tensor_info(item) for item in self._session.get_outputs())
        if len(self._inputs) != 1:
            raise ConfigError(
                f"{model.name} has {len(self._inputs)} inputs, expected one image: "
                + "; ".join(item.text() for item in self._inputs),
                where=place("model"),
                hint="export the model with its image as the only input",
            )
        self._input_name = self._inputs[0].name

    @property
    def info(self) -> EngineInfo:
        """What really runs."""
        return self._info

    @property
    def inputs(self) -> tuple[TensorInfo, ...]:
        """The model's one input."""
        return self._inputs

    @property
    def outputs(self) -> tuple[TensorInfo, ...]:
        """The model's outputs, in the order in which `run` returns them."""
        return self._outputs

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """Execute the model; the outputs are new arrays. Raises EngineError."""
        if self._session is None:
            raise EngineError("the engine is closed")
        try:
            outputs = self._session.run(None, {self._input_name: tensor})
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
    model: Path, providers: list[str], n_threads: int, place: KeyPlace
) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = n_threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = _LOG_FATAL_ONLY
    if PROVIDERS["cpu"] not in providers:
        # Without this, operators the provider lacks run on the CPU and nobody is told.
        options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    try:
        # No fallback: it prints to stdout and tries again with providers that nobody asked for.
        session = ort.InferenceSession(model, options, providers=providers, enable_fallback=0)
    except (ort_errors.InvalidProtobuf, ort_errors.NoModel):
        raise unreadable(model) from None
    except _FAILURES as error:
        raise EngineError(
            f"ONNX Runtime {ort.__version__} cannot load it: {_message(error)}",
            where=str(model),
            hint="check its opset and operators, and the providers asked for",
        ) from error
    really = session.get_providers()[0]
    if really != providers[0]:
        raise EngineError(
            f"asked for {providers[0]}, but {really} runs",
            where=place("providers"),
            hint="its driver or libraries are missing; install them or ask for another provider",
        )
    return session


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


def _check_digest(model: Path, expected: str, place: KeyPlace) -> None:
    with model.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != expected:
        raise ConfigError(
            f"{model.name} is another file than the one pinned: its sha256 is {found}",
            where=place("sha256"),
            hint="restore the pinned model, or write the new digest if the change is meant",
        )


def _tensor_info(item: ort.NodeArg) -> TensorInfo:
    shape = tuple(axis if isinstance(axis, int) and axis >= 0 else None for axis in item.shape)
    return TensorInfo(item.name, shape, _DTYPES.get(item.type, item.type))


def _message(error: BaseException) -> str:
    """ONNX Runtime's message on one line, without its code prefix."""
    text = " ".join(str(error).split())
    return text.partition("] : ")[2][:300].strip() or text[:300] or type(error).__name__
