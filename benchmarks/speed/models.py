"""Models of the speed benchmarks: their pipeline files, and how to run them without vbench."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import onnxruntime

from vbench.bench.shipped import shipped_root
from vbench.types import F32

FAKE_GPU = Path(__file__).with_name("fake_gpu")
"""Must be on the import path of whoever runs a `fake` pipeline."""
FLOOR = 0.01
Family: TypeAlias = Literal["yolo_v8", "yolox"]
_DOCK = ("person", "forklift", "pallet")


@dataclass(frozen=True, slots=True)
class Model:
    """A model with what belongs around it."""

    name: str
    family: Family
    size: tuple[int, int]
    """(width, height) px of the input."""
    classes: str
    """The pipeline file's ``classes``."""
    engine: str
    """The pipeline file's ``engine``."""
    file: Path | None
    """ONNX; None for the fake one."""
    wait_ms: float = 0.0
    busy_ms: float = 0.0
    """Of the fake one."""
    n_classes: int = 3
    n_anchors: int = 0
    floor: float = FLOOR

    @property
    def centered(self) -> bool:
        """Whether the picture lies in the middle of the input."""
        return self.family == "yolo_v8"

    def pipeline(self, folder: Path) -> Path:
        """Write the pipeline file; returns its path."""
        width, height = self.size
        color, scale = ("bgr", 1.0) if self.family == "yolox" else ("rgb", 1 / 255)
        anchor = "center" if self.centered else "top_left"
        path = folder / f"{self.name}.yaml"
        path.write_text(f"""\
schema: vbench.pipeline/v1
name: {self.name}
version: 1.0.0
classes: {self.classes}
stages:
  - id: detect
    kind: detector
    engine: {self.engine}
    input:
      size: [{width}, {height}]
      color: {color}
      resize: letterbox
      anchor: {anchor}
      pad: 114
      scale: {scale!r}
    output: {{adapter: {self.family}}}
    post: {{score: 0.35, nms: {{iou: 0.5, class_aware: true}}, top_k: 100}}
""")
        return path

    def alone(self) -> Callable[[F32], F32]:
        """The same engine without vbench: (3, H, W) in, the one output without its batch out."""
        if self.file is None:
            use_fake_gpu()
            fake = importlib.import_module("vbench_fake_gpu").FakeGpu(
                self.size, self.n_classes, self.n_anchors, self.wait_ms, self.busy_ms
            )
            return lambda tensor: np.asarray(fake.run((tensor,))[0][0])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            str(self.file), options, providers=["CPUExecutionProvider"]
        )
        name = session.get_inputs()[0].name
        return lambda tensor: np.asarray(session.run(None, {name: tensor[None]})[0][0])


def use_fake_gpu() -> None:
    """Let this process, and those that it starts, find the fake engine."""
    folder = str(FAKE_GPU)
    if folder not in sys.path:
        sys.path.insert(0, folder)
        more = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = folder if not more else os.pathsep.join([folder, more])


def dock(version: int) -> Model:
    """A shipped detector: dock-v1 is a YOLOX, dock-v2 a YOLOv8."""
    file = shipped_root() / "benchmarks/loading-dock/models" / f"dock-v{version}.onnx"
    names = "{names: [person, forklift, pallet]}"
    family: Family = "yolox" if version == 1 else "yolo_v8"
    return Model(f"dock-v{version}", family, (384, 224), names, _onnx(file), file)


def fake(name: str, wait_ms: float = 0.0, busy_ms: float = 0.0) -> Model:
    """A detector with a head of 84 x 8400 at 640 x 640 whose engine only waits, or is busy."""
    n_classes, n_anchors = 80, 8400
    others = [f"other{number}" for number in range(len(_DOCK), n_classes)]
    options = (
        f"{{size: [640, 640], n_classes: {n_classes}, n_anchors: {n_anchors}, "
        f"wait_ms: {wait_ms!r}, busy_ms: {busy_ms!r}}}"
    )
    return Model(
        name,
        "yolo_v8",
        (640, 640),
        f"{{names: [{', '.join([*_DOCK, *others])}], drop: [{', '.join(others)}]}}",
        f"{{type: plugin, name: fake_gpu, takes: tensors, options: {options}}}",
        None,
        wait_ms=wait_ms,
        busy_ms=busy_ms,
        n_classes=n_classes,
        n_anchors=n_anchors,
    )


def stub(name: str = "stub") -> Model:
    """A detector that finds nothing, at once."""
    options = "{size: [160, 96], n_classes: 3, n_anchors: 100}"
    return Model(
        name,
        "yolo_v8",
        (160, 96),
        "{names: [person, forklift, pallet]}",
        f"{{type: plugin, name: fake_gpu, takes: tensors, options: {options}}}",
        None,
        n_anchors=100,
    )


def yolox_nano() -> Model | None:
    """The COCO detector of the real data, one thread; None where that is absent."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "real"
    folder = Path(os.environ.get("VBENCH_REAL_DATA", beside)) / "detectors" / "yolox_nano"
    file = folder / "yolox_nano.onnx"
    if not file.is_file():
        return None
    names = [line.strip() for line in (folder / "coco_classes.txt").read_text().splitlines()]
    names = [name for name in names if name]
    quoted = ", ".join(f'"{name}"' for name in names)
    dropped = ", ".join(f'"{name}"' for name in names if name not in _DOCK)
    classes = f"{{names: [{quoted}], drop: [{dropped}]}}"
    return Model("yolox-nano", "yolox", (416, 416), classes, _onnx(file), file, n_classes=80)


def _onnx(file: Path) -> str:
    return f"{{type: onnxruntime, model: {file}, providers: [cpu], threads: 1}}"
