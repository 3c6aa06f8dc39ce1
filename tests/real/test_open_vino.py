"""OpenVINO against ONNX Runtime on a real detector and real frames."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from vbench.config.engines.entry import LiveEntry
from vbench.config.engines.onnxruntime import OnnxRuntimeEntry
from vbench.config.engines.openvino import OpenVinoEntry
from vbench.engines.protocol import EngineSite, Tensor, TensorEngine
from vbench.engines.registry import open_engine
from vbench.types import F32

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(find_spec("openvino") is None, reason="vbench[openvino] is not installed"),
]

SIZE = 416
BOXES_AGREE_WITHIN = 5e-4
"""Absolute, of raw box numbers up to 4, in grid cells; measured 2.6e-4 on the whole clip (OpenVINO
2026.4.1, ONNX Runtime 1.31.1). ONNX Runtime with and without its own optimisations: 1.5e-4."""

SCORES_AGREE_WITHIN = 5e-5
"""Absolute, of scores in 0..1; measured 1.6e-5."""


def opened(entry: LiveEntry, real_data: Path) -> TensorEngine:
    folder = real_data / "detectors" / "yolox_nano"
    engine = open_engine(entry, EngineSite(folder, str, "detect", ("person",)))
    assert isinstance(engine, TensorEngine)
    return engine


def frames(real_data: Path, n_frames: int) -> list[F32]:
    """Evenly spread frames of the street clip, letterboxed."""
    video = cv2.VideoCapture(str(real_data / "tud-campus" / "TUD-Campus.mp4"))
    tensors = []
    for index in range(71):
        decoded, image = video.read()
        assert decoded
        if index % (71 // n_frames) == 0:
            canvas = np.full((SIZE, SIZE, 3), 114, np.uint8)
            small = cv2.resize(image, (SIZE, SIZE * 480 // 640))
            canvas[: len(small)] = small
            tensors.append(canvas.transpose(2, 0, 1)[np.newaxis].astype(np.float32))
    return tensors


def difference(one: Tensor, other: Tensor) -> float:
    return float(np.abs(one.astype(np.float64) - other.astype(np.float64)).max())


def test_raw_outputs_agree_with_onnx_runtime(real_data: Path) -> None:
    reference = opened(OnnxRuntimeEntry(type="onnxruntime", model="yolox_nano.onnx"), real_data)
    engine = opened(OpenVinoEntry(type="openvino", model="yolox_nano.onnx"), real_data)
    assert engine.inputs == reference.inputs
    assert engine.outputs == reference.outputs
    for images in frames(real_data, 8):
        (wanted,), (found,) = reference.run([images]), engine.run([images])
        assert difference(wanted[..., :4], found[..., :4]) < BOXES_AGREE_WITHIN
        assert difference(wanted[..., 4:], found[..., 4:]) < SCORES_AGREE_WITHIN


def test_two_threads_give_the_same_outputs(real_data: Path) -> None:
    images = frames(real_data, 1)[0]
    one = opened(OpenVinoEntry(type="openvino", model="yolox_nano.onnx"), real_data)
    two = opened(OpenVinoEntry(type="openvino", model="yolox_nano.onnx", threads=2), real_data)
    assert difference(one.run([images])[0], two.run([images])[0]) < BOXES_AGREE_WITHIN
