from __future__ import annotations

from pathlib import Path

from tests.cli.invoke import Command
from tests.pipeline.suggest.models import FAMILIES, UNKNOWN, write_family


def test_file_on_stdout_or_written(vbench: Command, tmp_path: Path) -> None:
    model = write_family(tmp_path / "m.onnx", FAMILIES["yolox"])
    answer = vbench("pipeline", "suggest", model)
    assert answer.code == 0
    assert answer.stdout.startswith("# Proposed by")
    out = tmp_path / "p.yaml"
    written = vbench("pipeline", "suggest", model, "--out", out)
    assert written.stdout == f"{out}: written; next: vbench check {out}\n"
    assert vbench("check", out).code == 0
    what, where, _ = vbench("pipeline", "suggest", model, "--out", out).one_error()
    assert (what, where) == ("exists already; nothing was written", str(out))


def test_json(vbench: Command, tmp_path: Path) -> None:
    model = write_family(tmp_path / "m.onnx", FAMILIES["detr"])
    assert vbench("pipeline", "suggest", model, "--json").json()["name"] == "m"


def test_unknown_outputs_exit_4(vbench: Command, tmp_path: Path) -> None:
    model = write_family(tmp_path / "m.onnx", UNKNOWN["five outputs"])
    answer = vbench("pipeline", "suggest", model)
    assert answer.code == 4
    what, where, todo = answer.one_error()
    assert what.startswith("outputs of unknown form: a [1, 7] float32; b [1, 7]")
    assert where == str(model)
    assert todo.startswith("closest adapters: nms_plugin (")
