"""``extends``: what is merged, what replaces, and where a message says that a key stands."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from vbench.config.engines.entry import LiveEntry
from vbench.config.engines.replay import ReplayEntry
from vbench.config.extends import ENGINE_PATH_LISTS, ENGINE_PATHS, read_extended
from vbench.config.pipeline_file import read_pipeline_file
from vbench.errors import ConfigError

BASE = """\
schema: vbench.pipeline/v1
name: base
version: 1
classes: {file: labels.txt, map: {pedestrian: person}, drop: [chair]}
stages:
  - id: detect
    kind: detector
    engine: {type: onnxruntime, model: m.onnx, threads: 2}
    input: {size: [416, 320], color: bgr, mean: [1, 2, 3]}
    output: {adapter: yolox}
    post: {score: 0.5, score_per_class: {person: 0.25}, nms: {iou: 0.45}}
  - {id: track, kind: tracker, type: bytetrack}
  - {id: door, kind: rule, type: zone_enter, zone: [[0, 0], [9, 0], [9, 9]], class: person}
"""
LEAF = "schema: vbench.pipeline/v1\nextends: base.yaml\nname: leaf\n"


def write(folder: Path, leaf: str, base: str = BASE, at: str = "base.yaml") -> Path:
    (folder / at).parent.mkdir(parents=True, exist_ok=True)
    (folder / at).write_text(base)
    path = folder / "leaf.yaml"
    path.write_text(leaf)
    return path


def test_a_file_has_what_its_base_has(tmp_path: Path) -> None:
    model = read_pipeline_file(write(tmp_path, LEAF)).model
    assert (model.name, model.version, model.extends) == ("leaf", "1", None)
    assert [stage.id for stage in model.stages] == ["detect", "track", "door"]


def test_mappings_are_merged_lists_replaced_and_null_removes(tmp_path: Path) -> None:
    text = """\
version: 2
classes: {map: {pedestrian: null, human: person}, drop: []}
stages:
  - id: detect
    input: {mean: [0, 0, 0]}
    post: {nms: null, score_per_class: {forklift: 0.4}, top_k: 9}
"""
    model = read_pipeline_file(write(tmp_path, LEAF + text)).model
    (detect,) = model.detectors
    assert model.version == "2"
    assert model.classes is not None
    assert (model.classes.map, model.classes.drop) == ({"human": "person"}, [])
    assert detect.input is not None
    assert (detect.input.size, detect.input.mean) == ((416, 320), (0.0, 0.0, 0.0))
    assert detect.post.nms is None
    assert detect.post.score_per_class == {"person": 0.25, "forklift": 0.4}
    assert (detect.post.score, detect.post.top_k) == (0.5, 9)


def test_a_mapping_of_another_type_replaces_the_bases(tmp_path: Path) -> None:
    text = """\
stages:
  - id: detect
    engine: {type: openvino, model: other.onnx}
    output: {adapter: yolo_v8}
  - {id: track, kind: tracker, type: sort}
"""
    model = read_pipeline_file(write(tmp_path, LEAF + text)).model
    (detect,) = model.detectors
    assert detect.engine.type == "openvino"
    assert detect.output is not None
    assert detect.output.adapter == "yolo_v8"
    assert [stage.id for stage in model.stages] == ["detect", "track", "door"]


def test_stages_are_removed_and_put_where_their_kind_belongs(tmp_path: Path) -> None:
    text = """\
stages:
  - {id: track, remove: true}
  - {id: gate, kind: rule, type: zone_enter, zone: [[0, 0], [9, 0], [9, 9]], class: person}
  - {id: follow, kind: tracker, type: sort}
  - {id: again, kind: detector, engine: {type: replay, format: mot, path: r.txt}}
"""
    model = read_pipeline_file(write(tmp_path, LEAF + text)).model
    assert [stage.id for stage in model.stages] == ["detect", "again", "follow", "door", "gate"]


def test_chains(tmp_path: Path) -> None:
    (tmp_path / "root.yaml").write_text(BASE)
    middle = LEAF.replace("base.yaml", "root.yaml") + "stages: [{id: detect, post: {score: 0.6}}]\n"
    file = read_pipeline_file(
        write(tmp_path, LEAF + "stages: [{id: detect, post: {top_k: 7}}]\n", middle)
    )
    (detect,) = file.model.detectors
    assert (detect.post.score, detect.post.top_k, file.model.name) == (0.6, 7, "leaf")
    assert file.where("stages", 0, "post", "score") == (
        f"{tmp_path / 'base.yaml'}:4: stages[0].post.score"
    )
    assert file.where("stages", 0, "input", "color") == (
        f"{tmp_path / 'root.yaml'}:9: stages[0].input.color"
    )


def test_paths_start_from_the_file_that_writes_them(tmp_path: Path) -> None:
    base = BASE.replace("threads: 2", "threads: 2, sha256: null").replace(
        "model: m.onnx", "model: ../models/m.onnx"
    )
    leaf = LEAF.replace("base.yaml", "shared/base.yaml") + (
        "stages:\n  - {id: second, kind: detector,"
        " engine: {type: command, command: [run], files: [own.py]}}\n"
    )
    file = read_pipeline_file(write(tmp_path, leaf, base, "shared/base.yaml"))
    first, second = file.model.detectors
    assert first.engine.type == "onnxruntime"
    assert (file.folder / first.engine.model).resolve() == tmp_path / "models" / "m.onnx"
    assert second.engine.type == "command"
    assert second.engine.files == ["own.py"]
    assert file.model.classes is not None
    assert file.model.classes.file == str(tmp_path / "shared" / "labels.txt")
    assert file.folder_of("stages", 0, "engine", "type") == tmp_path / "shared"
    assert file.folder_of("stages", 1, "engine", "command") == tmp_path
    written = yaml.safe_load(file.document.resolved_text())
    assert written["classes"]["file"] == "shared/labels.txt"
    assert written["stages"][0]["engine"]["model"] == "shared/../models/m.onnx"
    assert str(tmp_path) not in file.document.resolved_text()


def test_paths_of_a_base_beside_are_as_written(tmp_path: Path) -> None:
    (detect,) = read_pipeline_file(write(tmp_path, LEAF)).model.detectors
    assert detect.engine.type == "onnxruntime"
    assert detect.engine.model == "m.onnx"


def test_a_name_on_a_server_is_no_path(tmp_path: Path) -> None:
    base = BASE.replace(
        "{type: onnxruntime, model: m.onnx, threads: 2}",
        '{type: kserve, url: "localhost:8000", model: yolox}',
    )
    leaf = LEAF.replace("base.yaml", "shared/base.yaml")
    (detect,) = read_pipeline_file(write(tmp_path, leaf, base, "shared/base.yaml")).model.detectors
    assert detect.engine.type == "kserve"
    assert detect.engine.model == "yolox"


def test_every_path_of_an_engine_is_known() -> None:
    """A new key that holds text is either a path, or listed here as none."""
    no_paths = {
        *("sha256", "name", "version", "url", "device", "command", "object", "options"),
        *("providers", "provider_options", "field", "fields", "headers", "profile"),
    }
    texts = set()
    for entry in (*get_args(LiveEntry), ReplayEntry):
        for key, field in entry.model_fields.items():
            if "str" in str(field.annotation):
                texts.add(key)
    assert texts - no_paths - {*ENGINE_PATHS, *ENGINE_PATH_LISTS} == set()


def test_the_resolved_text_is_the_whole_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL", "secret.onnx")
    path = write(tmp_path, LEAF + "classes: {map: null}\n", BASE.replace("m.onnx", '"${MODEL}"'))
    file = read_pipeline_file(path)
    text = file.document.resolved_text()
    assert "secret" not in text
    assert "extends" not in text
    assert [*yaml.safe_load(text)] == ["schema", "name", "version", "classes", "stages"]
    (tmp_path / "whole.yaml").write_text(text)
    assert read_pipeline_file(tmp_path / "whole.yaml").model == file.model


def test_the_digest_follows_base_and_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCORE", "0.5")
    base = BASE.replace("score: 0.5", "score: ${SCORE}")
    first = read_pipeline_file(write(tmp_path, LEAF, base)).document.sha256()
    assert read_pipeline_file(write(tmp_path, LEAF, base)).document.sha256() == first
    other = read_pipeline_file(write(tmp_path, LEAF, base.replace("0.45", "0.46")))
    assert other.document.sha256() != first
    monkeypatch.setenv("SCORE", "0.6")
    assert read_pipeline_file(write(tmp_path, LEAF, base)).document.sha256() != first


@pytest.mark.parametrize(
    ("leaf", "where", "what"),
    [
        (LEAF.replace("name: leaf\n", ""), "leaf.yaml:1: name", "key is missing"),
        (LEAF.replace("base.yaml", "7"), "leaf.yaml:2: extends", "is not the path of a file"),
        (LEAF.replace("base.yaml", "bse.yaml"), "leaf.yaml:2: extends", "bse.yaml does not exist"),
        (LEAF.replace("base", "leaf"), "leaf.yaml:2: extends", "itself: leaf.yaml > leaf.yaml"),
        (LEAF.replace("pipeline/v1", "golden/v1"), "leaf.yaml:1: schema", "expected"),
        (LEAF + "clases: {}\n", "leaf.yaml:4: clases", "unknown key"),
        (
            LEAF + "stages:\n  - {id: track}\n  - {id: detect, post: {scor: 0.5}}\n",
            "leaf.yaml:6: stages[1].post.scor",
            "unknown key",
        ),
        (
            LEAF + "stages: [{id: detect, post: {score: 0.2, floor: 0.3}}]\n",
            "leaf.yaml:4: stages[0].post",
            "floor 0.3 is above",
        ),
        (
            LEAF + "stages: [{id: detct, remove: true}]\n",
            "leaf.yaml:4: stages[0].id",
            'base.yaml has no stage "detct" to remove',
        ),
        (
            LEAF + "stages: [{id: detct, post: {score: 0.2}}]\n",
            "leaf.yaml:4: stages[0].id",
            'base.yaml has no stage "detct" to change',
        ),
        (
            LEAF + "stages: [{id: door, remove: false}]\n",
            "leaf.yaml:4: stages[0].remove",
            "removed by its id alone",
        ),
        (
            LEAF + "stages: [{id: door, remove: true, class: person}]\n",
            "leaf.yaml:4: stages[0].remove",
            "removed by its id alone",
        ),
        (LEAF + "stages: [{kind: rule, type: x}]\n", "leaf.yaml:4: stages[0].type", "not known"),
    ],
)
def test_mistakes_are_placed_where_they_are(
    tmp_path: Path, leaf: str, where: str, what: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read_pipeline_file(write(tmp_path, leaf))
    assert caught.value.where == f"{tmp_path}/{where}"
    assert what in caught.value.what


def test_a_mistake_of_the_base_is_placed_in_the_base(tmp_path: Path) -> None:
    base = BASE.replace("threads: 2", "threads: 0").replace("color: bgr", "color: brg")
    leaf = LEAF + "stages: [{id: new, kind: detector, engine: {type: replay, format: mot}}]\n"
    with pytest.raises(ConfigError) as caught:
        read_pipeline_file(write(tmp_path, leaf, base))
    first, *rest = str(caught.value).split("\n")
    assert first.startswith(f"{tmp_path}/leaf.yaml:4: stages[0].engine.path: key is missing")
    assert [line.split(": ")[:2] for line in rest] == [
        [f"{tmp_path}/base.yaml:8", "stages[0].engine.threads"],
        [f"{tmp_path}/base.yaml:9", "stages[0].input.color"],
    ]


def test_a_circle_is_shown(tmp_path: Path) -> None:
    base = BASE.replace("name: base", "name: base\nextends: more/third.yaml")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "third.yaml").write_text(LEAF.replace("base.yaml", "../base.yaml"))
    with pytest.raises(ConfigError) as caught:
        read_pipeline_file(write(tmp_path, LEAF, base))
    assert "the file extends itself: base.yaml > third.yaml > base.yaml" in str(caught.value)
    assert caught.value.where == f"{tmp_path}/more/third.yaml:2: extends"


def test_a_base_of_another_schema(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'base.yaml:1: schema: is "vbench.golden/v1", expected'):
        read_pipeline_file(write(tmp_path, LEAF, BASE.replace("pipeline/v1", "golden/v1")))


def test_removal_needs_a_base(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"stages\[3\].remove: unknown key|kind"):
        read_pipeline_file(write(tmp_path, BASE + "  - {id: x, remove: true}\n"))


KEYS = st.sampled_from(["type", "adapter", "x", "y"])
SCALARS = st.none() | st.integers(0, 3) | st.sampled_from(["a", "b"])
TREES = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=2) | st.dictionaries(KEYS, below, max_size=3),
    max_leaves=12,
)


def slow_merge(base: object, own: object) -> object:
    """What the documentation says, and nothing else."""
    if not isinstance(base, dict) or not isinstance(own, dict):
        return own
    another = any(
        key in base and key in own and base[key] != own[key] for key in ("type", "adapter")
    )
    if another and "schema" not in own:
        return own
    merged = {key: base[key] for key in base if key not in own}
    for key in own:
        if key not in base:
            merged[key] = own[key]
        elif own[key] is not None:
            merged[key] = slow_merge(base[key], own[key])
    return merged


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYS, TREES, max_size=4), st.dictionaries(KEYS, TREES, max_size=4))
def test_merging_is_what_the_documentation_says(
    base: dict[str, object], own: dict[str, object]
) -> None:
    with TemporaryDirectory() as folder:
        head = {"schema": "x/v1"}
        (Path(folder) / "base.yaml").write_text(yaml.safe_dump({**head, **base}))
        (Path(folder) / "leaf.yaml").write_text(
            yaml.safe_dump({**head, "extends": "base.yaml", **own})
        )
        document = read_extended(Path(folder) / "leaf.yaml", "x/v1", ())
    assert document.data == slow_merge({**head, **base}, {**head, **own})
    for key_path in document.lines:
        assert document.where(*key_path).startswith(folder)
