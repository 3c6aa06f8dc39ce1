"""One model on real footage behind four engines: the detections are the same to the last bit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.bench.runs import run_quietly
from tests.engines import serve_pipeline
from tests.real.tud import golden_yaml
from vbench.bench.finished import FinishedRun
from vbench.record.shards import read_detections
from vbench.types import Detections

pytestmark = pytest.mark.real

MODEL = """\
schema: vbench.pipeline/v1
name: onnxruntime
version: 1.0.0
classes: {{file: {folder}/coco_classes.txt, drop: others}}
stages:
  - id: detect
    kind: detector
    engine: {{type: onnxruntime, model: {folder}/yolox_nano.onnx, threads: 1}}
    input: {{size: [416, 416], color: bgr, anchor: top_left, pad: 114}}
    output: {{adapter: yolox}}
    post: {{score: 0.3, nms: {{iou: 0.45}}}}
"""

BEHIND = """\
schema: vbench.pipeline/v1
name: {name}
version: 1.0.0
classes: {{file: {folder}/coco_classes.txt, drop: others}}
stages:
  - {{id: detect, kind: detector, engine: {engine}, post: {{score: 0.3}}}}
"""

BENCHMARK = """\
schema: vbench.benchmark/v1
name: engines
golden_sets: ['.']
pipelines: [onnxruntime.yaml, command.yaml, http.yaml, python.yaml]
gates: [{metric: recall, class: person, min: 0.5}]
"""


@pytest.fixture(scope="module")
def address(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the model."""
    pipeline = tmp_path_factory.mktemp("served") / "served.yaml"
    folder = real_data / "detectors" / "yolox_nano"
    pipeline.write_text(MODEL.format(folder=folder))
    command = [sys.executable, serve_pipeline.__file__, str(pipeline), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()


@pytest.fixture(scope="module")
def finished(
    real_data: Path, tmp_path_factory: pytest.TempPathFactory, address: str
) -> FinishedRun:
    folder = tmp_path_factory.mktemp("engines")
    yolox = real_data / "detectors" / "yolox_nano"
    model = folder / "onnxruntime.yaml"
    model.write_text(MODEL.format(folder=yolox))
    script = serve_pipeline.__file__
    engines = {
        "command": f"{{type: command, command: ['{sys.executable}', '{script}', '{model}']}}",
        "http": f"{{type: http, url: '{address}', frames: raw}}",
        "python": f"{{type: python, object: '{serve_pipeline.__name__}:ServedPipeline', "
        f"options: {{pipeline: '{model}'}}}}",
    }
    for name, engine in engines.items():
        text = BEHIND.format(name=name, folder=yolox, engine=engine)
        (folder / f"{name}.yaml").write_text(text)
    (folder / "golden.yaml").write_text(golden_yaml(real_data))
    (folder / "benchmark.yaml").write_text(BENCHMARK)
    return run_quietly(folder / "benchmark.yaml", folder / "run")


def found(finished: FinishedRun, name: str) -> Detections:
    return read_detections(finished.folder.detections(name, "tud-campus"))


@pytest.mark.parametrize("name", ["command", "http", "python"])
def test_detections_are_identical(finished: FinishedRun, name: str) -> None:
    expected, answered = found(finished, "onnxruntime"), found(finished, name)
    assert len(expected) > 400
    np.testing.assert_array_equal(answered.frame_index, expected.frame_index)
    np.testing.assert_array_equal(answered.boxes_xyxy, expected.boxes_xyxy)
    np.testing.assert_array_equal(answered.scores, expected.scores)
    np.testing.assert_array_equal(answered.class_id, expected.class_id)


def test_none_failed(finished: FinishedRun) -> None:
    assert finished.run.failures == ()
    assert [item.engine.split()[0] for item in finished.run.pipelines] == [
        "onnxruntime",
        "command",
        "http",
        "python",
    ]
