"""Pipeline files, taxonomies, clips and frames for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vbench.config.model_file import ModelFile
from vbench.config.pipeline_file import PipelineFile, read_pipeline_file
from vbench.types import ClassDef, Clip, ColorOrder, Frame, MediaFacts, Taxonomy, Truth

DETECTOR = """\
schema: vbench.pipeline/v1
name: tiny
version: 1
classes: {names: [person, forklift]}
stages:
  - id: detect
    kind: detector
    engine: {type: onnxruntime, model: m.onnx}
    input: {size: [32, 32], color: bgr, anchor: top_left}
    output: {adapter: boxes, columns: [x1, y1, x2, y2, score, class]}
    post: {score: 0.3, nms: {iou: 0.5}}
"""

REPLAY = """\
schema: vbench.pipeline/v1
name: stored
version: 1
classes: {names: [person]}
stages:
  - id: detect
    kind: detector
    engine: {type: replay, format: mot, path: "{clip}.txt"}
"""


def pipeline_file(
    folder: Path, text: str = DETECTOR, /, **replaced: str
) -> ModelFile[PipelineFile]:
    """A checked pipeline file; `replaced` swaps the value of a key: ``post="{score: 1}"``."""
    for key, value in replaced.items():
        lines = text.splitlines()
        (row,) = [k for k, line in enumerate(lines) if line.strip().startswith(f"{key}:")]
        lines[row] = f"{lines[row].split(key + ':')[0]}{key}: {value}"
        text = "\n".join(lines) + "\n"
    path = folder / "pipeline.yaml"
    path.write_text(text)
    return read_pipeline_file(path)


def taxonomy(*names: str) -> Taxonomy:
    """A taxonomy of these classes."""
    return Taxonomy(1, tuple(ClassDef(name, "") for name in names))


def clip(clip_id: str = "dock", *, n_frames: int = 5, size: tuple[int, int] = (64, 48)) -> Clip:
    """An empty clip."""
    facts = MediaFacts("", n_frames, 25.0, n_frames / 25.0, size[0], size[1], "")
    return Clip(
        id=clip_id,
        media=Path("dock.mp4"),
        stream=None,
        facts=facts,
        tags=(),
        truth=Truth.empty(),
        annotated=np.ones(n_frames, np.bool_),
        exhaustive=np.ones(1, np.bool_),
        ignore_regions=(),
        events=(),
    )


def frame(
    size: tuple[int, int] = (64, 48), *, index: int = 0, color_order: ColorOrder = "bgr"
) -> Frame:
    """A frame of fixed noise, (width, height) px."""
    image = np.random.default_rng(index).integers(0, 256, (size[1], size[0], 3), np.uint8)
    return Frame(index=index, pts_s=index / 25.0, image=image, color_order=color_order)
