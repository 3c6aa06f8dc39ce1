"""Pipelines with more than one detector."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.engines.onnx_models import write_constant_model
from tests.pipeline.files import clip, frame, pipeline_file, taxonomy
from vbench.errors import ConfigError
from vbench.pipeline.load import FramePipeline, load_pipeline
from vbench.pipeline.thresholds import operating_scores, stored_from

TWO = """\
schema: vbench.pipeline/v1
name: two
version: 1
stages:
  - id: people
    kind: detector
    classes: {names: [person]}
    engine: {type: onnxruntime, model: people.onnx}
    input: {size: [32, 24], color: bgr, resize: stretch}
    output: {adapter: boxes, columns: [x1, y1, x2, y2, score, class]}
    post: {score: 0.4}
  - id: trucks
    kind: detector
    classes: {names: [truck], map: {truck: forklift}}
    engine: {type: replay, format: mot, path: "{clip}.txt"}
    post: {score: 0.6}
"""
NAMES = taxonomy("person", "forklift", "dog")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = np.array([[[2, 2, 10, 20, 0.5, 0], [1, 1, 9, 9, 0.95, 0]]], np.float32)
    write_constant_model(tmp_path / "people.onnx", {"dets": rows}, input_shape=(1, 3, 24, 32))
    (tmp_path / "dock.txt").write_text("1,4,5,5,10,10,0.75\n2,5,5,5,10,10,0.25\n")
    return tmp_path


def test_detections_are_united_best_first(folder: Path) -> None:
    loaded = load_pipeline(pipeline_file(folder, TWO), NAMES)
    assert isinstance(loaded, FramePipeline)
    loaded.check([clip()])
    loaded.begin_clip(clip())
    found, stage_ns = loaded.run_frame(frame())
    assert found.scores.tolist() == pytest.approx([0.95, 0.75, 0.5])
    assert found.class_id.tolist() == [0, 1, 0]
    assert found.track_id.tolist() == [-1, 4, -1]
    assert loaded.stage_names == ("people.preprocess", "people.infer", "people.postprocess")
    assert len(stage_ns) == 3
    assert loaded.missing_classes == ("dog",)
    assert loaded.engine_text.endswith("; replay (mot)")
    names = [digest.name for digest in loaded.digests([clip()])]
    assert names == [f"pipeline two: {one}" for one in ("pipeline.yaml", "people.onnx", "dock.txt")]


def test_each_class_has_the_operating_point_of_its_detector(folder: Path) -> None:
    file = pipeline_file(folder, TWO)
    assert operating_scores(file, NAMES).tolist() == [0.4, 0.6, 0.4]
    assert stored_from(file) == 0.01


def test_two_finders_of_a_class_must_agree(folder: Path) -> None:
    text = TWO.replace("{names: [truck], map: {truck: forklift}}", "{names: [person]}")
    with pytest.raises(ConfigError, match=r'stages\[1\]\.post: "trucks" and "people" both find'):
        operating_scores(pipeline_file(folder, text), NAMES)
    agreed = text.replace("{score: 0.6}", "{score: 0.6, score_per_class: {person: 0.4}}")
    assert operating_scores(pipeline_file(folder, agreed), NAMES).tolist()[0] == 0.4


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id: trucks", "id: people", 'two stages have the id "people"'),
        ("    classes: {names: [person]}\n", "", 'detector "people" has no `classes`'),
    ],
)
def test_files_that_do_not_add_up(folder: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        pipeline_file(folder, TWO.replace(old, new))
