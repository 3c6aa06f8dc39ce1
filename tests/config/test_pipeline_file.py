from __future__ import annotations

from pathlib import Path

import pytest

from vbench.config.pipeline_file import PipelineFile, read_pipeline_file
from vbench.errors import ConfigError

DETECTOR = """\
schema: vbench.pipeline/v1
name: person-v2
version: 2.1
classes: {names: [person, chair], map: {pedestrian: person}, drop: [chair]}
stages:
  - id: detect
    kind: detector
    engine: {type: onnxruntime, model: m.onnx, threads: 2}
    input: {size: [416, 320], color: bgr, anchor: top_left}
    output: {adapter: yolox}
    post: {score: 0.5, score_per_class: {person: 0.25}, nms: {iou: 0.45}}
"""

REPLAY = """\
schema: vbench.pipeline/v1
name: tracker
version: "1"
classes: {names: [person]}
stages:
  - id: detect
    kind: detector
    engine: {type: replay, format: mot, path: "results/{clip}.txt"}
"""


def read(folder: Path, text: str) -> PipelineFile:
    path = folder / "pipeline.yaml"
    path.write_text(text)
    return read_pipeline_file(path).model


def test_a_detector(tmp_path: Path) -> None:
    (stage,) = read(tmp_path, DETECTOR).detectors
    assert stage.input is not None
    assert stage.input.size == (416, 320)
    assert stage.input.std == (1.0, 1.0, 1.0)
    assert stage.post.score_per_class == {"person": 0.25}
    assert stage.post.floor == 0.01


def test_a_replay(tmp_path: Path) -> None:
    model = read(tmp_path, REPLAY)
    assert model.detectors[0].engine.type == "replay"
    assert model.version == "1"


@pytest.mark.parametrize(
    ("text", "old", "new", "key", "what"),
    [
        (DETECTOR, "threads: 2", "threds: 2", "stages[0].engine.threds", "unknown key"),
        (DETECTOR, "threads: 2", "threads: 0", "stages[0].engine.threads", "greater than or"),
        (DETECTOR, "type: onnx", "type: onx", "stages[0].engine.type", '"onxruntime" is not'),
        (DETECTOR, "adapter: yolox", "adaptr: yolox", "stages[0].output", "key `adapter`"),
        (DETECTOR, "yolox}", "yolo}", "stages[0].output.adapter", '"yolo" is not known'),
        (DETECTOR, "[416, 320]", "[416]", "stages[0].input.size[1]", "key is missing"),
        (DETECTOR, "[416, 320]", "[416, 0]", "stages[0].input", "not positive"),
        (DETECTOR, "color: bgr", "color: grb", "stages[0].input.color", '"grb" is not known'),
        (DETECTOR, "    output: {adapter: yolox}\n", "", "stages[0]", "needs `output`"),
        (DETECTOR, "score: 0.5", "score: 1.5", "stages[0].post.score", "less than or equal"),
        (DETECTOR, "score: 0.5", "score: .nan", "stages[0].post.score", "not a finite number"),
        (DETECTOR, "score: 0.5", "floor: 0.4", "stages[0].post", "above the operating point"),
        (DETECTOR, "names: [person, chair], ", "", "classes", "either `file` or `names`"),
        (DETECTOR, "kind: detector", "kind: detektor", "stages[0].kind", "is not known"),
        (REPLAY, "format: mot", "format: kitti", "stages[0].engine.format", "is not known"),
        (REPLAY, 'txt"}', 'txt"}\n    post: {nms: {iou: 0.5}}', "stages[0]", "no `post.nms`"),
    ],
)
def test_bad_keys_are_named(
    tmp_path: Path, text: str, old: str, new: str, key: str, what: str
) -> None:
    assert old in text
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text.replace(old, new))
    assert caught.value.where.startswith(f"{tmp_path / 'pipeline.yaml'}:")
    assert caught.value.where.endswith(f": {key}")
    assert what in caught.value.what


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("", "known: detector, classifier, tracker, rule"),
        ("    kind: sort\n", "known: detector, classifier, tracker, rule"),
    ],
)
def test_a_kind_is_not_mixed_up_with_a_type(tmp_path: Path, kind: str, hint: str) -> None:
    path = tmp_path / "pipeline.yaml"
    path.write_text(DETECTOR.replace("    kind: detector\n", kind))
    with pytest.raises(ConfigError) as caught:
        read_pipeline_file(path)
    assert caught.value.hint == hint
