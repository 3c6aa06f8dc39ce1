"""`vbench engine`: build, list, inspect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.cli.invoke import Command
from tests.engines.onnx_models import write_constant_model, write_echo_model
from tests.engines.tensor_rt.fake_tensorrt import World, fake_tensorrt, make_plan

PIPELINE = """
schema: vbench.pipeline/v1
name: p
version: 1
classes: {names: [person]}
stages:
  - id: detect
    kind: detector
    engine: {type: ENGINE, model: m.onnx}
    input: {size: [32, 32], color: bgr}
    output: {adapter: yolox}
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with fake_tensorrt(tmp_path / "cache") as made:
        yield made


def test_build_list_inspect(vbench: Command, world: World, tmp_path: Path) -> None:
    model = write_echo_model(tmp_path / "m.onnx", (None, 3, 4, 4))
    plan = tmp_path / "m.plan"
    arguments = ("--profile", "images=1x3x4x4:2x3x4x4:4x3x4x4", "--out", plan)
    (built,) = json.loads(vbench("engine", "build", model, *arguments, "--json").stdout)
    assert (built["tensorrt"], built["gpu"]) == ("11.4.0.106", "Fake GPU")
    assert built["plan"] == str(plan)
    text = vbench("engine", "build", model, *arguments).stdout
    assert f"engine: {{type: tensorrt, plan: {plan}, sha256: {built['sha256']}}}" in text
    assert world.n_builds == 1
    vbench("engine", "build", model, *arguments, "--rebuild")
    assert world.n_builds == 2

    listed = json.loads(vbench("engine", "list", "--json").stdout)
    assert listed["folder"] == str(tmp_path / "cache" / "engines")
    (row,) = listed["engines"]
    assert row["model"] == "m.onnx"
    assert 0 <= row["age_days"] < 1
    assert row["sha256"][:12] in vbench("engine", "list").stdout

    found = vbench("engine", "inspect", plan, "--json").json()
    assert found["tensorrt"] == "11.4.0.106"
    assert found["gpu"] == "Fake GPU"
    assert found["sha256"] == built["sha256"]
    assert found["content"]["inputs"][0]["shape"] == [None, 3, 4, 4]  # type: ignore[index]
    lines = vbench("engine", "inspect", row["plan"]).stdout
    assert "input      images [?, 3, 4, 4] float32" in lines
    assert "built on   Fake GPU" in lines
    assert "layers     2\n  layer 0" in lines
    assert world.gpu.is_clean


def test_an_empty_cache(vbench: Command, world: World) -> None:
    assert "no engines in" in vbench("engine", "list").stdout
    assert vbench("engine", "list", "--json").json()["engines"] == []


def test_build_what_a_pipeline_needs(vbench: Command, world: World, tmp_path: Path) -> None:
    write_echo_model(tmp_path / "m.onnx", (1, 3, 32, 32))
    pipeline = tmp_path / "p.yaml"
    pipeline.write_text(PIPELINE.replace("ENGINE", "tensorrt"))
    (built,) = json.loads(vbench("engine", "build", pipeline, "--json").stdout)
    assert built["model"] == str(tmp_path / "m.onnx")
    answer = vbench("engine", "build", pipeline, "--tf32")
    assert answer.code == 2
    assert "go with an ONNX file" in answer.one_error()[0]
    pipeline.write_text(PIPELINE.replace("ENGINE", "onnxruntime"))
    answer = vbench("engine", "build", pipeline)
    assert answer.code == 2
    assert "no stage has a TensorRT engine to build" in answer.one_error()[0]


def test_what_can_be_known_without_tensorrt(
    vbench: Command, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = write_echo_model(tmp_path / "m.onnx", (1, 3, 4, 4))
    (tmp_path / "m.plan").write_bytes(make_plan(world, model.read_bytes()))
    world.refuse.add("Runtime")
    answer = vbench("engine", "inspect", tmp_path / "m.plan")
    assert answer.code == 0
    assert "not read   inputs, outputs, layers: not loaded, as an engine file" in answer.stdout
    assert "deserialize_cuda_engine" not in world.calls
    answer = vbench("engine", "inspect", tmp_path / "m.plan", "--trust")
    assert answer.code == 0
    assert "built by   TensorRT 11.4.0.106" in answer.stdout
    assert "not read   inputs, outputs, layers: TensorRT 11.4.0.106 cannot make" in answer.stdout
    assert "built on   not written down" in answer.stdout


def test_inspect_a_model(vbench: Command, tmp_path: Path) -> None:
    values = {"output": np.ones((1, 2), np.float32)}
    model = write_constant_model(
        tmp_path / "m.onnx", values, input_shape=("n", 3, None, 32), external="w.bin"
    )
    found = vbench("engine", "inspect", model, "--json").json()
    assert found["external_data"] == ["w.bin"]
    summary = found["summary"]
    assert isinstance(summary, dict)
    assert summary["inputs"] == [
        {"name": "images", "shape": [None, 3, None, 32], "dtype": "float32"}
    ]
    assert summary["outputs"] == [{"name": "output", "shape": [1, 2], "dtype": "float32"}]
    assert summary["opsets"] == [["ai.onnx", 17]]
    assert summary["operators"] == [["Add", 1], ["Cast", 1], ["ReduceMean", 1], ["Sub", 1]]
    lines = vbench("engine", "inspect", model).stdout
    assert "opset      ai.onnx 17" in lines
    assert "weights in w.bin" in lines


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("m.plan", b"no engine", "is no TensorRT engine"),
        ("m.onnx", b"no model", "is not a readable ONNX model"),
        ("m.plan", None, "engine file not found"),
    ],
)
def test_files_that_are_neither(
    vbench: Command, tmp_path: Path, name: str, content: bytes | None, what: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    answer = vbench("engine", "inspect", tmp_path / name)
    assert answer.code == 4
    assert what in answer.one_error()[0]
    assert str(tmp_path / name) in answer.one_error()[1]


def test_a_profile_that_is_not_understood(vbench: Command, tmp_path: Path) -> None:
    answer = vbench("engine", "build", tmp_path / "m.onnx", "--profile", "images")
    assert answer.code == 2
    assert "1x3x640x640" in answer.stderr
