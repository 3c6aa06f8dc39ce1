"""A golden set in colour and pipelines over it, for parity."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np

from tests.engines.onnx_models import write_constant_model
from tests.video.clips import add_stream
from vbench.types import U8

WIDTH_PX, HEIGHT_PX = 160, 120
SIZE_PX = 64
N_FRAMES = 8

GOLDEN = """\
schema: vbench.golden/v1
name: colours
version: 1.0.0
taxonomy:
  version: 1
  classes: [{name: person, means: any}, {name: forklift, means: any}, {name: dog, means: any}]
truth_format: vbench
clips:
  - {id: first, media: first.mp4, truth: none.csv}
  - {id: second, media: second.mp4, truth: none.csv}
"""

DETECTOR = """\
schema: vbench.pipeline/v1
name: NAME
version: 1
classes: {names: [person, forklift, dog]}
decode: DECODE
stages:
  - id: detect
    kind: detector
    engine: ENGINE
    input: INPUT
    output: OUTPUT
    post: POST
"""

ROWS = (
    (30.0, 20.0, 44.0, 36.0, 0.9, 0.0),
    (31.0, 22.0, 45.0, 39.0, 0.8, 0.0),
    (8.0, 6.0, 20.0, 15.0, 0.7, 1.0),
    (50.0, 12.0, 60.0, 40.0, 0.6, 1.0),
    (2.0, 30.0, 12.0, 46.0, 0.05, 0.0),
)
"""Corners in px of the input, score and class, as the constant models give them."""


def picture(number: int) -> U8:
    """(H, W, 3) BGR: smooth colours, with sharp squares that move."""
    rng = np.random.default_rng(number // N_FRAMES)
    small = rng.integers(30, 226, (8, 10, 3), np.uint8)
    image = cv2.resize(small, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_CUBIC)
    for k, color in enumerate([(20, 20, 230), (230, 40, 30), (30, 220, 210), (240, 240, 240)]):
        x, y = 8 + 36 * k + number % N_FRAMES, 20 + 18 * k
        image[y : y + 22, x : x + 14] = color
    return np.asarray(image, np.uint8)


def write_golden_set(folder: Path) -> Path:
    """Two clips without truth; returns the set's folder."""
    folder.mkdir(parents=True)
    (folder / "golden.yaml").write_text(GOLDEN)
    (folder / "none.csv").write_text("frame,class,track_id,x1,y1,x2,y2,ignore,crowd\n")
    for start, name in ((0, "first"), (N_FRAMES, "second")):
        with av.open(str(folder / f"{name}.mp4"), "w") as container:
            stream = add_stream(container, size_px=(WIDTH_PX, HEIGHT_PX), options={"crf": "10"})
            for number in range(start, start + N_FRAMES):
                frame = av.VideoFrame.from_ndarray(picture(number), format="bgr24")
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return folder


def write_pipeline(
    folder: Path,
    name: str,
    *,
    engine: str = "{type: onnxruntime, model: rows.onnx}",
    input: str = "{size: [64, 64], color: bgr, anchor: top_left}",
    output: str = "{adapter: boxes, columns: [x1, y1, x2, y2, score, class]}",
    post: str = "{score: 0.3}",
    decode: str = "{}",
) -> Path:
    """A pipeline file; an empty `input` or `output` leaves the key out."""
    text = DETECTOR.replace("NAME", name)
    for key, value in (
        ("ENGINE", engine),
        ("INPUT", input),
        ("OUTPUT", output),
        ("POST", post),
        ("DECODE", decode),
    ):
        text = text.replace(key, value)
    lines = [line for line in text.splitlines() if line not in ("    input: ", "    output: ")]
    path = folder / f"{name}.yaml"
    path.write_text("\n".join(lines) + "\n")
    return path


def write_rows_model(path: Path, rows: tuple[tuple[float, ...], ...] = ROWS) -> Path:
    """A model that takes an image of any size and always gives these rows."""
    table = np.array([rows], np.float32)
    return write_constant_model(path, {"boxes": table}, input_shape=(1, 3, "h", "w"))
