"""ONNX files that become plans: see `fake_tensorrt`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import onnx

from tests.engines.tensor_rt.fake_cuda import require
from tests.engines.tensor_rt.fake_world import FakeBytes, Session, World, make_plan


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
