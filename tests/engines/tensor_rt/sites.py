"""Entries of TensorRT engines, where they stand, and a model that answers with its input."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.engines.onnx_models import write_echo_model
from vbench.config.engines.tensorrt import TensorRtEntry
from vbench.engines.protocol import EngineSite
from vbench.engines.tensor_rt.engine import TensorRtEngine, open_engine

FIXED = (1, 3, 4, 4)
FREE = (None, 3, 4, 4)
RANGE = {"images": {"min": [1, 3, 4, 4], "opt": [2, 3, 4, 4], "max": [4, 3, 4, 4]}}


def site(folder: Path) -> EngineSite:
    return EngineSite(folder, lambda key: f"p.yaml:7: engine.{key}", "detect", ("person",))


def entry(**more: object) -> TensorRtEntry:
    return TensorRtEntry.model_validate({"type": "tensorrt", **more})


def image(n: int = 1, value: float = 1.5) -> np.ndarray:
    return np.full((n, 3, 4, 4), value, np.float32)


def open_echo(folder: Path, **more: object) -> TensorRtEngine:
    write_echo_model(folder / "m.onnx", FREE if "profile" in more else FIXED)
    return open_engine(entry(model="m.onnx", **more), site(folder))
