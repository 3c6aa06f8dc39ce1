from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.engines.onnx_models import write_echo_model
from tests.engines.tensor_rt.fake_tensorrt import World, make_plan
from tests.engines.tensor_rt.sites import FIXED, entry, image, open_echo, site
from vbench.bench.engine_build import build_engine
from vbench.engines.tensor_rt.engine import TensorRtEngine, open_engine
from vbench.engines.tensor_rt.settings import BuildSettings
from vbench.errors import ConfigError, EngineError, ExitCode, ModelError


def write_plan(world: World, folder: Path) -> str:
    model = write_echo_model(folder / "m.onnx", FIXED).read_bytes()
    plan = make_plan(world, model)
    (folder / "m.plan").write_bytes(plan)
    return hashlib.sha256(plan).hexdigest()


def test_a_plan_is_run(world: World, tmp_path: Path) -> None:
    sha256 = write_plan(world, tmp_path)
    engine = open_engine(entry(plan="m.plan", sha256=sha256), site(tmp_path))
    np.testing.assert_array_equal(engine.run([image()])[0], image())
    engine.close()
    assert world.n_builds == 0
    assert world.gpu.is_clean


def test_a_plan_with_an_exporters_metadata(world: World, tmp_path: Path) -> None:
    write_plan(world, tmp_path)
    metadata = json.dumps({"stride": 32, "names": {"0": "person"}}).encode()
    data = len(metadata).to_bytes(4, "little") + metadata + (tmp_path / "m.plan").read_bytes()
    (tmp_path / "m.engine").write_bytes(data)
    pinned = entry(plan="m.engine", sha256=hashlib.sha256(data).hexdigest())
    engine = open_engine(pinned, site(tmp_path))
    np.testing.assert_array_equal(engine.run([image()])[0], image())
    engine.close()


def open_bytes(folder: Path, data: bytes) -> TensorRtEngine:
    (folder / "m.plan").write_bytes(data)
    pinned = entry(plan="m.plan", sha256=hashlib.sha256(data).hexdigest())
    return open_engine(pinned, site(folder))


def bad_plan(world: World, folder: Path, change: Callable[[bytes], bytes]) -> EngineError:
    write_plan(world, folder)
    with pytest.raises(EngineError) as caught:
        open_bytes(folder, change((folder / "m.plan").read_bytes()))
    assert caught.value.exit_code == ExitCode.MEDIA_OR_ENGINE
    assert "m.plan" in str(caught.value)
    assert world.gpu.is_clean
    return caught.value


def test_bad_plans(world: World, tmp_path: Path) -> None:
    empty = bad_plan(world, tmp_path, lambda _: b"")
    assert "is no TensorRT engine" in empty.what
    assert empty.where == "p.yaml:7: engine.plan"
    onnx = bad_plan(world, tmp_path, lambda _: (tmp_path / "m.onnx").read_bytes())
    assert "goes under `model`" in onnx.hint
    short = bad_plan(world, tmp_path, lambda data: data[:20])
    assert "is cut short: 20 bytes" in short.what
    cut = bad_plan(world, tmp_path, lambda data: data[:-50])
    assert "is cut short, or was built for another GPU" in cut.what
    assert "size does not match" in cut.what
    assert "vbench engine build" in cut.hint


def test_a_plan_of_another_version_says_what_to_build(world: World, tmp_path: Path) -> None:
    write_plan(world, tmp_path)
    data = (tmp_path / "m.plan").read_bytes()
    world.version = "10.3.0.26"
    write_plan(world, tmp_path)
    data = (tmp_path / "m.plan").read_bytes()
    world.version = "11.4.0.106"
    with pytest.raises(
        EngineError, match=r"TensorRT 11\.4\.0\.106 .*by TensorRT 10\.3\.0\.26"
    ) as caught:
        open_bytes(tmp_path, data)
    assert "vbench engine build MODEL.onnx --out m.plan" in caught.value.hint


def test_a_plan_of_another_gpu_says_which(world: World, tmp_path: Path) -> None:
    write_echo_model(tmp_path / "m.onnx", FIXED)
    built = build_engine(tmp_path / "m.onnx", BuildSettings(), out=tmp_path / "m.plan")
    world.gpu.name = "Other GPU"
    pinned = entry(plan="m.plan", sha256=built.sha256)
    with pytest.raises(EngineError, match=r"built on Fake GPU .*, this is Other GPU \(compute"):
        open_engine(pinned, site(tmp_path))


def test_a_plan_must_be_the_pinned_one(world: World, tmp_path: Path) -> None:
    write_plan(world, tmp_path)
    with pytest.raises(ConfigError, match=r"engine\.sha256: m\.plan is another engine"):
        open_engine(entry(plan="m.plan", sha256="0" * 64), site(tmp_path))
    with pytest.raises(EngineError, match="engine file not found"):
        open_engine(entry(plan="n.plan", sha256="0" * 64), site(tmp_path))
    assert world.gpu.is_clean


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("BF16", "type BF16, which numpy lacks"),
        ("HOST", "is a shape, not data"),
        ("CHW4", "not in linear order"),
    ],
)
def test_tensors_that_cannot_be_given(
    world: World, tmp_path: Path, override: str, message: str
) -> None:
    world.overrides["echo"] = override
    with pytest.raises(ModelError, match=message):
        open_echo(tmp_path)
    assert world.gpu.is_clean


def test_an_output_whose_shape_depends_on_data(world: World, tmp_path: Path) -> None:
    world.overrides["echo"] = "data dependent"
    engine = open_echo(tmp_path)
    with pytest.raises(ModelError, match="output echo has a shape that depends on"):
        engine.run([image()])
    engine.close()
    assert world.gpu.is_clean
