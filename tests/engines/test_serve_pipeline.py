"""A model gives the same detections, to the last bit, whichever way it is reached."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.engines import serve_pipeline
from tests.pipeline.files import clip
from vbench.config.pipeline_file import read_pipeline_file
from vbench.golden.load import load_golden_set
from vbench.pipeline.classes import own_taxonomy
from vbench.pipeline.frame_pipeline import FramePipeline
from vbench.pipeline.load import load_pipeline
from vbench.types import Frame, FrameDetections
from vbench.video import frames_at

SCRIPT = Path(serve_pipeline.__file__)
FRAMES = (0, 40, 60, 100, 140)
OUTER = """\
schema: vbench.pipeline/v1
name: outer
version: 1
classes: {{names: [person, forklift, pallet]}}
stages:
  - id: detect
    kind: detector
    engine: {{{engine}}}
"""


@pytest.fixture(scope="module")
def inner(repository: Path) -> Path:
    return repository / "benchmarks/loading-dock/pipelines/dock-v1.yaml"


@pytest.fixture(scope="module")
def frames(repository: Path) -> list[Frame]:
    golden = load_golden_set(repository / "golden_sets/loading-dock")
    return list(frames_at(golden.clips[0].media, FRAMES))


@contextmanager
def command_entry(inner: Path) -> Iterator[str]:
    yield f"type: command, command: [{sys.executable}, {SCRIPT}, {inner}]"


@contextmanager
def python_entry(inner: Path) -> Iterator[str]:
    name = f"{serve_pipeline.__name__}:ServedPipeline"
    yield f'type: python, object: "{name}", options: {{pipeline: {inner}}}'


@contextmanager
def http_entry(inner: Path) -> Iterator[str]:
    words = [sys.executable, str(SCRIPT), str(inner), "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"type: http, frames: raw, url: {server.stdout.readline().strip()}"
        finally:
            server.kill()


def found_by(path: Path, frames: list[Frame]) -> list[FrameDetections]:
    file = read_pipeline_file(path)
    pipeline = load_pipeline(file, own_taxonomy(file))
    assert isinstance(pipeline, FramePipeline)
    height, width = frames[0].image.shape[:2]
    with closing(pipeline):
        pipeline.begin_clip(clip(size=(width, height)))
        return [pipeline.run_frame(frame)[0] for frame in frames]


@pytest.mark.parametrize("door", [command_entry, python_entry, http_entry])
def test_the_same_detections_through_every_door(
    door: Callable[[Path], AbstractContextManager[str]],
    inner: Path,
    frames: list[Frame],
    tmp_path: Path,
) -> None:
    wanted = found_by(inner, frames)
    assert sum(map(len, wanted)) > 10
    with door(inner) as engine:
        (tmp_path / "outer.yaml").write_text(OUTER.format(engine=engine))
        answers = found_by(tmp_path / "outer.yaml", frames)
    for here, there in zip(wanted, answers, strict=True):
        np.testing.assert_array_equal(here.boxes_xyxy, there.boxes_xyxy)
        np.testing.assert_array_equal(here.scores, there.scores)
        np.testing.assert_array_equal(here.class_id, there.class_id)
