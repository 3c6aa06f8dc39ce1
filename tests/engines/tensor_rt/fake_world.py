"""What the parts of the TensorRT of Python share: see `fake_tensorrt`."""

from __future__ import annotations

import enum
import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import onnxruntime as ort

from tests.engines.tensor_rt.fake_cuda import FakeGpu

NUMPY = {
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


def members(*names: str) -> Any:
    return enum.IntEnum("Members", [(name, number) for number, name in enumerate(names)])


DataType = members("FLOAT", "HALF", "INT8", "UINT8", "INT32", "INT64", "BOOL", "BF16", "DOUBLE")
BuilderFlag = members("FP16_IS_GONE", "TF32")
MemoryPoolType = members("WORKSPACE")
NetworkDefinitionCreationFlag = members("EXPLICIT_BATCH", "STRONGLY_TYPED")
TensorIOMode = members("NONE", "INPUT", "OUTPUT")
TensorLocation = members("DEVICE", "HOST")
TensorFormat = members("LINEAR", "CHW4")
LayerInformationFormat = members("ONELINE", "JSON")


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
            name: np.zeros(shapes[name], NUMPY[self.types[name]]) for name in self.inputs
        }
        return {
            name: tuple(value.shape)
            for name, value in zip(self.outputs, self.run(zeros), strict=True)
        }


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
