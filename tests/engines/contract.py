"""Every engine that keeps the contract of `test_contract`, one line each.

A factory is given an empty folder, prepares there what its engine needs (a model, a program, a
server), and yields a function that opens one more engine on it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import pytest

from tests.conftest import REPOSITORY
from tests.docs.markdown import code_blocks
from tests.engines import blue_box
from tests.engines.blue_box import BlueBox, decoded
from tests.engines.http.server import Received, detector_server
from tests.engines.installed_plugin import installed
from tests.engines.onnx_models import write_convolution_model
from tests.engines.tensor_rt.fake_tensorrt import fake_tensorrt
from vbench.config.engines.command import CommandEntry
from vbench.config.engines.entry import LiveEntry
from vbench.config.engines.http import HttpEntry
from vbench.config.engines.kserve import KserveEntry
from vbench.config.engines.onnxruntime import OnnxRuntimeEntry
from vbench.config.engines.openvino import OpenVinoEntry
from vbench.config.engines.plugin import PluginEntry
from vbench.config.engines.python import PythonEntry
from vbench.config.engines.tensorrt import ShapeRange, TensorRtEntry
from vbench.engines.protocol import EngineSite, FrameEngine, TensorEngine
from vbench.engines.registry import open_engine

TensorFactory: TypeAlias = Callable[[Path], AbstractContextManager[Callable[[], TensorEngine]]]
"""Of a model with two outputs or more, no two of one shape, which depend on every input."""

FrameFactory: TypeAlias = Callable[[Path], AbstractContextManager[Callable[[], FrameEngine]]]
"""Of the detector of `blue_box`, or another that answers alike."""

CLASS_NAMES = ("person", "truck")


def tensor_opener(entry: LiveEntry, folder: Path) -> Callable[[], TensorEngine]:
    """What opens a tensor engine as a pipeline would."""

    def opened() -> TensorEngine:
        engine = open_engine(entry, _site(folder))
        assert isinstance(engine, TensorEngine)
        return engine

    return opened


def frame_opener(entry: LiveEntry, folder: Path) -> Callable[[], FrameEngine]:
    """What opens a frame engine as a pipeline would."""

    def opened() -> FrameEngine:
        engine = open_engine(entry, _site(folder))
        assert isinstance(engine, FrameEngine)
        return engine

    return opened


def _site(folder: Path) -> EngineSite:
    return EngineSite(folder, "pipeline.yaml: engine.{}".format, "detect", CLASS_NAMES)


@contextmanager
def _onnx_runtime(folder: Path) -> Iterator[Callable[[], TensorEngine]]:
    write_convolution_model(folder / "m.onnx")
    yield tensor_opener(OnnxRuntimeEntry(type="onnxruntime", model="m.onnx"), folder)


def _open_vino(size: int | str) -> TensorFactory:
    @contextmanager
    def factory(folder: Path) -> Iterator[Callable[[], TensorEngine]]:
        _skip_without("openvino", "openvino")
        write_convolution_model(folder / "m.onnx", size=size)
        yield tensor_opener(OpenVinoEntry(type="openvino", model="m.onnx"), folder)

    return factory


def _kserve(protocol: Literal["http", "grpc"]) -> TensorFactory:
    @contextmanager
    def factory(folder: Path) -> Iterator[Callable[[], TensorEngine]]:
        _skip_without("tritonclient", "kserve")
        from tests.engines.kserve.server import Served, grpc_server, http_server

        served = Served({"network": write_convolution_model(folder / "m.onnx")})
        with (http_server if protocol == "http" else grpc_server)(served) as url:
            entry = KserveEntry(type="kserve", url=url, protocol=protocol, model="network")
            yield tensor_opener(entry, folder)

    return factory


def _tensor_rt(*, size: int | str, cuda_graph: bool) -> TensorFactory:
    """On a TensorRT of Python: see `tests.engines.tensor_rt.fake_tensorrt`."""

    @contextmanager
    def factory(folder: Path) -> Iterator[Callable[[], TensorEngine]]:
        write_convolution_model(folder / "m.onnx", size=size)
        profile: dict[str, ShapeRange | list[int]] = {}
        if isinstance(size, str):
            profile["images"] = ShapeRange(min=[1, 3, 8, 8], opt=[1, 3, 16, 16], max=[1, 3, 32, 32])
        entry = TensorRtEntry(
            type="tensorrt", model="m.onnx", cuda_graph=cuda_graph, profile=profile
        )
        with fake_tensorrt(folder / "cache"):
            yield tensor_opener(entry, folder)

    return factory


@contextmanager
def _documented_plugin(folder: Path) -> Iterator[Callable[[], TensorEngine]]:
    """The example of docs/reference/writing-an-engine.md, installed."""
    page = REPOSITORY / "docs" / "reference" / "writing-an-engine.md"
    code = next(block.text for block in code_blocks(page) if block.language == "python")
    np.save(folder / "weights.npy", np.random.default_rng(5).normal(size=(3, 4)))
    with installed(folder, "documented_acme", code):
        entry = PluginEntry(
            type="plugin", name="acme", takes="tensors", options={"weights": "weights.npy"}
        )
        yield tensor_opener(entry, folder)


def _skip_without(module: str, extra: str) -> None:
    if find_spec(module) is None:
        pytest.skip(f"the extra vbench[{extra}] is not installed")


@contextmanager
def _python(folder: Path) -> Iterator[Callable[[], FrameEngine]]:
    entry = PythonEntry(type="python", object="tests.engines.blue_box:BlueBox")
    yield frame_opener(entry, folder)


def _http(frames: Literal["jpeg", "png", "raw"]) -> FrameFactory:
    @contextmanager
    def factory(folder: Path) -> Iterator[Callable[[], FrameEngine]]:
        with detector_server() as (url, manners):
            manners.answer = _served_blue_box
            yield frame_opener(HttpEntry(type="http", url=url, frames=frames), folder)

    return factory


def _served_blue_box(received: Received) -> bytes:
    size = None
    if received.headers["content-type"] == "application/octet-stream":
        size = int(received.headers["vbench-height"]), int(received.headers["vbench-width"])
    boxes, scores, classes = BlueBox().detect(decoded(received.body, size))
    return json.dumps({"boxes": boxes, "scores": scores, "classes": classes}).encode()


def _command(frames: Literal["jpeg", "raw"]) -> FrameFactory:
    @contextmanager
    def factory(folder: Path) -> Iterator[Callable[[], FrameEngine]]:
        words = [sys.executable, str(Path(blue_box.__file__))]
        yield frame_opener(CommandEntry(type="command", command=words, frames=frames), folder)

    return factory


TENSOR_ENGINES: dict[str, TensorFactory] = {
    "onnxruntime": _onnx_runtime,
    "openvino": _open_vino(16),
    "openvino, free axes": _open_vino("free"),
    "tensorrt": _tensor_rt(size=16, cuda_graph=False),
    "tensorrt, CUDA graph": _tensor_rt(size=16, cuda_graph=True),
    "tensorrt, free axes": _tensor_rt(size="free", cuda_graph=False),
    "acme": _documented_plugin,
    "kserve, http": _kserve("http"),
    "kserve, grpc": _kserve("grpc"),
}

FRAME_ENGINES: dict[str, FrameFactory] = {
    "python": _python,
    "command, jpeg": _command("jpeg"),
    "command, raw": _command("raw"),
    "http, jpeg": _http("jpeg"),
    "http, png": _http("png"),
    "http, raw": _http("raw"),
}
