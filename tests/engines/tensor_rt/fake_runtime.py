"""Plans that are loaded and executed: see `fake_tensorrt`."""

from __future__ import annotations

import ctypes
import json
import weakref
from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from tests.engines.tensor_rt.fake_cuda import require
from tests.engines.tensor_rt.fake_world import (
    NUMPY,
    DataType,
    Session,
    Severity,
    TensorFormat,
    TensorIOMode,
    TensorLocation,
    World,
)


class FakeContext:
    def __init__(self, world: World, engine: FakeEngine) -> None:
        self._world, self._engine = world, engine
        self._shapes: dict[str, tuple[int, ...]] = {}
        self._addresses: dict[str, int] = {}
        world.gpu.users.add(self)
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
        n_bytes = prod(shapes[name]) * np.dtype(NUMPY[session.types[name]]).itemsize
        self._world.gpu.device_bytes(memory, n_bytes)
        self._addresses[name] = memory
        return True

    def execute_async_v3(self, stream_handle: int) -> bool:
        gpu, session = self._world.gpu, self._engine.session
        if self._world.refuses("execute_async_v3"):
            return False
        require(gpu.is_current, "the GPU's context is current in the thread that executes")
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
        dtype = np.dtype(NUMPY[self._engine.session.types[name]])
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
        mode = TensorIOMode
        return mode.INPUT if name in self.session.inputs else mode.OUTPUT

    def get_tensor_dtype(self, name: str) -> Any:
        other = self._world.overrides.get(name)
        return DataType[other if other == "BF16" else self.session.types[name]]

    def get_tensor_shape(self, name: str) -> Sequence[int]:
        return self.session.shapes[name]

    def get_tensor_location(self, name: str) -> Any:
        place = TensorLocation
        return place.HOST if self._world.overrides.get(name) == "HOST" else place.DEVICE

    def get_tensor_format(self, name: str) -> Any:
        order = TensorFormat
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
        world.gpu.users.add(self)

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
