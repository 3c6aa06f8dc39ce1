"""The example server of the documentation, as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

from tests.pipeline.files import clip
from vbench.config.pipeline_file import read_pipeline_file
from vbench.golden.load import load_golden_set
from vbench.pipeline.frame_pipeline import FramePipeline
from vbench.pipeline.load import load_pipeline
from vbench.types import Frame, FrameDetections
from vbench.video import frames_at

FRAMES = (0, 60, 140)


@pytest.fixture
def address(repository: Path) -> Iterator[str]:
    model = repository / "benchmarks/loading-dock/models/dock-v1.onnx"
    script = repository / "docs/examples/http/server.py"
    server = subprocess.Popen(
        [sys.executable, str(script), str(model), "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        yield server.stdout.readline().split()[-1]
    finally:
        server.kill()
        server.communicate()


def test_finds_what_the_same_model_finds_in_this_process(
    address: str, repository: Path, tmp_path: Path
) -> None:
    golden_set = load_golden_set(repository / "golden_sets/loading-dock")
    frames = list(frames_at(golden_set.clips[0].media, FRAMES))
    pipelines = repository / "benchmarks/loading-dock/pipelines"
    local = (pipelines / "dock-v1.yaml").read_text()
    # The server takes the nearest pixels, so that it needs no library for pictures.
    local = local.replace("pad: 114", "pad: 114, interpolation: nearest")
    local = local.replace("../models", str(pipelines.parent / "models"))
    remote = (repository / "docs/examples/http/pipeline.yaml").read_text()
    remote = remote.replace("http://127.0.0.1:8090/detect", address)
    found = []
    for name, text in {"local": local, "remote": remote}.items():
        path = tmp_path / f"{name}.yaml"
        path.write_text(text)
        pipeline = load_pipeline(read_pipeline_file(path), golden_set.taxonomy)
        assert isinstance(pipeline, FramePipeline)
        found.append(detections(pipeline, frames))
        pipeline.close()
    for here, there in zip(*found, strict=True):
        assert (here.scores > 0.35).sum() >= 2
        np.testing.assert_array_equal(here.class_id, there.class_id)
        np.testing.assert_allclose(here.scores, there.scores, atol=1e-5)
        np.testing.assert_allclose(here.boxes_xyxy, there.boxes_xyxy, atol=1e-3)


def test_serves_several_pipelines_at_a_time(address: str) -> None:
    """Each keeps its connection; a server that takes one at a time would answer the first only."""
    url = urlsplit(address)
    connections = [HTTPConnection(str(url.hostname), url.port, timeout=5) for _ in range(2)]
    for connection in connections:
        connection.request("POST", url.path, b"x")
        assert connection.getresponse().read()
    for connection in connections:
        connection.close()


def detections(pipeline: FramePipeline, frames: list[Frame]) -> list[FrameDetections]:
    pipeline.begin_clip(clip(size=(640, 360)))
    return [pipeline.run_frame(frame)[0] for frame in frames]
