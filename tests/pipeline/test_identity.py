"""The key of a pipeline: all that can change an answer changes it, and nothing else."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engines.onnx_models import write_constant_model
from tests.pipeline.files import DETECTOR, REPLAY, clip, pipeline_file, taxonomy
from vbench.config.engines.entry import LiveEntry
from vbench.config.model_file import FileModel, ModelFile
from vbench.config.pipeline_file import PipelineFile
from vbench.errors import ConfigError
from vbench.pipeline.identity import FileDigests, Identity, NotCacheable, Platform, identity_of
from vbench.pipeline.load import load_pipeline
from vbench.types import Taxonomy

CLASSES = taxonomy("person", "forklift", "helmet")
PLATFORM = Platform((("numpy", "2.0"), ("vbench", "1")), ())
GPU = (("gpu", "GPU A"), ("driver", "580"))

FULL = """\
schema: vbench.pipeline/v1
name: full
version: 1
decode: {matrix: bt601, range: full}
stages:
  - id: detect
    kind: detector
    classes: {names: [human, forklift, dog], map: {human: person}, drop: [dog]}
    engine: {type: onnxruntime, model: m.onnx, providers: [cpu], threads: 2, optimization: basic}
    input: {size: [32, 64], color: bgr, scale: 0.5, extra: {scale: [1.0, 2.0]}}
    output: {adapter: boxes, columns: [x1, y1, x2, y2, score, class]}
    post: {score: 0.3, score_per_class: {person: 0.4}, nms: {iou: 0.5, class_aware: true}}
  - id: helmets
    kind: classifier
    of: [person]
    classes: {names: [helmet]}
    engine: {type: onnxruntime, model: m.onnx}
    input: {size: [8, 8], color: rgb}
    output: {adapter: classifier}
  - {id: track, kind: tracker, type: bytetrack}
  - {id: enter, kind: rule, type: zone_enter, class: person, zone: [[0, 0], [9, 0], [9, 9]]}
"""

TENSORRT = "{type: tensorrt, plan: m.plan, sha256: SHA}"

# What only says where things are, what they are called, or is told by their content.
FREE = {
    "schema_",
    "name",
    "version",
    "extends",
    "sweep",
    "classes",
    "stages.0.classes",
    "stages.1.classes",
    "stages.0.engine.sha256",
    "stages.1.engine.sha256",
    # Another engine has other settings; each has a test below.
    "stages.0.engine.type",
    "stages.1.engine.type",
    "stages.0.engine.model",
    "stages.1.engine.model",
}


@pytest.fixture(autouse=True)
def model(tmp_path: Path) -> Path:
    path = tmp_path / "m.onnx"
    rows = np.array([[[0, 0, 10, 10, 0.5, 1]]], np.float32)
    return write_constant_model(path, {"dets": rows}, external="weights.bin")


def look(
    file: ModelFile[PipelineFile], classes: Taxonomy = CLASSES, platform: Platform = PLATFORM
) -> Identity | NotCacheable:
    return identity_of(file, classes, platform, FileDigests())


def key(
    file: ModelFile[PipelineFile], classes: Taxonomy = CLASSES, platform: Platform = PLATFORM
) -> str:
    found = look(file, classes, platform)
    assert isinstance(found, Identity), found
    return found.key


def reason(file: ModelFile[PipelineFile], platform: Platform = PLATFORM) -> str:
    found = look(file, platform=platform)
    assert isinstance(found, NotCacheable), found
    return found.reason


def leaves(value: object, at: str = "") -> Iterator[str]:
    """Paths of everything in dumped settings."""
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list | tuple):
        items = list(enumerate(value))
    if not items or at in FREE:
        yield at
        return
    for name, item in items:
        yield from leaves(item, f"{at}.{name}" if at else str(name))


def changed(value: Any, path: list[str]) -> Any:
    """A copy with another value at a path, without asking whether a file may say so."""
    if not path:
        return other(value)
    first, rest = path[0], path[1:]
    if isinstance(value, FileModel):
        return value.model_copy(update={first: changed(getattr(value, first), rest)})
    if isinstance(value, dict):
        return value | {first: changed(value[first], rest)}
    items = list(value)
    items[int(first)] = changed(items[int(first)], rest)
    return type(value)(items)


def other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return f"{value}x"
    if value is None:
        return 0.125
    return {"more": 1} if isinstance(value, dict) else [*value, 1]


def full_file() -> ModelFile[PipelineFile]:
    with tempfile.TemporaryDirectory() as folder:
        return pipeline_file(Path(folder), FULL)


SETTINGS = sorted(set(leaves(full_file().model.model_dump())) - FREE)


def test_all_settings_are_looked_at() -> None:
    assert len(SETTINGS) > 80
    for name in (
        "decode.matrix",
        "stages.0.input.mean.1",
        "stages.2.match_iou",
        "stages.3.zone.0.0",
    ):
        assert name in SETTINGS


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_changes_the_key(setting: str, tmp_path: Path) -> None:
    file = pipeline_file(tmp_path, FULL)
    before = key(file)
    model = changed(file.model, setting.split("."))
    assert model != file.model
    after = look(ModelFile(model, file.document))
    assert isinstance(after, NotCacheable) or after.key != before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: full", "name: other"),
        ("version: 1", "version: 2.0"),
        ("decode:", "# what production does\ndecode:"),
        ("[human, forklift, dog], map: {human: person}", "[he, forklift, dog], map: {he: person}"),
        ("names: [human, forklift, dog]", "file: labels.txt"),
        ("threads: 2", "threads: 2, sha256: SHA"),
        ("model: m.onnx, providers", "model: copy/m.onnx, providers"),
        ("{score: 0.3, score_per_class", "{floor: 0.01, top_k: 300, score: 0.3, score_per_class"),
    ],
)
def test_what_cannot_change_an_answer_does_not_change_the_key(
    old: str, new: str, tmp_path: Path, model: Path
) -> None:
    before = key(pipeline_file(tmp_path, FULL))
    (tmp_path / "labels.txt").write_text("human\nforklift\ndog\n")
    (tmp_path / "copy").mkdir()
    for name in ("m.onnx", "weights.bin"):
        (tmp_path / "copy" / name).write_bytes((tmp_path / name).read_bytes())
    text = FULL.replace(old, new.replace("SHA", FileDigests().sha256(model)))
    assert key(pipeline_file(tmp_path, text)) == before


def test_operating_points_count_only_where_a_stage_looks_at_them(tmp_path: Path) -> None:
    plain = key(pipeline_file(tmp_path, DETECTOR))
    for post in (
        "{score: 0.9, nms: {iou: 0.5}}",
        "{score_per_class: {person: 1}, nms: {iou: 0.5}}",
    ):
        assert key(pipeline_file(tmp_path, DETECTOR, post=post)) == plain
    # A score below the floor is stored from there on.
    assert key(pipeline_file(tmp_path, DETECTOR, post="{score: 0, nms: {iou: 0.5}}")) != plain
    track = DETECTOR + "  - {id: track, kind: tracker, type: sort}\n"
    tracked = key(pipeline_file(tmp_path, track))
    assert tracked == key(pipeline_file(tmp_path, track.replace("score: 0.3", "score: 0.9")))
    rule = "  - {id: r, kind: rule, type: presence, class: person, score: 0.5}\n"
    own = key(pipeline_file(tmp_path, DETECTOR + rule))
    assert own == key(
        pipeline_file(tmp_path, (DETECTOR + rule).replace("score: 0.3", "score: 0.9"))
    )
    rule = rule.replace(", score: 0.5", "")
    behind = key(pipeline_file(tmp_path, DETECTOR + rule))
    assert behind != key(
        pipeline_file(tmp_path, (DETECTOR + rule).replace("score: 0.3", "score: 0.9"))
    )


def test_class_lists_count_by_what_becomes_of_each_class(tmp_path: Path) -> None:
    before = key(pipeline_file(tmp_path, FULL))
    for old, new in (
        ("[human, forklift, dog]", "[forklift, human, dog]"),
        ("[human, forklift, dog]", "[human, forklift, dog, helmet]"),
        ("{human: person}", "{human: helmet}"),
        ("drop: [dog]", "drop: [dog, forklift]"),
    ):
        assert key(pipeline_file(tmp_path, FULL.replace(old, new))) != before
    (tmp_path / "labels.txt").write_text("human\nforklift\ndog\n")
    text = FULL.replace("names: [human, forklift, dog]", "file: labels.txt")
    (tmp_path / "labels.txt").write_text("dog\nforklift\nhuman\n")
    assert key(pipeline_file(tmp_path, text)) != before


def test_taxonomy_and_platform_enter(tmp_path: Path) -> None:
    file = pipeline_file(tmp_path, FULL)
    before = key(file)
    for names in (("forklift", "person", "helmet"), ("person", "forklift", "helmet", "dog")):
        assert key(file, taxonomy(*names)) != before
    # Names are written into the shard, also where no stage looks at them.
    plain = pipeline_file(tmp_path, DETECTOR)
    assert key(plain, taxonomy("person", "forklift")) != key(plain)
    file = pipeline_file(tmp_path, FULL)
    other_meaning = Taxonomy(7, taxonomy("person", "forklift", "helmet").classes)
    assert key(file, other_meaning) == before
    assert key(file, platform=Platform((("numpy", "2.1"), ("vbench", "1")), ())) != before
    # No stage of it is on a GPU.
    assert key(file, platform=Platform(PLATFORM.facts, GPU)) == before


def test_model_files_enter_by_their_bytes(tmp_path: Path) -> None:
    file = pipeline_file(tmp_path, FULL)
    before = key(file)
    for name in ("m.onnx", "weights.bin"):
        path = tmp_path / name
        data, moments = path.read_bytes(), (path.stat().st_atime_ns, path.stat().st_mtime_ns)
        # A tensor's doc string is free text, and so is the last byte of a weight.
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        os.utime(path, ns=moments)
        found = look(file)
        assert isinstance(found, NotCacheable) or found.key != before
        path.write_bytes(data)
        os.utime(path, ns=(time.time_ns(), time.time_ns()))
        assert key(file) == before


def test_a_file_is_read_once_per_run(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"a")
    digests = FileDigests()
    first = digests.sha256(path)
    path.write_bytes(b"b")
    assert digests.sha256(path) == first
    assert FileDigests().sha256(path) != first


def test_an_input_of_its_base_counts(tmp_path: Path) -> None:
    before = key(pipeline_file(tmp_path, FULL))
    (tmp_path / "derived").mkdir()
    derived = "schema: vbench.pipeline/v1\nname: derived\nextends: ../pipeline.yaml\n"
    assert key(pipeline_file(tmp_path / "derived", derived)) == before
    derived += "stages: [{id: detect, input: {pad: 0}}]\n"
    assert key(pipeline_file(tmp_path / "derived", derived)) != before


def test_it_says_of_itself_what_the_loaded_pipeline_says(tmp_path: Path) -> None:
    folder = tmp_path / "pipelines"
    folder.mkdir()
    (folder / "labels.txt").write_text("person\nforklift\n")
    file = pipeline_file(
        folder,
        DETECTOR,
        classes="{file: labels.txt}",
        engine="{type: onnxruntime, model: ../m.onnx}",
    )
    found = look(file)
    assert isinstance(found, Identity)
    loaded = load_pipeline(file, CLASSES)
    assert found.digests == loaded.digests([clip()])
    assert found.missing_classes == loaded.missing_classes == ("helmet",)
    loaded.close()


@pytest.mark.parametrize(
    ("engine", "expected"),
    [
        ("{type: command, command: [python, e.py]}", "what is behind a command engine may change"),
        ("{type: http, url: 'http://a:1'}", "what is behind a http engine may change"),
        ("{type: python, object: 'm:E'}", "what is behind a python engine may change"),
        ("{type: plugin, name: p, takes: frames}", "what is behind a plugin engine may change"),
    ],
)
def test_frame_engines_are_not_cached(engine: str, expected: str, tmp_path: Path) -> None:
    lines = [line for line in DETECTOR.splitlines() if line.split(":")[0].strip() != "output"]
    text = "\n".join(line for line in lines if line.split(":")[0].strip() != "input") + "\n"
    assert reason(pipeline_file(tmp_path, text, engine=engine)) == f"stage detect: {expected}"


@pytest.mark.parametrize(
    ("engine", "expected"),
    [
        ("{type: kserve, url: 'a:1', model: m}", "what is behind a kserve engine may change"),
        ("{type: plugin, name: p, takes: tensors}", "what is behind a plugin engine may change"),
        (
            "{type: onnxruntime, model: m.onnx, providers: [cpu, cuda]}",
            "the libraries behind provider cuda are not known",
        ),
        (
            "{type: openvino, model: m.onnx, device: GPU.1}",
            "the driver of device GPU.1 is not known",
        ),
        (
            "{type: tensorrt, model: m.onnx}",
            "its engine is built on this machine; pin a built one with `plan`",
        ),
    ],
)
def test_tensor_engines_that_are_not_cached(engine: str, expected: str, tmp_path: Path) -> None:
    file = pipeline_file(tmp_path, DETECTOR, engine=engine)
    assert reason(file, Platform(PLATFORM.facts, GPU)) == f"stage detect: {expected}"


def test_the_users_own_code_is_not_cached(tmp_path: Path) -> None:
    own_input = "{size: [32, 32], color: bgr, python: 'own:resize'}"
    text = reason(pipeline_file(tmp_path, DETECTOR, input=own_input))
    assert text == "stage detect: what the Python code of its input imports is not known"
    rule = "  - {id: own, kind: rule, type: python, object: 'own:Rule'}\n"
    text = reason(pipeline_file(tmp_path, DETECTOR + rule))
    assert text == "stage own: what its Python code imports is not known"


def test_stored_results(tmp_path: Path) -> None:
    assert reason(pipeline_file(tmp_path, REPLAY)) == ""
    both = REPLAY + DETECTOR.partition("stages:\n")[2].replace("id: detect", "id: second")
    both = both.replace("[person]", "[person, forklift]")
    assert reason(pipeline_file(tmp_path, both)) == "stage detect: stored results are read anew"


def test_what_loading_will_say_is_left_to_it(tmp_path: Path, model: Path) -> None:
    for engine, expected in (
        ("{type: onnxruntime, model: gone.onnx}", "model file not found"),
        (f"{{type: onnxruntime, model: m.onnx, sha256: {'ab' * 32}}}", "is not the pinned one"),
        ("{type: openvino, model: gone.xml}", "No such file"),
    ):
        assert expected in reason(pipeline_file(tmp_path, DETECTOR, engine=engine))
    (tmp_path / "weights.bin").unlink()
    assert "which is not there" in reason(pipeline_file(tmp_path, DETECTOR))


def test_wrong_classes_are_an_error_as_in_loading(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'class "forklift" is not in the taxonomy'):
        look(pipeline_file(tmp_path, DETECTOR), taxonomy("person"))
    with pytest.raises(ConfigError, match=r'class "cow" is not in the taxonomy'):
        look(pipeline_file(tmp_path, DETECTOR, post="{score_per_class: {cow: 0.5}}"))


def test_plans_of_tensorrt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "m.plan").write_bytes(b"a plan")
    (tmp_path / "a.so").write_bytes(b"a library")
    sha256 = FileDigests().sha256(tmp_path / "m.plan")
    file = pipeline_file(tmp_path, DETECTOR, engine=TENSORRT.replace("SHA", sha256))
    on_gpu = Platform(PLATFORM.facts, GPU)
    versions = {"tensorrt": "11.4"}

    def version(name: str) -> str:
        if name not in versions:
            raise metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(metadata, "version", version)
    before = key(file, platform=on_gpu)
    assert key(file, platform=Platform(PLATFORM.facts, (("gpu", "GPU B"), GPU[1]))) != before
    assert key(file, platform=Platform(PLATFORM.facts, (GPU[0], ("driver", "590")))) != before
    assert "does not tell which GPU" in reason(file)
    engine = TENSORRT.replace("SHA}", f"{sha256}, plugins: [a.so]}}")
    with_plugin = pipeline_file(tmp_path, DETECTOR, engine=engine)
    plugged = key(with_plugin, platform=on_gpu)
    (tmp_path / "a.so").write_bytes(b"another")
    assert len({before, plugged, key(with_plugin, platform=on_gpu)}) == 3
    versions["tensorrt"] = "11.5"
    assert key(file, platform=on_gpu) != before
    versions.clear()
    assert "the version of tensorrt is not known" in reason(file, on_gpu)


def test_openvino_ir_enters_with_its_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata, "version", lambda name: "2026.4")
    (tmp_path / "m.xml").write_text("<net/>")
    file = pipeline_file(tmp_path, DETECTOR, engine="{type: openvino, model: m.xml}")
    onnx = (f"{{type: {name}, model: m.onnx}}" for name in ("openvino", "onnxruntime"))
    keys = {key(pipeline_file(tmp_path, DETECTOR, engine=engine)) for engine in onnx}
    keys.add(key(file))
    (tmp_path / "m.bin").write_bytes(b"weights")
    keys.add(key(file))
    (tmp_path / "m.bin").write_bytes(b"WEIGHTS")
    keys.add(key(file))
    assert len(keys) == 5


def test_every_live_engine_says_whether_it_is_repeatable() -> None:
    said = {entry.__name__: entry.repeatable for entry in LiveEntry.__args__}
    assert {name for name, repeatable in said.items() if repeatable} == {
        "OnnxRuntimeEntry",
        "OpenVinoEntry",
        "TensorRtEntry",
    }
