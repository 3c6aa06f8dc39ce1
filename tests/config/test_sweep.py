"""``sweep``: which pipelines a file stands for, and what they are called."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from vbench.bench.schema import schema_text
from vbench.config.model_file import ModelFile
from vbench.config.pipeline_file import PipelineFile, read_pipeline_file, read_pipeline_files
from vbench.errors import ConfigError

TEXT = """\
schema: vbench.pipeline/v1
name: yolo
version: 1
classes: {names: [person]}
stages:
  - id: detect
    kind: detector
    engine: {type: onnxruntime, model: m.onnx, threads: 2}
    input: {size: [416, 320], color: bgr}
    output: {adapter: yolox}
    post: {score: 0.5}
  - {id: track, kind: tracker, type: bytetrack}
"""


def read(folder: Path, sweep: str, text: str = TEXT) -> tuple[ModelFile[PipelineFile], ...]:
    path = folder / "p.yaml"
    path.write_text(f"{text}sweep: {sweep}\n")
    return read_pipeline_files(path)


def names(files: tuple[ModelFile[PipelineFile], ...]) -> list[str]:
    return [file.model.name for file in files]


def test_every_combination(tmp_path: Path) -> None:
    files = read(
        tmp_path,
        "{detect.input.size: [[320, 320], [416, 416]], detect.post.score: [0.3, 0.5, 0.70]}",
    )
    assert names(files) == [
        "yolo@size=320x320,score=0.3",
        "yolo@size=320x320,score=0.5",
        "yolo@size=320x320,score=0.7",
        "yolo@size=416x416,score=0.3",
        "yolo@size=416x416,score=0.5",
        "yolo@size=416x416,score=0.7",
    ]
    found = []
    for file in files:
        (detect,) = file.model.detectors
        assert detect.input is not None
        assert detect.input.color == "bgr"
        found.append((detect.input.size, detect.post.score))
    assert found == [((a, a), b) for a in (320, 416) for b in (0.3, 0.5, 0.7)]
    assert {file.model.sweep for file in files} == {None}


def test_labels_name_engines_and_null_takes_away(tmp_path: Path) -> None:
    sweep = """
  detect.engine.threads: [1, 4]
  detect.engine:
    ort: {type: onnxruntime, model: m.onnx}
    ov: {type: openvino, model: m.xml}
  detect.post.nms: {free: null, strict: {iou: 0.3}}
  detect.post.nms.class_aware: [true]"""
    with pytest.raises(
        ConfigError, match=r"sweep.detect.post.nms.class_aware\[0\].iou: key is mis"
    ):
        read(tmp_path, sweep)
    files = read(tmp_path, sweep.rpartition("\n")[0])
    assert names(files)[:3] == [
        "yolo@threads=1,engine=ort,nms=free",
        "yolo@threads=1,engine=ort,nms=strict",
        "yolo@threads=1,engine=ov,nms=free",
    ]
    (last,) = files[-1].model.detectors
    assert last.engine.model_dump(include={"type", "threads"}) == {"type": "openvino", "threads": 4}
    assert last.post.nms is not None
    (first,) = files[0].model.detectors
    assert first.post.nms is None


def test_a_mapping_that_the_file_leaves_out_is_made(tmp_path: Path) -> None:
    (file,) = read(tmp_path, "{detect.post.nms.iou: [0.4]}")
    (detect,) = file.model.detectors
    assert file.model.name == "yolo@iou=0.4"
    assert detect.post.nms is not None
    assert detect.post.nms.iou == 0.4


def test_keys_that_end_alike_are_written_out(tmp_path: Path) -> None:
    text = TEXT + "  - {id: a.b, kind: rule, type: zone_enter, zone: [[0, 0], [9, 0], [9, 9]]}\n"
    sweep = "{a.b.class: [person], detect.post.score: [0.3], track.score: [1]}"
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, sweep, text.replace("9]]}", "9]], class: x}"))
    assert "p.yaml:14: sweep.track.score[0]: unknown key" in str(caught.value)
    sweep = "{a.b.min_frames: [2], detect.engine.threads: [3], detect.engine.type: [onnxruntime]}"
    (file,) = read(tmp_path, sweep, text.replace("9]]}", "9]], class: x}"))
    assert file.model.name == "yolo@min_frames=2,threads=3,type=onnxruntime"
    both = TEXT.replace("version: 1", "version: 1").replace(
        "  - {id: track",
        "  - {id: again, kind: detector, engine: {type: replay, format: mot,"
        " path: r.txt}}\n  - {id: track",
    )
    (file,) = read(tmp_path, "{detect.post.score: [0.3], again.post.score: [0.4]}", both)
    assert file.model.name == "yolo@detect.post.score=0.3,again.post.score=0.4"


def test_each_variant_is_a_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL", "secret.onnx")
    files = read(tmp_path, "{detect.engine.model: {new: '${MODEL}', old: old.onnx}}", TEXT)
    assert names(files) == ["yolo@model=new", "yolo@model=old"]
    texts = [file.document.resolved_text() for file in files]
    assert "secret" not in "".join(texts)
    assert ["sweep" in text for text in texts] == [False, False]
    for file, text in zip(files, texts, strict=True):
        (tmp_path / "own.yaml").write_text(text)
        assert read_pipeline_file(tmp_path / "own.yaml").model == file.model
    assert len({file.document.sha256() for file in files}) == 2
    assert files[0].where("stages", 0, "engine", "model") == (
        f"{tmp_path / 'p.yaml'}:13: sweep.detect.engine.model.new"
    )
    assert files[0].where("stages", 0, "engine", "threads") == (
        f"{tmp_path / 'p.yaml'}:8: stages[0].engine.threads"
    )


def test_a_name_from_the_environment_stays_a_reference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE", "dock")
    text = TEXT.replace("name: yolo", "name: ${SITE}")
    (file,) = read(tmp_path, "{detect.post.score: [0.3]}", text)
    assert file.model.name == "dock@score=0.3"
    assert yaml.safe_load(file.document.resolved_text())["name"] == "${SITE}@score=0.3"


def test_a_base_may_sweep_and_the_leaf_may_not_want_it(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    read_from = tmp_path / "sub" / "base.yaml"
    read_from.write_text(TEXT + "sweep: {detect.engine.model: {a: a.onnx, b: b.onnx}}\n")
    leaf = tmp_path / "leaf.yaml"
    leaf.write_text("schema: vbench.pipeline/v1\nname: leaf\nextends: sub/base.yaml\n")
    files = read_pipeline_files(leaf)
    assert names(files) == ["leaf@model=a", "leaf@model=b"]
    (detect,) = files[1].model.detectors
    assert detect.engine.type == "onnxruntime"
    assert detect.engine.model == str(tmp_path / "sub" / "b.onnx")
    leaf.write_text(leaf.read_text() + "sweep: null\n")
    assert names(read_pipeline_files(leaf)) == ["leaf"]


def test_one_pipeline_is_wanted(tmp_path: Path) -> None:
    read(tmp_path, "{detect.post.score: [0.3]}")
    with pytest.raises(ConfigError, match=r"p.yaml:13: sweep: makes several pipelines") as caught:
        read_pipeline_file(tmp_path / "p.yaml")
    assert "sweep: null" in caught.value.hint


@pytest.mark.parametrize(
    ("sweep", "where", "message"),
    [
        ("[1]", "sweep", "is not a mapping of keys to values"),
        ("{}", "sweep", "is not a mapping of keys to values"),
        ("{detct.post.score: [1]}", "sweep.detct.post.score", 'did you mean "detect"?'),
        ("{post: [1]}", "sweep.post", "does not begin with the id of a stage"),
        ("{detect.: [1]}", "sweep.detect.", "names no setting of the stage"),
        ("{detect.kind: [rule]}", "sweep.detect.kind", "names no setting of the stage"),
        ("{detect.post.score: 0.3}", "sweep.detect.post.score", "lists no values"),
        ("{detect.post.score: []}", "sweep.detect.post.score", "lists no values"),
        ("{detect.post.score: {}}", "sweep.detect.post.score", "lists no values"),
        (
            "{detect.engine.model: [a/b.onnx]}",
            "sweep.detect.engine.model[0]",
            '"a/b.onnx" cannot be part of a file name (name the values',
        ),
        (
            "{detect.post.score: {'a,b': 0.3}}",
            "sweep.detect.post.score.a,b",
            "cannot be part of a file name",
        ),
        (
            "{detect.post.nms: [{iou: 0.5}]}",
            "sweep.detect.post.nms[0]",
            "a mapping cannot be part of a name",
        ),
        ("{detect.post.score: [0.3, 0.30]}", "sweep.detect.post.score[1]", "0.3 is listed twice"),
        ("{detect.post.scor: [1]}", "sweep.detect.post.scor[0]", 'did you mean "score"?'),
        ("{detect.pots.score: [1]}", "sweep.detect.pots.score[0]", 'did you mean "post"?'),
        ("{detect.id.x: [1]}", "sweep.detect.id.x", "names no setting of the stage"),
        ("{track.type.x: [1]}", "sweep.track.type.x", "type holds no keys"),
        ("{detect.post.score: [0.3, 1.5]}", "sweep.detect.post.score[1]", "less than or equal"),
        ("{detect.engine.threads: [two]}", "sweep.detect.engine.threads[0]", "not a whole number"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, sweep: str, where: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, sweep)
    assert caught.value.where == f"{tmp_path / 'p.yaml'}:13: {where}"
    assert message in str(caught.value)


def test_a_value_of_the_environment_is_not_seen_in_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIZE", "320")
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, "{detect.input.size: [[416, 416], [${SIZE}, 320]]}")
    assert "sweep.detect.input.size[1]: a value of the environment" in str(caught.value)
    (file,) = read(tmp_path, "{detect.input.size: {small: [${SIZE}, 320]}}")
    (detect,) = file.model.detectors
    assert detect.input is not None
    assert detect.input.size == (320, 320)


def test_too_many_are_counted(tmp_path: Path) -> None:
    scores = [k / 100 for k in range(13)]
    sweep = f"{{detect.post.score: {scores}, detect.post.top_k: [1, 2, 3, 4, 5]}}"
    with pytest.raises(ConfigError, match=r"p.yaml:13: sweep: makes 65 pipelines, more than 64"):
        read(tmp_path, sweep)
    sweep = f"{{detect.post.score: {scores[:8]}, detect.post.top_k: [1, 2, 3, 4, 5, 6, 7, 8]}}"
    assert len(read(tmp_path, sweep)) == 64


def test_the_json_schema_knows_both() -> None:
    schema = json.loads(schema_text("pipeline"))
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    whole = {**yaml.safe_load(TEXT), "version": "1", "sweep": {"detect.post.score": [0.3]}}
    part = {
        "schema": "vbench.pipeline/v1",
        "name": "leaf",
        "extends": "base.yaml",
        "stages": [{"id": "detect", "post": {"score": 0.4}}],
    }
    assert validator.is_valid(whole)
    assert validator.is_valid(part)
    assert not validator.is_valid({**part, "unknown": 1})
    assert not validator.is_valid({key: part[key] for key in part if key != "extends"})
    assert not validator.is_valid({**whole, "sweep": {"detect.post.score": 0.3}})
    assert not validator.is_valid({key: whole[key] for key in whole if key != "version"})
