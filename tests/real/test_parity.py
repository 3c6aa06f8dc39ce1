"""A real detector with one thing planted at a time, on real footage."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.tud import golden_yaml
from vbench.bench.parity.compare import Parity, compare_pipelines
from vbench.bench.parity.measure import Tolerances
from vbench.bench.parity.words import advice, cause_sentence, headline
from vbench.bench.progress import NoProgress

pytestmark = pytest.mark.real

HEAD = """\
schema: vbench.pipeline/v1
name: {name}
version: 1
classes: {{file: {nano}/coco_classes.txt, drop: others}}
decode: {decode}
stages:
  - id: detect
    kind: detector
    post: {{score: 0.3, nms: {{iou: 0.45}}}}
"""

ONNX = """\
    engine: {{type: onnxruntime, model: {nano}/yolox_nano.onnx}}
    input: {input}
    output: {{adapter: yolox}}
"""

PYTHON = """\
    engine: {{type: python, object: 'detector:Detector', options: {options}}}
"""

# What a team might have in production: the same model, nothing of vbench.
CODE = """\
import cv2
import numpy as np
import onnxruntime

MODEL = {model!r}


class Detector:
    def __init__(self, swap=False, center=False, divide=False):
        self.session = onnxruntime.InferenceSession(MODEL, providers=["CPUExecutionProvider"])
        self.swap, self.center, self.divide = swap, center, divide
        levels = []
        for stride in (8, 16, 32):
            n = 416 // stride
            row, column = np.divmod(np.arange(n * n), n)
            levels.append(np.stack([column, row, np.full(n * n, stride)], axis=1))
        self.cells = np.concatenate(levels)

    def detect(self, image):
        if self.swap:
            image = np.ascontiguousarray(image[:, :, ::-1])
        ratio = min(416 / image.shape[1], 416 / image.shape[0])
        width, height = round(image.shape[1] * ratio), round(image.shape[0] * ratio)
        top = (416 - height) // 2 if self.center else 0
        canvas = np.full((416, 416, 3), 114, np.uint8)
        canvas[top : top + height, :width] = cv2.resize(image, (width, height))
        tensor = canvas.transpose(2, 0, 1)[None].astype(np.float32)
        if self.divide:
            tensor /= 255
        rows = self.session.run(None, {{self.session.get_inputs()[0].name: tensor}})[0][0]
        stride = self.cells[:, 2:]
        centre, size = (rows[:, :2] + self.cells[:, :2]) * stride, np.exp(rows[:, 2:4]) * stride
        best = rows[:, 5:].argmax(axis=1)
        scores = rows[:, 4] * rows[np.arange(len(rows)), 5 + best]
        boxes = np.concatenate([centre - size / 2, centre + size / 2], axis=1)
        boxes = (boxes - [0, top, 0, top]) / ratio
        kept = scores >= 0.01
        return boxes[kept], np.minimum(scores[kept], 1), best[kept]
"""


@pytest.fixture
def folder(tmp_path: Path, real_data: Path) -> Path:
    (tmp_path / "golden").mkdir()
    text = golden_yaml(real_data)
    (tmp_path / "golden" / "golden.yaml").write_text(text)
    model = real_data / "detectors" / "yolox_nano" / "yolox_nano.onnx"
    (tmp_path / "detector.py").write_text(CODE.format(model=str(model)))
    return tmp_path


def onnx(folder: Path, real_data: Path, name: str, decode: str = "{}", **more: str) -> Path:
    keys = {"size": "[416, 416]", "color": "bgr", "anchor": "top_left"} | more
    entry = "{" + ", ".join(f"{key}: {value}" for key, value in keys.items()) + "}"
    nano = real_data / "detectors" / "yolox_nano"
    path = folder / f"{name}.yaml"
    path.write_text((HEAD + ONNX).format(name=name, nano=nano, input=entry, decode=decode))
    return path


def python(folder: Path, real_data: Path, name: str, options: str) -> Path:
    nano = real_data / "detectors" / "yolox_nano"
    path = folder / f"{name}.yaml"
    path.write_text((HEAD + PYTHON).format(name=name, nano=nano, options=options, decode="{}"))
    return path


def parity(a: Path, b: Path, n_frames: int = 8) -> Parity:
    golden = a.parent / "golden"
    return compare_pipelines(a, b, golden, Tolerances(), NoProgress(), n_frames=n_frames)


def named(found: Parity) -> tuple[str, list[str]]:
    assert found.first is not None
    assert found.guess is not None
    return found.first.stage, [cause.kind for cause in found.guess.causes]


def test_bgr_against_rgb(folder: Path, real_data: Path) -> None:
    a, b = onnx(folder, real_data, "bgr"), onnx(folder, real_data, "rgb", color="rgb")
    found = parity(a, b, n_frames=71)
    assert named(found) == ("tensor", ["color_order"])
    assert found.n_frames == 71
    assert headline(found) == ("A and B part at: input tensor, first in tud-campus, frame 0")
    assert cause_sentence(found).startswith("red and blue are swapped; explains all of it")
    (line,) = advice(found)
    assert line.startswith("write bgr at ")
    assert line.endswith("rgb.yaml:11: stages[0].input.color")


@pytest.mark.parametrize(
    ("changed", "decode", "expected"),
    [
        ({"anchor": "center"}, "{}", ("tensor", ["anchor"])),
        ({"scale": "0.00392156862745098"}, "{}", ("tensor", ["scale"])),
        ({"mean": "[123.7, 116.3, 103.5]", "std": "[58, 57, 57]"}, "{}", ("tensor", ["mean_std"])),
        ({"interpolation": "area"}, "{}", ("tensor", ["interpolation"])),
        ({"color": "rgb", "interpolation": "cubic"}, "{}",
         ("tensor", ["color_order", "interpolation"])),
        ({}, "{matrix: bt709}", ("pixels", ["color_matrix"])),
        ({}, "{range: full}", ("pixels", ["color_range"])),
    ],
)  # fmt: skip
def test_planted_in_settings(
    folder: Path,
    real_data: Path,
    changed: dict[str, str],
    decode: str,
    expected: tuple[str, list[str]],
) -> None:
    a = onnx(folder, real_data, "a")
    b = onnx(folder, real_data, "b", decode, **changed)
    assert named(parity(a, b)) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("{swap: true}", ["color_order"]),
        ("{center: true}", ["anchor"]),
        ("{swap: true, center: true}", ["color_order", "anchor"]),
    ],
)
def test_planted_behind_a_wall(
    folder: Path, real_data: Path, options: str, expected: list[str]
) -> None:
    """Only detections are seen; A is run again until it finds the same."""
    a = onnx(folder, real_data, "a")
    b = python(folder, real_data, "b", options)
    found = parity(a, b)
    assert named(found) == ("detections", expected)
    assert found.guess is not None
    assert found.guess.explained > 0.95


def test_silence_is_not_explained_away(folder: Path, real_data: Path) -> None:
    """Much may keep a detector from finding anything; what does so in A is told as a hint."""
    a = onnx(folder, real_data, "a")
    b = python(folder, real_data, "b", "{divide: true}")
    found = parity(a, b)
    assert named(found) == ("detections", [])
    expected = "unknown: B finds nothing in these frames; neither does A with input.scale scale"
    assert cause_sentence(found).startswith(expected)


def test_the_same_behind_a_wall(folder: Path, real_data: Path) -> None:
    a, b = onnx(folder, real_data, "a"), python(folder, real_data, "b", "{}")
    assert parity(a, b).first is None
