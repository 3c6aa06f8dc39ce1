from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from tests.engines.onnx_models import (
    write_constant_model,
    write_echo_model,
    write_two_input_model,
)
from vbench.config.pipeline_file import OnnxRuntimeEntry
from vbench.engines.onnx_runtime import PROVIDERS, OnnxRuntimeEngine, available_providers
from vbench.engines.protocol import TensorInfo
from vbench.engines.registry import model_files, open_engine
from vbench.errors import ConfigError, EngineError, ExitCode

VALUES = {"output": np.arange(24, dtype=np.float32).reshape(1, 4, 6)}


def place(key: str) -> str:
    return f"p.yaml:7: engine.{key}"


def entry(model: str = "m.onnx", **more: object) -> OnnxRuntimeEntry:
    return OnnxRuntimeEntry.model_validate({"type": "onnxruntime", "model": model, **more})


def test_runs_a_model(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_constant_model(tmp_path / "m.onnx", VALUES, input_shape=("n", 3, None, 32))
    engine = open_engine(entry(threads=2), tmp_path, place)
    assert engine.inputs == (TensorInfo("images", (None, 3, None, 32), "float32"),)
    assert engine.outputs == (TensorInfo("output", (1, 4, 6), "float32"),)
    outputs = engine.run(np.zeros((1, 3, 32, 32), np.float32))
    np.testing.assert_array_equal(outputs[0], VALUES["output"])
    assert engine.info.text() == f"onnxruntime {ort.__version__} (CPUExecutionProvider, 2 threads)"
    engine.close()
    engine.close()
    with pytest.raises(EngineError, match="closed"):
        engine.run(np.zeros((1, 3, 32, 32), np.float32))
    assert capfd.readouterr() == ("", "")


def test_outputs_belong_to_the_caller(tmp_path: Path) -> None:
    write_echo_model(tmp_path / "m.onnx", (1, 3, 2, 2))
    engine = OnnxRuntimeEngine(entry(), tmp_path, place)
    tensor = np.zeros((1, 3, 2, 2), np.float32)
    first = engine.run(tensor)[0]
    tensor += 1
    second = engine.run(tensor)[0]
    assert first.max() == 0
    assert second.min() == 1


def test_pinned_digest_is_checked(tmp_path: Path) -> None:
    model = write_constant_model(tmp_path / "m.onnx", VALUES)
    sha256 = hashlib.sha256(model.read_bytes()).hexdigest()
    OnnxRuntimeEngine(entry(sha256=sha256), tmp_path, place)
    with pytest.raises(ConfigError, match=f"engine.sha256: m.onnx is another file.*{sha256}"):
        OnnxRuntimeEngine(entry(sha256="0" * 64), tmp_path, place)


def test_unavailable_provider_names_those_that_are(tmp_path: Path) -> None:
    write_constant_model(tmp_path / "m.onnx", VALUES)
    assert "cpu" in available_providers()
    absent = next(name for name in PROVIDERS if name not in available_providers())
    with pytest.raises(EngineError, match=rf'"{absent}" is not in this.*available here: .*cpu'):
        OnnxRuntimeEngine(entry(providers=[absent, "cpu"]), tmp_path, place)


def test_unknown_provider_suggests_one(tmp_path: Path) -> None:
    write_constant_model(tmp_path / "m.onnx", VALUES)
    with pytest.raises(ConfigError, match=r'provider "cdua" is not known.*did you mean "cuda"'):
        OnnxRuntimeEngine(entry(providers=["cdua"]), tmp_path, place)


def test_provider_that_falls_back_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A provider that is listed but cannot start: ONNX Runtime then quietly takes the CPU."""
    write_constant_model(tmp_path / "m.onnx", VALUES)
    model = tmp_path / "m.onnx"
    on_the_cpu = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    monkeypatch.setattr(
        ort, "get_available_providers", lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"]
    )
    monkeypatch.setattr(ort, "InferenceSession", lambda *_args, **_options: on_the_cpu)
    with pytest.raises(
        EngineError, match="asked for CUDAExecutionProvider, but CPUExecutionProvider runs"
    ) as caught:
        OnnxRuntimeEngine(entry(providers=["cuda"]), tmp_path, place)
    assert caught.value.exit_code == ExitCode.MEDIA_OR_ENGINE


@pytest.mark.parametrize("content", [b"", b"garbage" * 99, b"\x08\x08"])
def test_unreadable_model(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.onnx").write_bytes(content)
    with pytest.raises(EngineError, match=r"m\.onnx: "):
        OnnxRuntimeEngine(entry(), tmp_path, place)


def test_truncated_model(tmp_path: Path) -> None:
    model = write_constant_model(tmp_path / "m.onnx", VALUES)
    model.write_bytes(model.read_bytes()[:-40])
    with pytest.raises(EngineError, match="not a readable ONNX model"):
        OnnxRuntimeEngine(entry(), tmp_path, place)


def test_model_with_two_inputs_is_refused(tmp_path: Path) -> None:
    write_two_input_model(tmp_path / "m.onnx")
    with pytest.raises(ConfigError, match=r"2 inputs.*images \[1, 3, 32, 32\] float32; scale"):
        OnnxRuntimeEngine(entry(), tmp_path, place)


def test_tensor_that_does_not_fit_is_one_error(tmp_path: Path) -> None:
    write_constant_model(tmp_path / "m.onnx", VALUES)
    engine = OnnxRuntimeEngine(entry(), tmp_path, place)
    with pytest.raises(EngineError, match=r"Got invalid dimensions.*Expected: 32"):
        engine.run(np.zeros((1, 3, 16, 16), np.float32))
    with pytest.raises(EngineError, match="ONNX Runtime failed"):
        engine.run(np.zeros((1, 3, 32, 32), np.float64))


def test_external_weights_belong_to_the_model(tmp_path: Path) -> None:
    write_constant_model(tmp_path / "m.onnx", VALUES, external="weights.bin")
    engine = OnnxRuntimeEngine(entry(), tmp_path, place)
    outputs = engine.run(np.zeros((1, 3, 32, 32), np.float32))
    np.testing.assert_array_equal(outputs[0], VALUES["output"])
    assert model_files(entry(), tmp_path) == (tmp_path / "m.onnx", tmp_path / "weights.bin")
