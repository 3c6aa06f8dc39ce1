"""A real detector behind servers finds exactly what it finds in this process."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.engines.http.server import Received, detector_server
from tests.engines.kserve.server import Served, grpc_server, http_server
from tests.pipeline.files import clip
from vbench.config.pipeline_file import read_pipeline_file
from vbench.pipeline.frame_pipeline import FramePipeline
from vbench.pipeline.load import load_pipeline
from vbench.types import ClassDef, Frame, FrameDetections, Taxonomy
from vbench.video import frames_at

pytestmark = pytest.mark.real

FRAMES = tuple(range(0, 71, 7))
SIZE = (640, 480)

PIPELINE = """\
schema: vbench.pipeline/v1
name: real
version: 1
classes: {{file: {classes}, drop: others}}
stages:
  - id: detect
    kind: detector
    engine: {engine}
"""
TENSORS = """\
    input: {size: [416, 416], color: bgr, anchor: top_left}
    output: {adapter: yolox}
    post: {score: 0.3, nms: {iou: 0.45}}
"""


class Yolox:
    """yolox_nano behind any engine."""

    def __init__(self, folder: Path, real_data: Path) -> None:
        self._folder = folder
        self._classes = real_data / "detectors/yolox_nano/coco_classes.txt"
        self.model = real_data / "detectors/yolox_nano/yolox_nano.onnx"
        self.frames = list(frames_at(real_data / "tud-campus/TUD-Campus.mp4", FRAMES))

    def loaded(self, engine: str, rest: str = TENSORS) -> FramePipeline:
        path = self._folder / f"p{len(list(self._folder.iterdir()))}.yaml"
        path.write_text(PIPELINE.format(classes=self._classes, engine=engine) + rest)
        taxonomy = Taxonomy(1, (ClassDef("person", ""), ClassDef("bicycle", "")))
        pipeline = load_pipeline(read_pipeline_file(path), taxonomy)
        assert isinstance(pipeline, FramePipeline)
        pipeline.begin_clip(clip("tud-campus", size=SIZE))
        return pipeline

    def found(self, engine: str, rest: str = TENSORS) -> list[FrameDetections]:
        pipeline = self.loaded(engine, rest)
        found = [pipeline.run_frame(frame)[0] for frame in self.frames]
        pipeline.close()
        return found

    def local(self) -> str:
        return f"{{type: onnxruntime, model: {self.model}}}"


@pytest.fixture
def yolox(tmp_path: Path, real_data: Path) -> Yolox:
    return Yolox(tmp_path, real_data)


def check_same(one: list[FrameDetections], other: list[FrameDetections]) -> None:
    assert sum(len(found) for found in one) > 50
    for here, there in zip(one, other, strict=True):
        np.testing.assert_array_equal(here.boxes_xyxy, there.boxes_xyxy)
        np.testing.assert_array_equal(here.scores, there.scores)
        np.testing.assert_array_equal(here.class_id, there.class_id)


@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_kserve_gives_identical_detections(yolox: Yolox, protocol: str) -> None:
    served = Served({"yolox": yolox.model})
    with (http_server if protocol == "http" else grpc_server)(served) as url:
        engine = f'{{type: kserve, url: "{url}", protocol: {protocol}, model: yolox}}'
        check_same(yolox.found(yolox.local()), yolox.found(engine))


@pytest.mark.parametrize("keys", ["frames: raw", "frames: png, body: multipart"])
def test_http_gives_identical_detections(yolox: Yolox, keys: str) -> None:
    """The server answers with what the same pipeline finds on the frame that it received."""
    behind = yolox.loaded(yolox.local())
    names = ["person", "bicycle"]

    def answer(received: Received) -> bytes:
        found, _ = behind.run_frame(received_frame(received))
        rows = zip(found.boxes_xyxy.tolist(), found.scores, found.class_id, strict=True)
        detections = [
            {"box": box, "score": float(score), "class": names[class_id]}
            for box, score, class_id in rows
        ]
        return json.dumps({"detections": detections}).encode()

    with detector_server() as (url, manners):
        manners.answer = answer
        remote = yolox.found(f'{{type: http, url: "{url}", {keys}}}', "    post: {score: 0.3}\n")
    check_same(yolox.found(yolox.local()), remote)
    behind.close()


def received_frame(received: Received) -> Frame:
    headers = received.headers
    width, height = int(headers["vbench-width"]), int(headers["vbench-height"])
    if headers["content-type"] == "application/octet-stream":
        image = np.frombuffer(received.body, np.uint8).reshape(height, width, 3)
    else:
        picture = received.body[received.body.index(b"\x89PNG") :]
        decoded = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
        image = np.asarray(decoded, np.uint8)
    return Frame(int(headers["vbench-frame"]), float(headers["vbench-time"]), image, "bgr")
