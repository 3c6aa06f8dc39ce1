from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pydantic
import pytest
from onnx import TensorProto

from tests.engines.onnx_models import (
    write_constant_model,
    write_convolution_model,
    write_one_node_model,
    write_two_input_model,
)
from vbench.config.engines.onnxruntime import OnnxRuntimeEntry
from vbench.config.engines.openvino import OpenVinoEntry
from vbench.engines import onnx_runtime
from vbench.engines.protocol import EngineSite, Tensor, TensorEngine, TensorInfo
from vbench.errors import ConfigError, EngineError, ExitCode, ModelError
from vbench.types import F32

if find_spec("openvino") is None:
    pytest.skip("the extra vbench[openvino] is not installed", allow_module_level=True)

# Not before: this import keeps openvino's telemetry off.
from vbench.engines import open_vino  # isort: skip
import openvino as ov  # isort: skip

AGREES_WITHIN = 1e-4
"""f32 in both; sums of 72 products of numbers near 1, in another order."""


def place(key: str) -> str:
    return f"p.yaml:7: engine.{key}"


def site(folder: Path) -> EngineSite:
    return EngineSite(folder, place, "detect", ("person",))


def entry(**more: object) -> OpenVinoEntry:
    return OpenVinoEntry.model_validate({"type": "openvino", "model": "m.onnx", **more})


def opened(folder: Path, **more: object) -> TensorEngine:
    return open_vino.open_engine(entry(**more), site(folder))


def reference(folder: Path, tensors: list[Tensor]) -> tuple[Tensor, ...]:
    wanted = OnnxRuntimeEntry.model_validate({"type": "onnxruntime", "model": "m.onnx"})
    return onnx_runtime.open_engine(wanted, site(folder)).run(tensors)


def difference(one: Tensor, other: Tensor) -> float:
    assert one.shape == other.shape
    return float(np.abs(one.astype(np.float64) - other.astype(np.float64)).max())


def noise(*shape: int) -> F32:
    return np.random.default_rng(3).normal(size=shape).astype(np.float32)


def as_ir(folder: Path, model: str = "m.onnx") -> Path:
    """The model as an OpenVINO IR, ``m.xml`` and ``m.bin``."""
    converted = ov.Core().read_model(folder / model)
    ov.save_model(converted, folder / "m.xml", compress_to_fp16=False)
    return folder / "m.xml"


def test_agrees_with_onnx_runtime(tmp_path: Path) -> None:
    write_convolution_model(tmp_path / "m.onnx")
    engine = opened(tmp_path)
    assert engine.inputs == (TensorInfo("images", (1, 3, 16, 16), "float32"),)
    assert engine.outputs == (
        TensorInfo("features", (1, 4, 16, 16), "float32"),
        TensorInfo("sums", (1, 4), "float32"),
    )
    images = noise(1, 3, 16, 16)
    features, sums = engine.run([images])
    wanted_features, wanted_sums = reference(tmp_path, [images])
    assert difference(features, wanted_features) < AGREES_WITHIN
    assert difference(sums, wanted_sums) < AGREES_WITHIN * 256


def test_info_states_device_precision_and_threads(tmp_path: Path) -> None:
    write_convolution_model(tmp_path / "m.onnx")
    text = opened(tmp_path).info.text()
    assert text == f"openvino {ov.__version__.split('-')[0]} (CPU f32, 1 thread)"


def test_bf16_only_when_asked(tmp_path: Path) -> None:
    if "BF16" not in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        pytest.skip("this CPU has no bf16")
    write_convolution_model(tmp_path / "m.onnx")
    images = noise(1, 3, 16, 16)
    wanted = reference(tmp_path, [images])[0]
    engine = opened(tmp_path, precision="bf16")
    assert engine.info.provider == "CPU bf16"
    assert 1e-3 < difference(engine.run([images])[0], wanted) < 1


def test_intermediate_representation(tmp_path: Path) -> None:
    write_convolution_model(tmp_path / "m.onnx")
    as_ir(tmp_path)
    images = noise(1, 3, 16, 16)
    features, _ = opened(tmp_path, model="m.xml").run([images])
    assert difference(features, reference(tmp_path, [images])[0]) < AGREES_WITHIN


def test_free_axes(tmp_path: Path) -> None:
    write_convolution_model(tmp_path / "m.onnx", size="free")
    engine = opened(tmp_path)
    assert engine.inputs[0].shape == (1, 3, None, None)
    for height, width in ((8, 16), (24, 4), (64, 64)):
        images = noise(1, 3, height, width)
        features, _ = engine.run([images])
        assert difference(features, reference(tmp_path, [images])[0]) < AGREES_WITHIN


def test_several_inputs_go_by_order(tmp_path: Path) -> None:
    write_two_input_model(tmp_path / "m.onnx")
    engine = opened(tmp_path)
    images, scale = noise(1, 3, 32, 32), noise(1, 3, 32, 32)
    images.setflags(write=False)
    total = engine.run([images[..., ::-1], scale])[0]
    np.testing.assert_array_equal(total, images[..., ::-1] + scale)


def test_tensors_are_not_converted_silently(tmp_path: Path) -> None:
    """OpenVINO itself would turn float64 into float32."""
    write_convolution_model(tmp_path / "m.onnx")
    with pytest.raises(EngineError, match=r"takes images .* float32, given .* float64"):
        opened(tmp_path).run([noise(1, 3, 16, 16).astype(np.float64)])


def test_files_of(tmp_path: Path) -> None:
    values = {"output": np.ones((1, 4, 6), np.float32)}
    write_constant_model(tmp_path / "m.onnx", values, external="weights.bin")
    assert open_vino.files_of(entry(), tmp_path) == (
        tmp_path / "m.onnx",
        tmp_path / "weights.bin",
    )
    as_ir(tmp_path)
    files = (tmp_path / "m.xml", tmp_path / "m.bin")
    assert open_vino.files_of(entry(model="m.xml"), tmp_path) == files
    write_one_node_model(tmp_path / "m.onnx")
    (tmp_path / "m.bin").unlink()
    as_ir(tmp_path)
    (tmp_path / "m.bin").unlink(missing_ok=True)
    assert open_vino.files_of(entry(model="m.xml"), tmp_path) == (tmp_path / "m.xml",)


def test_pinned_digest_is_checked(tmp_path: Path) -> None:
    model = write_convolution_model(tmp_path / "m.onnx")
    opened(tmp_path, sha256=hashlib.sha256(model.read_bytes()).hexdigest())
    with pytest.raises(ConfigError, match=r"engine\.sha256: m\.onnx is another file"):
        opened(tmp_path, sha256="0" * 64)


@pytest.mark.parametrize("device", ["AUTO", "cpu", "HETERO:GPU,CPU", "MULTI:CPU"])
def test_devices_that_choose_silently_are_refused(device: str) -> None:
    with pytest.raises(pydantic.ValidationError, match="is not one of CPU, GPU"):
        entry(device=device)


def test_absent_device_names_those_there(tmp_path: Path) -> None:
    write_convolution_model(tmp_path / "m.onnx")
    with pytest.raises(EngineError, match=r'device "GPU.7" is not there.*available here: .*CPU'):
        opened(tmp_path, device="GPU.7")


def test_precision_that_the_device_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_convolution_model(tmp_path / "m.onnx")
    real = ov.Core.get_property

    def older(core: object, device: str, name: str) -> object:
        return ["FP32"] if name == "OPTIMIZATION_CAPABILITIES" else real(core, device, name)

    monkeypatch.setattr(ov.Core, "get_property", older)
    with pytest.raises(EngineError, match=r"engine.precision: CPU .* cannot calculate in bf16"):
        opened(tmp_path, precision="bf16")
    opened(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("EXECUTION_DEVICES", ["GPU.0"], "asked for CPU, but GPU.0 runs"),
        ("INFERENCE_PRECISION_HINT", "bf16", "asked for f32, but CPU calculates in bf16"),
    ],
)
def test_what_really_runs_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: object, words: str
) -> None:
    write_convolution_model(tmp_path / "m.onnx")
    real = ov.CompiledModel.get_property
    if isinstance(value, str):
        value = getattr(ov.Type, value)

    def other(model: object, asked: str) -> object:
        return value if asked == name else real(model, asked)

    monkeypatch.setattr(ov.CompiledModel, "get_property", other)
    with pytest.raises(EngineError, match=words) as caught:
        opened(tmp_path)
    assert caught.value.exit_code == ExitCode.MEDIA_OR_ENGINE


def test_unknown_operator_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_one_node_model(tmp_path / "m.onnx", "Wibble", domain="com.acme")
    with pytest.raises(EngineError, match=r"cannot load it: .*com\.acme\.Wibble") as caught:
        opened(tmp_path)
    assert caught.value.where == place("model")
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("dtype", [TensorProto.BFLOAT16, TensorProto.STRING])
def test_elements_that_numpy_lacks_are_refused(tmp_path: Path, dtype: int) -> None:
    write_one_node_model(tmp_path / "m.onnx", "Identity", dtype=dtype)
    with pytest.raises(ModelError, match=r'"x" is \w+, which numpy cannot hold'):
        opened(tmp_path)


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("m.onnx", b"garbage" * 99, "is not a readable ONNX model"),
        ("m.xml", b"hello", "is not a whole OpenVINO IR"),
        ("m.xml", b"", "is not a whole OpenVINO IR"),
        ("m.pt", b"", "is neither an ONNX model"),
        ("none.xml", None, "cannot be read: No such file"),
    ],
)
def test_unreadable_model(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    file: str,
    content: bytes | None,
    words: str,
) -> None:
    if content is not None:
        (tmp_path / file).write_bytes(content)
    with pytest.raises(EngineError, match=words) as caught:
        opened(tmp_path, model=file)
    assert caught.value.where == place("model")
    assert capfd.readouterr() == ("", "")


def test_broken_intermediate_representation(tmp_path: Path) -> None:
    write_convolution_model(tmp_path / "m.onnx")
    model = as_ir(tmp_path)
    text, weights = model.read_bytes(), (tmp_path / "m.bin").read_bytes()
    (tmp_path / "m.bin").write_bytes(weights[:100])
    with pytest.raises(EngineError, match="cannot load it: Incorrect weights in bin file"):
        opened(tmp_path, model="m.xml")
    (tmp_path / "m.bin").unlink()
    with pytest.raises(EngineError, match=r'keeps weights in "m\.bin", which is not there'):
        opened(tmp_path, model="m.xml")
    model.write_bytes(text[: len(text) // 2])
    with pytest.raises(EngineError, match="is not a whole OpenVINO IR"):
        opened(tmp_path, model="m.xml")


@pytest.mark.parametrize(("operator", "shape"), [("Add", (1, 3, 7, 7)), ("MatMul", (7, 4))])
def test_model_that_fails_at_run_time_is_one_clean_error(
    tmp_path: Path, operator: str, shape: tuple[int, ...]
) -> None:
    """Compiled with free axes, OpenVINO 2026.4 answers both with foreign numbers."""
    other = np.ones(shape, np.float32)
    write_one_node_model(tmp_path / "m.onnx", operator, shape=("n", 3, "h", "w"), constant=other)
    engine = opened(tmp_path)
    whole = engine.run([noise(1, 3, 7, 7)])[0]
    with pytest.raises(EngineError, match="OpenVINO failed: While validating node") as caught:
        engine.run([noise(1, 3, 5, 5)])
    assert "\n" not in str(caught.value)
    assert ".cpp" not in str(caught.value)
    np.testing.assert_array_equal(engine.run([noise(1, 3, 7, 7)])[0], whole)


def test_nothing_is_reported_to_anyone(tmp_path: Path) -> None:
    """A plain `import openvino` leaves a client id in the home folder and opens a connection."""
    code = """
import sys
def refuse(event, args):
    if event.startswith(("socket.connect", "socket.getaddrinfo", "urllib")):
        raise SystemExit(f"network: {event} {args}")
sys.addaudithook(refuse)
from vbench.engines import open_vino
found = [name for name in sys.modules if name.startswith("openvino_telemetry")]
raise SystemExit(f"imported {found}" if found else 0)
"""
    home = {**os.environ, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=home, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
