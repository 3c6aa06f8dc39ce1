"""What can be wrong behind an engine: one error with its place, the others finished, exit 4."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.bench.small import CONSTANT, TRUTH_BOX, edit
from tests.cli.invoke import Command
from tests.engines import onnx_models
from tests.engines.http.server import Manners, detector_server, no_server
from tests.engines.tensor_rt.fake_tensorrt import fake_tensorrt

GREETING = '{"protocol": "vbench.command/v1", "name": "p", "version": "1"}'
BEHIND = """\
schema: vbench.pipeline/v1
name: constant
version: 1.0.0
classes: {names: [person, forklift]}
stages:
  - id: detect
    kind: detector
    engine: ENGINE
"""


def pipeline(folder: Path, engine: str) -> None:
    """A third pipeline with this engine, for frames."""
    edit(folder / "benchmark.yaml", "v2.yaml]", "v2.yaml, pipelines/constant.yaml]")
    (folder / "pipelines" / "constant.yaml").write_text(BEHIND.replace("ENGINE", engine))


def with_model(folder: Path, old: str = "", new: str = "") -> Path:
    """A third pipeline with the ONNX file that is returned."""
    edit(folder / "benchmark.yaml", "v2.yaml]", "v2.yaml, pipelines/constant.yaml]")
    (folder / "pipelines" / "constant.yaml").write_text(CONSTANT.replace(old, new))
    return folder / "constant.onnx"


def program(folder: Path, code: str, more: str = "") -> None:
    """A third pipeline behind a Python program."""
    (folder / "pipelines" / "program.py").write_text("import sys, time, json\n" + code)
    pipeline(folder, f"{{type: command, command: ['{sys.executable}', program.py]{more}}}")


def the_only_failure(vbench: Command, folder: Path) -> tuple[str, str, str]:
    """(what, where, what to do), after looking at everything else."""
    answer = vbench("run", folder / "benchmark.yaml", "--out", folder / "out", "--no-report")
    found = answer.one_error()
    assert answer.code == 4
    assert found[0].startswith("pipeline constant: ")
    assert all(found)
    run = json.loads((folder / "out" / "run.json").read_text())
    assert [item["name"] for item in run["failures"]] == ["constant"]
    assert [item["name"] for item in run["pipelines"]] == ["v1", "v2"]
    assert run["gates"]
    assert "Did not finish" in (folder / "out" / "summary.md").read_text()
    return found


def test_an_opset_of_the_future(small: Path, vbench: Command) -> None:
    onnx_models.write_one_node_model(with_model(small), shape=(1, 3, 64, 96), opset=99)
    what, where, _ = the_only_failure(vbench, small)
    assert "opset 99" in what
    assert where.endswith("constant.yaml:8: stages[0].engine.model")


def test_weights_outside_the_folder(small: Path, vbench: Command) -> None:
    rows = np.array([[[*TRUTH_BOX, 0.9, 0.0]]], np.float32)
    model = with_model(small)
    onnx_models.write_constant_model(model, {"boxes": rows}, external="w.bin")
    content = model.read_bytes()
    # Of the same length, so that the file stays whole.
    model.write_bytes(content.replace(b"w.bin", b"../wb"))
    what, where, _ = the_only_failure(vbench, small)
    assert "outside its own folder" in what
    assert where.endswith("stages[0].engine.model")


def test_shapes_left_open_that_do_not_fit(small: Path, vbench: Command) -> None:
    onnx_models.write_echo_model(with_model(small), ("n", "c", "h", "w"))
    what, where, _ = the_only_failure(vbench, small)
    assert "the model's output is [?, ?, ?, ?]" in what
    assert where.endswith("stages[0].output")


def test_outputs_of_unknown_form(small: Path, vbench: Command) -> None:
    rows = {"a": np.zeros((1, 5, 3), np.float32), "b": np.zeros((1, 7), np.float32)}
    model = with_model(
        small, "{adapter: boxes, columns: [x1, y1, x2, y2, score, class]}", "{adapter: detr}"
    )
    onnx_models.write_constant_model(model, rows, input_shape=(1, 3, 64, 96))
    what, where, _ = the_only_failure(vbench, small)
    assert "a [1, 5, 3]" in what
    assert where.endswith("stages[0].output")


def test_an_engine_file_for_another_version(small: Path, tmp_path: Path, vbench: Command) -> None:
    from tests.engines.tensor_rt.test_plans import write_plan

    with fake_tensorrt(tmp_path / "cache") as world:
        world.version = "10.3.0.26"
        sha256 = write_plan(world, small / "pipelines")
        world.version = "11.4.0.106"
        with_model(
            small,
            "{type: onnxruntime, model: ../constant.onnx, providers: [cpu], threads: 1}",
            f"{{type: tensorrt, plan: m.plan, sha256: {sha256}}}",
        )
        what, where, todo = the_only_failure(vbench, small)
    assert "10.3.0.26" in what
    assert where.endswith("stages[0].engine.plan")
    assert "vbench engine build" in todo


@pytest.mark.parametrize(
    ("code", "more", "what"),
    [
        ("sys.exit(3)\n", "", "exit"),
        ("time.sleep(60)\n", ", start_timeout_s: 0.5", "0.5 s"),
        ("print('hello')\n", "", "JSON"),
        ("while True: sys.stdout.write('x' * 65536)\n", "", "line"),
        (f"print('{GREETING}', flush=True)\ntime.sleep(60)\n", ", frame_timeout_s: 0.5", "0.5 s"),
        (f"print('{GREETING}', flush=True)\nsys.exit('no memory left')\n", "", "no memory left"),
        (f"print('{GREETING}\\nnot JSON', flush=True)\ntime.sleep(60)\n", "", "JSON"),
    ],
    ids=["exits", "hangs", "garbage", "floods", "hangs on a frame", "dies", "garbage for a frame"],
)
def test_programs(small: Path, vbench: Command, code: str, more: str, what: str) -> None:
    program(small, code, more)
    found, where, _ = the_only_failure(vbench, small)
    assert what in found
    assert "detect" in where or where.endswith("engine.command")


@pytest.fixture
def server() -> Iterator[tuple[str, Manners]]:
    with detector_server() as running:
        yield running


@pytest.mark.parametrize(
    ("manners", "what"),
    [
        (Manners(status=500, answer=lambda _: b"out of memory"), "500"),
        (Manners(wait_s=5.0), "0.5 s"),
        (Manners(answer=lambda _: b"<html>"), "JSON"),
    ],
    ids=["answers 500", "slow", "no JSON"],
)
def test_servers(
    small: Path, vbench: Command, server: tuple[str, Manners], manners: Manners, what: str
) -> None:
    address, running = server
    running.status, running.answer, running.wait_s = (
        manners.status,
        manners.answer,
        manners.wait_s,
    )
    pipeline(small, f"{{type: http, url: '{address}/', timeout_s: 0.5}}")
    found, where, _ = the_only_failure(vbench, small)
    assert what in found
    assert "stage detect" in where


def test_a_server_that_is_down(small: Path, vbench: Command) -> None:
    with no_server() as port:
        pipeline(small, f"{{type: http, url: 'http://127.0.0.1:{port}/'}}")
        found, where, _ = the_only_failure(vbench, small)
    assert "refused" in found
    assert where.endswith("stages[0].engine.url")


def test_a_server_that_dies_in_the_middle(
    small: Path, vbench: Command, server: tuple[str, Manners]
) -> None:
    address, running = server

    def until(received: object) -> bytes:
        if len(running.received) > 25:
            running.status = 503
        return b'{"boxes": [], "scores": [], "classes": []}'

    running.answer = until
    pipeline(small, f"{{type: http, url: '{address}/'}}")
    found, where, _ = the_only_failure(vbench, small)
    assert "503" in found
    assert "clip b-night, stage detect, frame" in where
