"""`benchmarks/gpu/check.py`: it runs everywhere, and says what it could not run and why."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.engines.tensor_rt.fake_tensorrt import World

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "gpu" / "check.py"


@pytest.fixture(scope="module")
def check() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gpu_check", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["gpu_check"] = module
    spec.loader.exec_module(module)
    return module


def test_it_runs_here(tmp_path: Path) -> None:
    out = tmp_path / "check.json"
    command = [sys.executable, str(SCRIPT), "--out", str(out)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    content = json.loads(out.read_text())
    assert content["schema"] == "vbench.gpu-check/v1"
    statuses = {item["name"]: item["status"] for item in content["sections"]}
    assert set(statuses.values()) <= {"ok", "skipped", "failed"}
    assert statuses["environment"] == "ok"
    assert len(statuses) == 6
    assert answer.returncode == (1 if "failed" in statuses.values() else 0)
    for item in content["sections"]:
        assert item["status"] == "ok" or item["reason"]
        assert f"{item['name']:<40} {item['status']}" in answer.stdout


def test_all_of_it_runs_where_there_is_a_gpu(
    check: ModuleType, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "N_TIMED", 3)
    monkeypatch.setattr(check, "N_REOPENED", 2)
    model = check.write_conv_model(tmp_path / "own.onnx", "float32")
    sections = {item.name: item for item in check.run_all(tmp_path, [model])}
    cuda_provider = sections.pop("onnxruntime: CUDA provider")
    assert cuda_provider.status == "skipped"
    assert {(item.status, item.reason) for item in sections.values()} == {("ok", "")}
    plain = sections["tensorrt: own.onnx"].values["plain"]
    assert plain["difference"] == 0
    assert plain["events_ms_p50"] == 1.5
    assert sections["environment"].values["name"] == "Fake GPU"
    assert world.gpu.is_clean


def test_what_goes_wrong_is_told(
    check: ModuleType, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "TOLERANCE", {"float32": -1.0, "float16": -1.0})
    world.gpu.fail = {"cuStreamBeginCapture_v2": 1}
    sections = {item.name: item for item in check.run_all(tmp_path, [])}
    assert sections["tensorrt: float32"].status == "failed"
    assert "differs from ONNX Runtime" in sections["tensorrt: float32"].reason
    assert "CUDA_ERROR_INVALID_VALUE" in sections["cuda: stream, pinned, events, graph"].reason
    assert sections["environment"].status == "ok"
