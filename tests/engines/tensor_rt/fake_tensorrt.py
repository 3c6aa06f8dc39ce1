"""A TensorRT of Python that keeps to the documented rules and breaks the test that breaks them.

Plans hold the ONNX file, which ONNX Runtime executes when the stream is waited for: outputs are
those of the model. `fake_tensorrt` is what a test needs to run the engine without a GPU.
"""

# ruff: noqa: N802 the names are those of the real library

from __future__ import annotations

import ctypes
import enum
import json
import struct
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any, cast
from unittest import mock

import numpy as np
import onnx
import onnxruntime as ort

from tests.engines.tensor_rt.fake_cuda import FakeDriver, FakeGpu, require
from vbench.engines.tensor_rt import cuda, library
from vbench.engines.tensor_rt.api import TensorRt

_NUMPY = {
    "FLOAT": np.float32,
    "HALF": np.float16,
    "INT8": np.int8,
    "UINT8": np.uint8,
    "INT32": np.int32,
    "INT64": np.int64,
    "BOOL": np.bool_,
}
_ORT = {
    "tensor(float)": "FLOAT",
    "tensor(float16)": "HALF",
    "tensor(int64)": "INT64",
    "tensor(int32)": "INT32",
    "tensor(uint8)": "UINT8",
    "tensor(bool)": "BOOL",
    "tensor(double)": "DOUBLE",
}


class Severity(enum.IntEnum):
    INTERNAL_ERROR = 0
    ERROR = 1
    WARNING = 2
    INFO = 3


_load_library = library.load_library.__wrapped__


def members(*names: str) -> Any:
    return enum.IntEnum("Members", [(name, number) for number, name in enumerate(names)])


@dataclass
class World:
    """What a test sets, and what happened."""

    gpu: FakeGpu
    version: str = "11.4.0.106"
    refuse: set[str] = field(default_factory=set)
    """Methods whose next call answers False, None or whatever else means no."""
    parser_errors: list[tuple[str, str, str]] = field(default_factory=list)
    overrides: dict[str, str] = field(default_factory=dict)
    """Tensor name -> location, format or type that its plan says instead."""
    log: Callable[[Severity, str], None] = lambda _severity, _text: None
    calls: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=lambda: {"TF32"})
    network_flags: int = 0
    workspace: int | None = None
    level: int | None = None
    timing_caches: list[bytes] = field(default_factory=list)
    n_builds: int = 0

    def refuses(self, name: str) -> bool:
        self.calls.append(name)
        if name not in self.refuse:
            return False
        self.refuse.remove(name)
        self.log(Severity.INFO, "not worth telling")
        self.log(Severity.ERROR, f"{name} was made\nto fail")
        return True


class FakeBytes(bytes):
    @property
    def nbytes(self) -> int:
        return len(self)


class Session:
    """The model in a plan, run by ONNX Runtime."""

    def __init__(self, model: bytes) -> None:
        self.ort = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
        self.inputs: list[str] = [item.name for item in self.ort.get_inputs()]
        self.outputs: list[str] = [item.name for item in self.ort.get_outputs()]
        items = [*self.ort.get_inputs(), *self.ort.get_outputs()]
        self.types = {item.name: _ORT[item.type] for item in items}
        self.shapes = {
            item.name: tuple(axis if isinstance(axis, int) else -1 for axis in item.shape)
            for item in items
        }

    def run(self, tensors: dict[str, np.ndarray]) -> list[np.ndarray]:
        return cast("list[np.ndarray]", self.ort.run(None, tensors))

    def shapes_for(self, shapes: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
        zeros: dict[str, np.ndarray] = {
            name: np.zeros(shapes[name], _NUMPY[self.types[name]]) for name in self.inputs
        }
        return {
            name: tuple(value.shape)
            for name, value in zip(self.outputs, self.run(zeros), strict=True)
        }


class FakeContext:
    def __init__(self, world: World, engine: FakeEngine) -> None:
        self._world, self._engine = world, engine
        self._shapes: dict[str, tuple[int, ...]] = {}
        self._addresses: dict[str, int] = {}
        self._warm_for: tuple[object, ...] | None = None
        self.active_optimization_profile = 0

    def set_optimization_profile_async(self, profile_index: int, stream_handle: int) -> bool:
        if self._world.refuses("set_optimization_profile_async"):
            return False
        require(stream_handle in self._world.gpu.streams, "a stream of one's own")
        self.active_optimization_profile = profile_index
        self._shapes.clear()
        return True

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        if self._world.refuses("set_input_shape"):
            return False
        self._addresses.clear()
        profile = self._engine.profiles[self.active_optimization_profile].get(name)
        if profile is not None:
            low, _, high = profile
            if any(not a <= n <= b for a, n, b in zip(low, shape, high, strict=True)):
                return False
        elif tuple(shape) != self._engine.session.shapes[name]:
            return False
        self._shapes[name] = tuple(shape)
        return True

    def infer_shapes(self) -> list[str]:
        if self._world.refuses("infer_shapes"):
            return ["images"]
        return [name for name in self._engine.session.inputs if name not in self._shapes]

    def get_tensor_shape(self, name: str) -> Sequence[int]:
        require(not self.infer_shapes(), "shapes of all inputs are set before outputs are asked")
        if self._world.overrides.get(name) == "data dependent":
            return (-1, 6)
        return self._engine.session.shapes_for(self._shapes)[name]

    def set_tensor_address(self, name: str, memory: int) -> bool:
        if self._world.refuses("set_tensor_address"):
            return False
        session = self._engine.session
        require(all(item in self._shapes for item in session.inputs), "shapes before addresses")
        shapes = self._shapes | session.shapes_for(self._shapes)
        n_bytes = prod(shapes[name]) * np.dtype(_NUMPY[session.types[name]]).itemsize
        self._world.gpu.device_bytes(memory, n_bytes)
        self._addresses[name] = memory
        return True

    def execute_async_v3(self, stream_handle: int) -> bool:
        gpu, session = self._world.gpu, self._engine.session
        if self._world.refuses("execute_async_v3"):
            return False
        names = [*session.inputs, *session.outputs]
        require(all(name in self._addresses for name in names), "addresses before execution")
        require(self._engine.runtime() is not None, "the runtime outlives its engines")
        shapes = dict(self._shapes)
        state = (tuple(sorted(shapes.items())), tuple(sorted(self._addresses.items())))
        if stream_handle in gpu.capturing and self._warm_for != state:
            self._world.log(Severity.ERROR, "cannot capture the first run after a shape change")
            return False
        self._warm_for = state
        addresses = dict(self._addresses)

        def execute() -> None:
            tensors = {
                name: self._view(name, shapes[name], addresses[name]).copy()
                for name in session.inputs
            }
            for name, value in zip(session.outputs, session.run(tensors), strict=True):
                self._view(name, value.shape, addresses[name])[...] = value

        gpu.enqueue(stream_handle, execute)
        return True

    def _view(self, name: str, shape: tuple[int, ...], address: int) -> np.ndarray:
        dtype = np.dtype(_NUMPY[self._engine.session.types[name]])
        n_bytes = prod(shape) * dtype.itemsize
        self._world.gpu.device_bytes(address, n_bytes)
        memory = (ctypes.c_byte * n_bytes).from_address(address)
        return np.ndarray(shape, dtype, memoryview(memory).cast("B"))


class FakeInspector:
    def __init__(self, engine: FakeEngine) -> None:
        self._engine = engine

    def get_layer_information(self, layer_index: int, format: object) -> str:
        return f"layer {layer_index}"


class FakeEngine:
    num_layers = 2

    def __init__(self, world: World, runtime: FakeRuntime, plan: dict[str, Any], model: bytes):
        self._world = world
        self.runtime = weakref.ref(runtime)
        self.session = Session(model)
        self.profiles: list[dict[str, list[tuple[int, ...]]]] = plan["profiles"] or [{}]

    @property
    def num_io_tensors(self) -> int:
        return len(self.session.inputs) + len(self.session.outputs)

    @property
    def num_optimization_profiles(self) -> int:
        return len(self.profiles)

    def get_tensor_name(self, index: int) -> str:
        return [*self.session.inputs, *self.session.outputs][index]

    def get_tensor_mode(self, name: str) -> Any:
        mode = FakeTensorRt.TensorIOMode
        return mode.INPUT if name in self.session.inputs else mode.OUTPUT

    def get_tensor_dtype(self, name: str) -> Any:
        other = self._world.overrides.get(name)
        return FakeTensorRt.DataType[other if other == "BF16" else self.session.types[name]]

    def get_tensor_shape(self, name: str) -> Sequence[int]:
        return self.session.shapes[name]

    def get_tensor_location(self, name: str) -> Any:
        place = FakeTensorRt.TensorLocation
        return place.HOST if self._world.overrides.get(name) == "HOST" else place.DEVICE

    def get_tensor_format(self, name: str) -> Any:
        order = FakeTensorRt.TensorFormat
        return order.CHW4 if self._world.overrides.get(name) == "CHW4" else order.LINEAR

    def get_tensor_profile_shape(self, name: str, profile_index: int) -> Sequence[Sequence[int]]:
        return self.profiles[profile_index][name]

    def create_execution_context(self) -> FakeContext | None:
        if self._world.refuses("create_execution_context"):
            return None
        return FakeContext(self._world, self)

    def create_engine_inspector(self) -> FakeInspector:
        return FakeInspector(self)


class FakeRuntime:
    def __init__(self, world: World) -> None:
        self._world = world

    def deserialize_cuda_engine(self, serialized_engine: bytes) -> FakeEngine | None:
        if self._world.refuses("deserialize_cuda_engine"):
            return None
        try:
            head, _, model = serialized_engine[28:].partition(b"\n")
            plan = json.loads(head)
            for name, here in (("version", self._world.version), ("gpu", self._world.gpu.name)):
                if plan[name] != here:
                    raise ValueError(f"{name} {plan[name]} is not {here}")
            if len(model) != plan["n_bytes"]:
                raise ValueError("size does not match")
        except ValueError as error:
            self._world.log(Severity.ERROR, f"Serialization assertion failed: {error}")
            return None
        return FakeEngine(self._world, self, plan, model)


@dataclass
class FakeTensor:
    name: str
    shape: tuple[int, ...]


class FakeNetwork:
    def __init__(self) -> None:
        self.model = b""
        self.inputs: list[FakeTensor] = []

    @property
    def num_inputs(self) -> int:
        return len(self.inputs)

    def get_input(self, index: int) -> FakeTensor | None:
        return self.inputs[index] if index < len(self.inputs) else None


@dataclass
class FakeParserError:
    node: str
    operator: str
    text: str

    def desc(self) -> str:
        return self.text

    def node_name(self) -> str:
        return self.node

    def node_operator(self) -> str:
        return self.operator


class FakeParser:
    def __init__(self, world: World, network: FakeNetwork) -> None:
        self._world, self._network = world, network

    @property
    def num_errors(self) -> int:
        return len(self._world.parser_errors)

    def get_error(self, index: int) -> FakeParserError:
        return FakeParserError(*self._world.parser_errors[index])

    def parse_from_file(self, model: str) -> bool:
        if self._world.refuses("parse_from_file"):
            return False
        self._network.model = onnx.load(model).SerializeToString()
        session = Session(self._network.model)
        self._network.inputs = [FakeTensor(n, session.shapes[n]) for n in session.inputs]
        return True


class FakeProfile:
    def __init__(self, world: World) -> None:
        self._world = world
        self.shapes: dict[str, list[tuple[int, ...]]] = {}

    def set_shape(
        self, input: str, min: Sequence[int], opt: Sequence[int], max: Sequence[int]
    ) -> None:
        if self._world.refuses("set_shape"):
            raise ValueError("inconsistent")
        self.shapes[input] = [tuple(min), tuple(opt), tuple(max)]

    def __bool__(self) -> bool:
        return not self._world.refuses("__bool__")


class FakeTimingCache:
    def __init__(self, content: bytes) -> None:
        self.content = content

    def serialize(self) -> FakeBytes:
        return FakeBytes(self.content + b"+")


class FakeConfig:
    def __init__(self, world: World) -> None:
        self._world = world
        self.profiles: list[FakeProfile] = []
        self.cache: FakeTimingCache | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "builder_optimization_level":
            self._world.level = value
        super().__setattr__(name, value)

    def set_memory_pool_limit(self, pool: Any, pool_size: int) -> None:
        assert pool.name == "WORKSPACE"
        self._world.workspace = pool_size

    def set_flag(self, flag: Any) -> None:
        self._world.flags.add(flag.name)

    def clear_flag(self, flag: Any) -> None:
        self._world.flags.discard(flag.name)

    def add_optimization_profile(self, profile: FakeProfile) -> int:
        if self._world.refuses("add_optimization_profile"):
            return -1
        self.profiles.append(profile)
        return len(self.profiles) - 1

    def create_timing_cache(self, serialized_timing_cache: bytes) -> FakeTimingCache | None:
        if self._world.refuses("create_timing_cache"):
            return None
        self._world.timing_caches.append(bytes(serialized_timing_cache))
        return FakeTimingCache(bytes(serialized_timing_cache))

    def set_timing_cache(self, cache: FakeTimingCache, ignore_mismatch: bool) -> bool:
        require(not ignore_mismatch, "a cache of another GPU is not for us")
        self.cache = cache
        return not self._world.refuses("set_timing_cache")


class FakeBuilder:
    def __init__(self, world: World) -> None:
        self._world = world

    def create_network(self, flags: int = 0) -> FakeNetwork | None:
        self._world.network_flags = flags
        return None if self._world.refuses("create_network") else FakeNetwork()

    def create_builder_config(self) -> FakeConfig | None:
        return None if self._world.refuses("create_builder_config") else FakeConfig(self._world)

    def create_optimization_profile(self) -> FakeProfile | None:
        if self._world.refuses("create_optimization_profile"):
            return None
        return FakeProfile(self._world)

    def build_serialized_network(
        self, network: FakeNetwork, config: FakeConfig
    ) -> FakeBytes | None:
        if self._world.refuses("build_serialized_network"):
            return None
        free = [item for item in network.inputs if -1 in item.shape]
        require(not free or bool(config.profiles), "free axes need a profile")
        self._world.n_builds += 1
        profiles = [profile.shapes for profile in config.profiles]
        return FakeBytes(make_plan(self._world, network.model, profiles))


class FakeRegistry:
    def __init__(self, world: World) -> None:
        self._world = world

    def load_library(self, plugin_path: str) -> object | None:
        return None if self._world.refuses("load_library") else object()


class FakeTensorRt:
    """The module."""

    DataType = members("FLOAT", "HALF", "INT8", "UINT8", "INT32", "INT64", "BOOL", "BF16", "DOUBLE")
    BuilderFlag = members("FP16_IS_GONE", "TF32")
    MemoryPoolType = members("WORKSPACE")
    NetworkDefinitionCreationFlag = members("EXPLICIT_BATCH", "STRONGLY_TYPED")
    TensorIOMode = members("NONE", "INPUT", "OUTPUT")
    TensorLocation = members("DEVICE", "HOST")
    TensorFormat = members("LINEAR", "CHW4")
    LayerInformationFormat = members("ONELINE", "JSON")

    class ILogger:
        def log(self, severity: Severity, msg: str) -> None:
            pass

    def __init__(self, world: World) -> None:
        self.world = world
        self.__version__ = world.version

    def _listen(self, logger: Any) -> None:
        assert isinstance(logger, self.ILogger)
        self.world.log = logger.log

    def Runtime(self, logger: object) -> FakeRuntime:
        self._listen(logger)
        if self.world.refuses("Runtime"):
            raise TypeError("pybind11::init(): factory function returned nullptr")
        return FakeRuntime(self.world)

    def Builder(self, logger: object) -> FakeBuilder:
        self._listen(logger)
        if self.world.refuses("Builder"):
            raise TypeError("pybind11::init(): factory function returned nullptr")
        return FakeBuilder(self.world)

    def OnnxParser(self, network: FakeNetwork, logger: object) -> FakeParser:
        self._listen(logger)
        if self.world.refuses("OnnxParser"):
            raise TypeError("pybind11::init(): factory function returned nullptr")
        return FakeParser(self.world, network)

    def init_libnvinfer_plugins(self, logger: object, namespace: str) -> bool:
        self._listen(logger)
        return not self.world.refuses("init_libnvinfer_plugins")

    def get_plugin_registry(self) -> FakeRegistry:
        return FakeRegistry(self.world)


def make_plan(
    world: World, model: bytes, profiles: Sequence[dict[str, list[tuple[int, ...]]]] = ()
) -> bytes:
    """A plan of a model for this world's TensorRT and GPU."""
    numbers = [int(part) for part in world.version.split(".")]
    head = struct.pack("<4sI16x4B", b"ftrt", 0, *numbers)
    facts = {
        "version": world.version,
        "gpu": world.gpu.name,
        "profiles": list(profiles),
        "n_bytes": len(model),
    }
    return head + json.dumps(facts).encode() + b"\n" + model


@contextmanager
def fake_tensorrt(cache: Path, *, version: str = "11.4.0.106") -> Iterator[World]:
    """TensorRT, a driver and a GPU; built engines are kept under `cache`."""
    world = World(FakeGpu(), version)
    loaded: list[library.Library] = []

    def load() -> library.Library:
        if not loaded:
            with mock.patch.object(
                library, "_module", return_value=cast(TensorRt, FakeTensorRt(world))
            ):
                loaded.append(_load_library())
        return loaded[0]

    driver = FakeDriver(world.gpu)
    with (
        mock.patch.object(library, "load_library", load),
        mock.patch.object(cuda, "load_driver", return_value=driver),
        mock.patch.dict("os.environ", {"VBENCH_CACHE": str(cache)}),
    ):
        yield world
