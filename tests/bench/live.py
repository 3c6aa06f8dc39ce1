"""A benchmark whose pipelines look at their frames: every pixel changes what they find."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.bench.small import write_truth
from tests.video.clips import HEIGHT_PX, WIDTH_PX, numbered_image, write_clip

N_FRAMES = 120
"""Enough for overlapped sections between and behind those one at a time."""

_GOLDEN = """\
schema: vbench.golden/v1
name: dock
version: 1.0.0
taxonomy:
  version: 1
  classes: [{name: person, means: any visible human}, {name: forklift, means: a truck}]
truth_format: vbench
clips:
"""
_CLIP = "  - {{id: {name}, media: {name}.mp4, truth: {name}.csv}}\n"

_BENCHMARK = """\
schema: vbench.benchmark/v1
name: live
golden_sets: [golden]
pipelines: [PIPELINES]
intervals: {resamples: 100}
warmup_frames: 2
gates:
  - {metric: fp, max: 100000, level: warn}
"""

_TENSORS = """\
schema: vbench.pipeline/v1
name: NAME
version: 1.0.0
classes: {names: [person, forklift]}
DECODE
stages:
  - id: detect
    kind: detector
    engine: {type: onnxruntime, model: ../MODEL.onnx, providers: [cpu], threads: 1}
    input: {INPUT}
    output: {adapter: boxes, columns: [x1, y1, x2, y2, score, class]}
    post: {POST}
"""

TRACKED = """\
  - id: helmet
    kind: classifier
    of: [person]
    engine: {type: onnxruntime, model: ../crops.onnx, providers: [cpu], threads: 1}
    classes: {names: [person, forklift]}
    input: {size: [8, 8], color: bgr, resize: stretch}
    output: {adapter: classifier, activation: softmax}
    combine: product
  - {id: track, kind: tracker, type: sort, min_hits: 0}
  - {id: seen, kind: rule, type: presence, class: person, min_frames: 3}
"""
"""What may stand behind a detector."""

PYTHON = """\
schema: vbench.pipeline/v1
name: NAME
version: 1.0.0
classes: {names: [person]}
stages:
  - id: detect
    kind: detector
    engine: {type: python, object: "NAME:Detector"}
"""

DETECTOR = """\
import os
import time
from pathlib import Path

import numpy as np


class Detector:
    def begin_clip(self, clip_id, width_px, height_px, fps):
        self.clip, self.n = clip_id, 0

    def detect(self, image):
        self.n += 1
        BODY
        level = float(image[::3, ::5].mean()) / 255
        boxes = np.array([[10.0 + level, 8.0, 40.0, 50.0 + 10 * level]])
        return boxes, np.array([level]), np.array([0])
"""

STRETCH = "size: [96, 64], color: bgr, resize: stretch"
LETTERBOX = "size: [64, 64], color: rgb, resize: letterbox, scale: 0.0039, mean: [0.1, 0.2, 0.3]"


def write_live(folder: Path, *clips: str, n_frames: int = N_FRAMES) -> Path:
    """Clips, models, and no pipelines yet.

    Returns:
        The path of ``benchmark.yaml``.
    """
    (folder / "golden").mkdir(parents=True)
    (folder / "pipelines").mkdir()
    names = clips or ("a",)
    for k, name in enumerate(names):
        write_clip(folder / "golden" / f"{name}.mp4", n_frames + k)
        write_truth(folder / "golden" / f"{name}.csv", n_frames)
    text = _GOLDEN + "".join(_CLIP.format(name=name) for name in names)
    (folder / "golden" / "golden.yaml").write_text(text)
    write_seeing_model(folder / "wide.onnx", (HEIGHT_PX, WIDTH_PX))
    write_seeing_model(folder / "square.onnx", (64, 64))
    write_crop_model(folder / "crops.onnx")
    return folder / "benchmark.yaml"


def write_images(folder: Path, n_frames: int = N_FRAMES) -> None:
    """Make a clip of `write_live` an image folder."""
    (folder / "golden" / "images").mkdir()
    for number in range(n_frames):
        path = folder / "golden" / "images" / f"{number}.png"
        cv2.imwrite(str(path), numbered_image(number))
    golden = folder / "golden" / "golden.yaml"
    golden.write_text(golden.read_text().replace("media: a.mp4", "media: images, fps: 25"))


def add_tensors(
    folder: Path,
    name: str,
    model: str = "wide",
    *,
    entry: str = STRETCH,
    post: str = "score: 0.5, nms: {iou: 0.7}",
    decode: str = "",
    behind: str = "",
) -> None:
    """A pipeline with an ONNX model."""
    text = _TENSORS.replace("NAME", name).replace("MODEL", model).replace("INPUT", entry)
    text = text.replace("POST", post).replace(
        "DECODE\n", f"decode: {{{decode}}}\n" if decode else ""
    )
    (folder / "pipelines" / f"{name}.yaml").write_text(text + behind)


def add_python(folder: Path, name: str, body: str = "pass") -> None:
    """A pipeline with an engine in Python; `body` is a line of its ``detect``."""
    (folder / "pipelines" / f"{name}.yaml").write_text(PYTHON.replace("NAME", name))
    (folder / "pipelines" / f"{name}.py").write_text(DETECTOR.replace("BODY", body))


def use(benchmark: Path, *names: str) -> Path:
    """Let the benchmark run these pipelines."""
    files = ", ".join(f"pipelines/{name}.yaml" for name in names)
    benchmark.write_text(_BENCHMARK.replace("PIPELINES", files))
    return benchmark


def write_seeing_model(path: Path, size: tuple[int, int], *, seed: int = 3) -> None:
    """A detector of six boxes that all depend on every pixel of a (height, width) px image."""
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(1, 3, *size)).astype(np.float32) / np.sqrt(3 * size[0] * size[1])
    corners = rng.uniform(0, 40, (1, 6, 2))
    base = np.concatenate([corners, corners + rng.uniform(10, 30, (1, 6, 2))], axis=2)
    _save(
        path,
        [1, 3, *size],
        {"weights": weights, "base": base, "gain": rng.uniform(-0.2, 0.2, (1, 6, 4))}
        | {"level": rng.normal(size=(1, 6, 1)), "classes": np.arange(6).reshape(1, 6, 1) % 2},
        [
            helper.make_node("Mul", ["images", "weights"], ["weighted"]),
            helper.make_node("ReduceSum", ["weighted"], ["sum"], keepdims=0),
            helper.make_node("Sin", ["sum"], ["seen"]),
            helper.make_node("Mul", ["gain", "seen"], ["moved"]),
            helper.make_node("Add", ["base", "moved"], ["corners"]),
            helper.make_node("Add", ["level", "seen"], ["logits"]),
            helper.make_node("Sigmoid", ["logits"], ["scores"]),
            helper.make_node("Concat", ["corners", "scores", "classes"], ["boxes"], axis=2),
        ],
        ("boxes", [1, 6, 6]),
    )


def write_crop_model(path: Path) -> None:
    """A classifier of crops of 8x8 px."""
    rng = np.random.default_rng(4)
    _save(
        path,
        [1, 3, 8, 8],
        {"weights": rng.normal(size=(192, 2)) / 500, "shape": np.array([1, 192])},
        [
            helper.make_node("Reshape", ["images", "shape"], ["flat"]),
            helper.make_node("MatMul", ["flat", "weights"], ["logits"]),
        ],
        ("logits", [1, 2]),
    )


def _save(
    path: Path,
    shape: list[int],
    constants: dict[str, np.ndarray],
    nodes: list[onnx.NodeProto],
    output: tuple[str, list[int]],
) -> None:
    weights = [
        numpy_helper.from_array(value.astype(np.int64 if name == "shape" else np.float32), name)
        for name, value in constants.items()
    ]
    graph = helper.make_graph(
        nodes,
        "seeing",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(output[0], TensorProto.FLOAT, output[1])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
