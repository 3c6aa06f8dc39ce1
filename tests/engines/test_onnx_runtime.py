from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnxruntime as ort
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
from vbench.engines.onnx_runtime import PROVIDERS, available_providers, files_of, open_engine
from vbench.engines.protocol import EngineSite, TensorEngine, TensorInfo
from vbench.errors import ConfigError, EngineError, ExitCode, ModelError

VALUES = {"output": np.arange(24, dtype=np.float32).reshape(1, 4, 6)}
IMAGE = np.zeros((1, 3, 32, 32), np.float32)


def place(key: str) -> str:
    return f"p.yaml:7: engine.{key}"


def entry(**more: object) -> OnnxRuntimeEntry:
    return OnnxRuntimeEntry.model_validate({"type": "onnxruntime", "model": "m.onnx", **more})


def opened(folder: Path, **more: object) -> TensorEngine:
    return open_engine(entry(**more), EngineSite(folder, place, "detect", ("person",)))


def test_runs_a_model(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_constant_model(tmp_path / "m.onnx", VALUES, input_shape=("n", 3, None, 32))
    engine = opened(tmp_path, threads=2)
    assert engine.inputs == (TensorInfo("images", (None, 3, None, 32), "float32"),)
    assert engine.outputs == (TensorInfo("output", (1, 4, 6), "float32"),)
    np.testing.assert_array_equal(engine.run([IMAGE])[0], VALUES["output"])
    assert engine.info.text() == f"onnxruntime {ort.__version__} (CPUExecutionProvider, 2 threads)"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("optimization", ["off", "basic", "extended", "all"])
def test_every_optimization_gives_the_same_answer(tmp_path: Path, optimization: str) -> None:
    write_convolution_model(tmp_path / "m.onnx")
    images = np.random.default_rng(1).normal(size=(1, 3, 16, 16)).astype(np.float32)
    plain, _ = opened(tmp_path, optimization="off").run([images])
    found, _ = opened(tmp_path, optimization=optimization).run([images])
    assert np.abs(np.asarray(plain) - np.asarray(found)).max() < 1e-4


def test_optimization_reaches_the_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_constant_model(tmp_path / "m.onnx", VALUES)
    levels = []
    real = ort.InferenceSession

    def recording(model: Path, options: ort.SessionOptions, **more: object) -> object:
        levels.append(options.graph_optimization_level)
        return real(model, options, **more)

    monkeypatch.setattr(ort, "InferenceSession", recording)
    opened(tmp_path, optimization="basic")
    opened(tmp_path)
    assert levels == [
        ort.GraphOptimizationLevel.ORT_ENABLE_BASIC,
        ort.GraphOptimizationLevel.ORT_ENABLE_ALL,
    ]


def test_several_inputs_go_by_order(tmp_path: Path) -> None:
    write_two_input_model(tmp_path / "m.onnx")
    engine = opened(tmp_path)
    assert [item.name for item in engine.inputs] == ["images", "scale"]
    total = engine.run([np.full((1, 3, 32, 32), 2, np.float32), IMAGE + 5])[0]
    assert (total == 7).all()
    with pytest.raises(EngineError, match=r"takes 2 tensors, given 1 .*images.*; scale"):
        engine.run([IMAGE])


def test_pinned_digest_is_checked(tmp_path: Path) -> None:
    model = write_constant_model(tmp_path / "m.onnx", VALUES)
    sha256 = hashlib.sha256(model.read_bytes()).hexdigest()
    opened(tmp_path, sha256=sha256)
    with pytest.raises(ConfigError, match=f"engine.sha256: m.onnx is another file.*{sha256}"):
        opened(tmp_path, sha256="0" * 64)


def test_unavailable_provider_names_those_that_are(tmp_path: Path) -> None:
    write_constant_model(tmp_path / "m.onnx", VALUES)
    assert "cpu" in available_providers()
    absent = next(name for name in PROVIDERS if name not in available_providers())
    with pytest.raises(EngineError, match=rf'"{absent}" is not in this.*available here: .*cpu'):
        opened(tmp_path, providers=[absent, "cpu"])


def test_unknown_provider_suggests_one(tmp_path: Path) -> None:
    write_constant_model(tmp_path / "m.onnx", VALUES)
    with pytest.raises(ConfigError, match=r'provider "cdua" is not known.*did you mean "cuda"'):
        opened(tmp_path, providers=["cdua"])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"provider_options": {"cuda": {"device_id": 1}}}, "which `providers` does not"),
        ({"provider_options": {"cpu": {"x": 1}}}, "takes no options"),
        ({"providers": ["cpu", "cpu"]}, "named twice"),
    ],
)
def test_options_without_effect_are_refused(more: dict[str, object], words: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=words):
        entry(**more)


class FakeSession:
    """A session on providers that this machine does not have."""

    def __init__(self, providers: list[str], n_nodes: dict[str, int]) -> None:
        self.providers = providers
        self.n_nodes = n_nodes
        self.asked: object = None

    def __call__(self, *_args: object, providers: object, **_more: object) -> FakeSession:
        self.asked = providers
        return self

    def get_providers(self) -> list[str]:
        return self.providers

    def get_provider_graph_assignment_info(self) -> list[FakePart]:
        return [FakePart(name, count) for name, count in self.n_nodes.items()]

    def get_inputs(self) -> list[object]:
        return []

    get_outputs = get_inputs

    def get_modelmeta(self) -> SimpleNamespace:
        return SimpleNamespace(custom_metadata_map={})


class FakePart:
    """A part of the graph that one provider executes."""

    def __init__(self, ep_name: str, n_nodes: int) -> None:
        self.ep_name = ep_name
        self.n_nodes = n_nodes

    def get_nodes(self) -> list[int]:
        return [0] * self.n_nodes


CPU, CUDA, TENSORRT = (PROVIDERS[name] for name in ("cpu", "cuda", "tensorrt"))


def open_on(
    session: FakeSession, folder: Path, monkeypatch: pytest.MonkeyPatch, **more: object
) -> TensorEngine:
    write_constant_model(folder / "m.onnx", VALUES)
    monkeypatch.setattr(ort, "get_available_providers", lambda: [TENSORRT, CUDA, CPU])
    monkeypatch.setattr(ort, "InferenceSession", session)
    return opened(folder, **more)


@pytest.mark.parametrize(
    ("asked", "really", "missing"),
    [
        (["cuda"], [CPU], CUDA),
        (["cuda", "cpu"], [CPU], CUDA),
        (["tensorrt", "cuda", "cpu"], [TENSORRT, CPU], CUDA),
        (["tensorrt", "cuda"], [CUDA, CPU], TENSORRT),
    ],
)
def test_provider_that_falls_back_is_an_error(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    asked: list[str],
    really: list[str],
    missing: str,
) -> None:
    """A provider that is listed but cannot start: ONNX Runtime quietly takes the next."""
    session = FakeSession(really, dict.fromkeys(really, 3))
    with pytest.raises(EngineError, match=f"asked for {missing}, but .* runs") as caught:
        open_on(session, tmp_path, monkeypatch, providers=asked)
    assert caught.value.exit_code == ExitCode.MEDIA_OR_ENGINE
    assert caught.value.where == place("providers")


def test_provider_that_takes_no_operator_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is there, and everything runs elsewhere."""
    session = FakeSession([CUDA, CPU], {CPU: 12})
    with pytest.raises(EngineError, match=f"asked for {CUDA}, but it takes no operator.*{CPU} 12"):
        open_on(session, tmp_path, monkeypatch, providers=["cuda", "cpu"])


def test_info_tells_what_falls_to_other_providers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = FakeSession([CUDA, CPU], {CPU: 2, CUDA: 70})
    engine = open_on(
        session,
        tmp_path,
        monkeypatch,
        providers=["cuda", "cpu"],
        provider_options={"cuda": {"device_id": 0, "use_tf32": False}},
    )
    assert engine.info.provider == f"{CUDA} 70 operators, {CPU} 2"
    assert session.asked == [(CUDA, {"device_id": 0, "use_tf32": False}), (CPU, {})]
    alone = open_on(FakeSession([CUDA, CPU], {CUDA: 72}), tmp_path, monkeypatch, providers=["cuda"])
    assert alone.info.provider == CUDA


@pytest.mark.parametrize("content", [b"", b"garbage" * 99, b"\x08\x08"])
def test_unreadable_model(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.onnx").write_bytes(content)
    with pytest.raises(EngineError, match=r"m\.onnx: is not a readable ONNX model") as caught:
        opened(tmp_path)
    assert caught.value.where == place("model")


def test_truncated_model(tmp_path: Path) -> None:
    model = write_constant_model(tmp_path / "m.onnx", VALUES)
    model.write_bytes(model.read_bytes()[:-40])
    with pytest.raises(EngineError, match="not a readable ONNX model"):
        opened(tmp_path)


def test_opset_of_the_future_names_both(tmp_path: Path) -> None:
    write_one_node_model(tmp_path / "m.onnx", opset=99)
    with pytest.raises(
        EngineError, match=r"m\.onnx: is of opset 99 of ai\.onnx; .* up to \d\d "
    ) as e:
        opened(tmp_path)
    assert e.value.where == place("model")
    assert "opset" in e.value.hint
    assert "install a newer onnxruntime" in e.value.hint


def test_format_of_the_future_names_both(tmp_path: Path) -> None:
    write_one_node_model(tmp_path / "m.onnx", ir_version=99)
    with pytest.raises(EngineError, match=r"is of ONNX IR version 99; .* up to \d+ "):
        opened(tmp_path)


@pytest.mark.parametrize(("domain", "name"), [("", "Wibble"), ("com.acme", "com.acme:Wibble")])
def test_unknown_operator_is_named(tmp_path: Path, domain: str, name: str) -> None:
    write_one_node_model(tmp_path / "m.onnx", "Wibble", domain=domain)
    with pytest.raises(EngineError, match=f"needs the operator {name}, which"):
        opened(tmp_path)


@pytest.mark.parametrize("dtype", [TensorProto.BFLOAT16, TensorProto.STRING])
def test_elements_that_numpy_lacks_are_refused(tmp_path: Path, dtype: int) -> None:
    write_one_node_model(tmp_path / "m.onnx", "Identity", dtype=dtype)
    with pytest.raises(ModelError, match=r'"x" is tensor\(\w+\), which numpy cannot hold'):
        opened(tmp_path)


def test_model_that_fails_at_run_time_is_one_clean_error(tmp_path: Path) -> None:
    wanted = np.array([7, -1], np.int64)
    write_one_node_model(tmp_path / "m.onnx", "Reshape", shape=("n", 3, "h", "w"), constant=wanted)
    engine = opened(tmp_path)
    assert engine.run([np.zeros((1, 3, 7, 7), np.float32)])[0].shape == (7, 21)
    with pytest.raises(EngineError, match=r"Reshape.*\{1,3,5,5\}, requested shape:\{7,-1\}") as e:
        engine.run([np.zeros((1, 3, 5, 5), np.float32)])
    for noise in ("\n", "[ONNXRuntimeError]", "onnxruntime_src", ".h:"):
        assert noise not in str(e.value)


def test_free_height_and_width(tmp_path: Path) -> None:
    write_convolution_model(tmp_path / "m.onnx", size="free")
    engine = opened(tmp_path)
    for height, width in ((8, 16), (24, 4)):
        features, sums = engine.run([np.ones((1, 3, height, width), np.float32)])
        assert features.shape == (1, 4, height, width)
        assert sums.shape == (1, 4)


def test_external_weights_belong_to_the_model(tmp_path: Path) -> None:
    write_constant_model(tmp_path / "m.onnx", VALUES, external="weights.bin")
    np.testing.assert_array_equal(opened(tmp_path).run([IMAGE])[0], VALUES["output"])
    assert files_of(entry(), tmp_path) == (tmp_path / "m.onnx", tmp_path / "weights.bin")
    (tmp_path / "weights.bin").unlink()
    with pytest.raises(EngineError, match=r"weights\.bin.*not there") as caught:
        opened(tmp_path)
    assert caught.value.where == place("model")
