"""A TensorRT of Python that keeps to the documented rules and breaks the test that breaks them.

Plans hold the ONNX file, which ONNX Runtime executes when the stream is waited for: outputs are
those of the model. `fake_tensorrt` is what a test needs to run the engine without a GPU.
"""

# ruff: noqa: N802 the names are those of the real library

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from unittest import mock

from tests.engines.tensor_rt.fake_builder import FakeBuilder, FakeNetwork, FakeParser
from tests.engines.tensor_rt.fake_cuda import FakeDriver, FakeGpu
from tests.engines.tensor_rt.fake_runtime import FakeRuntime
from tests.engines.tensor_rt.fake_world import (
    BuilderFlag,
    DataType,
    LayerInformationFormat,
    MemoryPoolType,
    NetworkDefinitionCreationFlag,
    Severity,
    TensorFormat,
    TensorIOMode,
    TensorLocation,
    World,
    make_plan,
)
from vbench.engines.tensor_rt import cuda, library
from vbench.engines.tensor_rt.api import TensorRt

__all__ = ["World", "fake_tensorrt", "make_plan"]

_load_library = library.load_library.__wrapped__


class FakeRegistry:
    def __init__(self, world: World) -> None:
        self._world = world

    def load_library(self, plugin_path: str) -> object | None:
        return None if self._world.refuses("load_library") else object()


class FakeTensorRt:
    """The module."""

    DataType = DataType
    BuilderFlag = BuilderFlag
    MemoryPoolType = MemoryPoolType
    NetworkDefinitionCreationFlag = NetworkDefinitionCreationFlag
    TensorIOMode = TensorIOMode
    TensorLocation = TensorLocation
    TensorFormat = TensorFormat
    LayerInformationFormat = LayerInformationFormat

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
