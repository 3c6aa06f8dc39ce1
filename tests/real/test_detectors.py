"""Both real detectors and both stored results on TUD-Campus, counted here by a plain matcher."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.pipeline.files import clip
from vbench.config.pipeline_file import read_pipeline_file
from vbench.pipeline.load import load_pipeline
from vbench.types import F64, ClassDef, Detections, Frame, Taxonomy

pytestmark = pytest.mark.real

N_FRAMES = 71
TUD = clip("tud-campus", n_frames=N_FRAMES, size=(640, 480))

HEAD = """\
schema: vbench.pipeline/v1
name: real
version: 1
classes: {classes}
stages:
  - id: detect
    kind: detector
"""

DETECTOR = (
    HEAD
    + """\
    engine: {{type: onnxruntime, model: {model}}}
    input: {{size: [{size}, {size}], color: bgr, anchor: top_left, pad: 114}}
    output: {{adapter: yolox}}
    post: {{score: 0.3, nms: {{iou: 0.45}}}}
"""
)

REPLAY = HEAD + "    engine: {{type: replay, format: mot, path: {path}}}\n"


def per_frame(found: Detections) -> list[tuple[F64, F64]]:
    rows = [found.frame_index == k for k in range(N_FRAMES)]
    return [(found.boxes_xyxy[row], found.scores[row]) for row in rows]


def detect(folder: Path, real_data: Path, text: str) -> list[tuple[F64, F64]]:
    (folder / "p.yaml").write_text(text)
    taxonomy = Taxonomy(1, (ClassDef("person", ""),))
    pipeline = load_pipeline(read_pipeline_file(folder / "p.yaml"), taxonomy)
    pipeline.check([TUD])
    if not pipeline.needs_frames:
        return per_frame(pipeline.replay(TUD)[0])
    pipeline.begin_clip(TUD)
    frames = []
    video = cv2.VideoCapture(str(real_data / "tud-campus" / "TUD-Campus.mp4"))
    for index in range(N_FRAMES):
        decoded, image = video.read()
        assert decoded
        frame = Frame(index, index / 25.0, np.asarray(image, np.uint8), "bgr")
        found, _ = pipeline.run_frame(frame)
        frames.append((found.boxes_xyxy, found.scores))
    return frames


def count(real_data: Path, frames: list[tuple[F64, F64]], score: float) -> tuple[int, int, int]:
    """TP, FP and FN at IoU 0.5: best score first, each takes the best free truth box."""
    truth = np.loadtxt(real_data / "tud-campus" / "gt.txt", delimiter=",")
    tp = fp = fn = 0
    for index, (boxes, scores) in enumerate(frames):
        rows = truth[truth[:, 0] == index + 1]
        free = [np.concatenate([row[2:4], row[2:4] + row[4:6]]) for row in rows]
        for box in boxes[scores >= score]:
            ious = [iou(box, other) for other in free]
            if ious and max(ious) >= 0.5:
                free.pop(int(np.argmax(ious)))
                tp += 1
            else:
                fp += 1
        fn += len(free)
    return tp, fp, fn


def iou(a: F64, b: F64) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return float(width * height / (areas - width * height))


@pytest.mark.parametrize(
    ("model", "size", "expected"),
    [
        (
            "yolox_nano/yolox_nano.onnx",
            416,
            {0.3: (277, 151, 82), 0.5: (270, 42, 89)},
        ),
        (
            "light_person_detector/model.onnx",
            192,
            {0.3: (270, 15, 89), 0.5: (254, 11, 105)},
        ),
    ],
)
def test_detectors(
    tmp_path: Path,
    real_data: Path,
    model: str,
    size: int,
    expected: dict[float, tuple[int, int, int]],
) -> None:
    detectors = real_data / "detectors"
    labels = detectors / "yolox_nano" / "coco_classes.txt"
    classes = "{names: [person]}" if size == 192 else f"{{file: {labels}, drop: others}}"
    text = DETECTOR.format(classes=classes, model=detectors / model, size=size)
    frames = detect(tmp_path, real_data, text)
    for score, counts in expected.items():
        np.testing.assert_allclose(count(real_data, frames, score), counts, atol=2)


@pytest.mark.parametrize(
    ("results", "score", "expected"),
    [
        ("cem_tracker_results.txt", 0.3, (209, 13, 150)),
        ("frcnn_det.txt", 0.9, (238, 17, 121)),
        ("frcnn_det.txt", 0.0, (264, 57, 95)),
    ],
)
def test_replayed_results(
    tmp_path: Path, real_data: Path, results: str, score: float, expected: tuple[int, int, int]
) -> None:
    path = real_data / "tud-campus" / results
    frames = detect(tmp_path, real_data, REPLAY.format(classes="{names: [person]}", path=path))
    assert count(real_data, frames, score) == expected
