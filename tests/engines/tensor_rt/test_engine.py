from __future__ import annotations

import hashlib
import inspect
import itertools
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.engines.onnx_models import write_constant_model, write_echo_model
from tests.engines.tensor_rt.fake_tensorrt import World, fake_tensorrt, make_plan
from tests.engines.tensor_rt.sites import entry, site
from vbench.bench.engine_build import build_engine
from vbench.engines.protocol import TensorInfo
from vbench.engines.tensor_rt import api, cuda, library
from vbench.engines.tensor_rt.cache import cache_folder
from vbench.engines.tensor_rt.engine import TensorRtEngine, files_of, open_engine
from vbench.engines.tensor_rt.settings import BuildSettings
from vbench.errors import ConfigError, EngineError, ExitCode, MissingDependencyError, ModelError

real_load_driver = cuda.load_driver

FIXED = (1, 3, 4, 4)
FREE = (None, 3, 4, 4)
RANGE = {"images": {"min": [1, 3, 4, 4], "opt": [2, 3, 4, 4], "max": [4, 3, 4, 4]}}


def image(n: int = 1, value: float = 1.5) -> np.ndarray:
    return np.full((n, 3, 4, 4), value, np.float32)


def open_echo(folder: Path, **more: object) -> TensorRtEngine:
    write_echo_model(folder / "m.onnx", FREE if "profile" in more else FIXED)
    return open_engine(entry(model="m.onnx", **more), site(folder))


def write_plan(world: World, folder: Path) -> str:
    model = write_echo_model(folder / "m.onnx", FIXED).read_bytes()
    plan = make_plan(world, model)
    (folder / "m.plan").write_bytes(plan)
    return hashlib.sha256(plan).hexdigest()


@pytest.mark.parametrize("cuda_graph", [False, True])
def test_builds_runs_and_frees(world: World, tmp_path: Path, cuda_graph: bool) -> None:
    engine = open_echo(tmp_path, cuda_graph=cuda_graph)
    assert engine.inputs == (TensorInfo("images", FIXED, "float32"),)
    assert engine.outputs == (TensorInfo("echo", FIXED, "float32"),)
    for value in (1.5, -2.0, 7.25):
        (echo,) = engine.run([image(value=value)])
        np.testing.assert_array_equal(echo, image(value=value))
    assert world.gpu.device_memory
    engine.close()
    engine.close()
    assert world.gpu.is_clean
    with pytest.raises(EngineError, match="closed"):
        engine.run([image()])


def test_outputs_belong_to_the_caller(world: World, tmp_path: Path) -> None:
    engine = open_echo(tmp_path)
    first = engine.run([image(value=1)])[0]
    engine.run([image(value=2)])
    engine.close()
    np.testing.assert_array_equal(first, image(value=1))


def test_info_says_what_runs(world: World, tmp_path: Path) -> None:
    engine = open_echo(tmp_path, cuda_graph=True)
    plan = next((tmp_path / "cache" / "engines").glob("*.plan"))
    digest = hashlib.sha256(plan.read_bytes()).hexdigest()
    assert engine.info.version == "11.4.0.106"
    assert engine.info.provider == (
        "Fake GPU, compute capability 9.0, driver unknown, float32 in, float32 out, CUDA graph, "
        f"plan {digest[:12]}"
    )
    engine.close()


def test_a_graph_is_captured_once_per_shape(world: World, tmp_path: Path) -> None:
    engine = open_echo(tmp_path, cuda_graph=True, profile=RANGE)
    captures = launches = 0
    for n in (1, 1, 1, 3, 3, 1):
        (echo,) = engine.run([image(n, value=n)])
        np.testing.assert_array_equal(echo, image(n, value=n))
        captures = world.gpu.calls.count("cuStreamBeginCapture_v2")
        launches = world.gpu.calls.count("cuGraphLaunch")
    # The first run with new shapes warms up; those after it launch the graph.
    assert (captures, launches) == (3, 3)
    engine.close()
    assert world.gpu.is_clean


def test_shapes_change_without_a_graph(world: World, tmp_path: Path) -> None:
    engine = open_echo(tmp_path, profile=RANGE)
    assert engine.inputs[0].shape == FREE
    for n in (1, 4, 2):
        assert engine.run([image(n)])[0].shape == (n, 3, 4, 4)
    with pytest.raises(EngineError, match=r"other shapes: images \[1, .*to \[4, .*not \[5, "):
        engine.run([image(5)])
    assert engine.run([image(2)])[0].shape == (2, 3, 4, 4)
    engine.close()
    assert world.gpu.is_clean


def test_the_profile_that_fits_is_chosen(world: World, tmp_path: Path) -> None:
    model = write_echo_model(tmp_path / "m.onnx", FREE).read_bytes()
    profiles: list[dict[str, list[tuple[int, ...]]]] = [
        {"images": [(n, 3, 4, 4), (n, 3, 4, 4), (n + 1, 3, 4, 4)]} for n in (1, 3)
    ]
    plan = make_plan(world, model, profiles)
    (tmp_path / "m.plan").write_bytes(plan)
    pinned = entry(plan="m.plan", sha256=hashlib.sha256(plan).hexdigest())
    engine = open_engine(pinned, site(tmp_path))
    for n in (1, 4, 2):
        assert engine.run([image(n)])[0].shape == (n, 3, 4, 4)
    assert world.calls.count("set_optimization_profile_async") == 2
    world.refuse.add("set_optimization_profile_async")
    with pytest.raises(EngineError, match="refused to change to profile 1: set_optimization"):
        engine.run([image(4)])
    engine.close()
    assert world.gpu.is_clean


OPENING = [
    "Runtime", "deserialize_cuda_engine", "create_execution_context", "Builder", "create_network",
    "OnnxParser", "parse_from_file", "create_builder_config", "create_optimization_profile",
    "set_shape", "__bool__", "add_optimization_profile", "create_timing_cache", "set_timing_cache",
    "build_serialized_network", "load_library", "init_libnvinfer_plugins",
]  # fmt: skip
RUNNING = ["set_input_shape", "infer_shapes", "set_tensor_address", "execute_async_v3"]


@pytest.mark.parametrize("call", OPENING)
def test_every_refusal_while_opening_is_an_error(world: World, tmp_path: Path, call: str) -> None:
    library._load_plugin.cache_clear()
    (tmp_path / "libplugin.so").write_bytes(b"plugin")
    more: dict[str, object] = {"profile": RANGE, "plugins": ["libplugin.so"]}
    world.refuse.add(call)
    with pytest.raises(EngineError) as caught:
        open_echo(tmp_path, **more)
    assert "not worth telling" not in str(caught.value)
    if call not in ("parse_from_file",):
        assert f"{call} was made to fail" in caught.value.what
    assert caught.value.hint
    assert world.gpu.is_clean
    open_echo(tmp_path, **more).close()
    assert world.gpu.is_clean


@pytest.mark.parametrize("cuda_graph", [False, True])
@pytest.mark.parametrize("call", RUNNING)
def test_every_refusal_while_running_is_an_error(
    world: World, tmp_path: Path, call: str, cuda_graph: bool
) -> None:
    engine = open_echo(tmp_path, cuda_graph=cuda_graph)
    world.refuse.add(call)
    with pytest.raises(EngineError, match=f"{call} was made to fail"):
        engine.run([image()])
    np.testing.assert_array_equal(engine.run([image()])[0], image())
    engine.close()
    assert world.gpu.is_clean


def test_every_call_that_can_say_no_is_tried() -> None:
    """Whatever in api.py answers a bool or None is in one of the tests above."""
    tried = {*OPENING, *RUNNING, "set_optimization_profile_async"}
    for protocol in vars(api).values():
        if not inspect.isclass(protocol) or protocol.__module__ != api.__name__:
            continue
        for name, method in vars(protocol).items():
            answer = getattr(method, "__annotations__", {}).get("return", "")
            can_say_no = answer == "bool" or answer.endswith("| None")
            # An input that is out of range is never asked for.
            if can_say_no and name != "get_input":
                assert name in tried, f"{protocol.__name__}.{name}"


def test_a_capture_that_fails_says_so(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_echo(tmp_path, cuda_graph=True)
    plain, n_executions = world.refuses, itertools.count()

    def refuses(name: str) -> bool:
        return (name == "execute_async_v3" and next(n_executions) == 1) or plain(name)

    monkeypatch.setattr(world, "refuses", refuses)
    with pytest.raises(EngineError, match="cannot be captured as a CUDA graph") as caught:
        engine.run([image()])
    assert "cuda_graph" in caught.value.hint
    assert not world.gpu.capturing
    engine.close()
    assert world.gpu.is_clean


def driver_calls(folder: Path, world: World) -> set[str]:
    live_once(folder)
    return set(world.gpu.calls)


def live_once(folder: Path) -> None:
    engine = open_echo(folder, cuda_graph=True)
    engine.run([image()])
    engine.run([image()])
    engine.close()


def test_every_error_of_the_driver_is_an_error(world: World, tmp_path: Path) -> None:
    for call in sorted(driver_calls(tmp_path, world)):
        world.gpu.fail = {call: 1}
        with pytest.raises(EngineError, match=f"{call} failed: CUDA_ERROR_INVALID_VALUE, it was"):
            live_once(tmp_path)
        assert not world.gpu.fail, call


def test_out_of_memory(world: World, tmp_path: Path) -> None:
    engine = open_echo(tmp_path)
    world.gpu.total_bytes = 10
    with pytest.raises(EngineError, match=r"out of memory for 192 bytes \(cuMemAlloc_v2\)"):
        engine.run([image()])
    engine.close()
    assert world.gpu.is_clean


def test_built_once(world: World, tmp_path: Path) -> None:
    open_echo(tmp_path).close()
    open_echo(tmp_path).close()
    assert world.n_builds == 1
    open_echo(tmp_path, tf32=True).close()
    assert world.n_builds == 2
    # The second build starts from what the first one measured.
    assert world.timing_caches == [b"", b"+"]


def test_settings_reach_the_builder(world: World, tmp_path: Path) -> None:
    open_echo(tmp_path).close()
    assert (world.flags, world.workspace, world.level) == (set(), None, 3)
    assert world.network_flags == 0
    open_echo(tmp_path, tf32=True, workspace_mib=64, optimization_level=5).close()
    assert (world.flags, world.workspace, world.level) == ({"TF32"}, 64 << 20, 5)


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


def test_tensors_that_do_not_fit(world: World, tmp_path: Path) -> None:
    engine = open_echo(tmp_path)
    with pytest.raises(EngineError, match="1 tensors, given 2"):
        engine.run([image(), image()])
    with pytest.raises(EngineError, match="float64"):
        engine.run([image().astype(np.float64)])
    with pytest.raises(EngineError, match=r"\[2, 3, 4, 4\]"):
        engine.run([image(2)])
    engine.close()


def test_all_parser_errors_are_told(world: World, tmp_path: Path) -> None:
    world.refuse.add("parse_from_file")
    world.parser_errors = [
        ("nms_1", "NonMaxWrong", "no importer"),
        ("", "", "second"),
        *[(f"n{i}", "Op", "again") for i in range(5)],
    ]
    with pytest.raises(EngineError) as caught:
        open_echo(tmp_path)
    assert "NonMaxWrong nms_1: no importer; second; Op n0: again" in caught.value.what
    assert "and 2 more" in caught.value.what


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ({}, r"input images \[\?, 3, 4, 4\] has free axes.*profile: \{images: "),
        ({"image": [1, 3, 4, 4]}, '"image", which is no input.*its inputs are images'),
        ({"images": [1, 3, 4, 5]}, r"the shape \[1, 3, 4, 5\]; the model has \[\?, 3, 4, 4\]"),
        ({"images": [1, 3, 4]}, r"the shape \[1, 3, 4\]"),
    ],
)
def test_profiles_that_do_not_fit_the_model(
    world: World, tmp_path: Path, profile: dict[str, object], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        open_echo(tmp_path, profile=profile)
    assert world.gpu.is_clean


def test_one_shape_is_a_profile(world: World, tmp_path: Path) -> None:
    engine = open_echo(tmp_path, profile={"images": [2, 3, 4, 4]})
    assert engine.run([image(2)])[0].shape == (2, 3, 4, 4)
    engine.close()


def test_broken_models_are_named_before_tensorrt_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"garbage" * 99)
    with pytest.raises(EngineError, match="readable ONNX model"):
        open_engine(entry(model="m.onnx"), site(tmp_path))


def test_without_tensorrt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_echo_model(tmp_path / "m.onnx", FIXED)
    monkeypatch.setattr(library, "_MODULES", ("tensorrt_is_absent",))
    library.load_library.cache_clear()
    with pytest.raises(MissingDependencyError, match=r"not installed.*pip install 'vbench\[tensor"):
        open_engine(entry(model="m.onnx"), site(tmp_path))


def test_without_a_driver(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuda, "_LIBRARY", "libcuda_is_absent.so.1")
    monkeypatch.setattr(cuda, "load_driver", real_load_driver)
    real_load_driver.cache_clear()
    with pytest.raises(EngineError, match="no NVIDIA driver: libcuda_is_absent"):
        open_echo(tmp_path)


def test_device_id_counts_from_0(world: World, tmp_path: Path) -> None:
    world.gpu.n_devices = 2
    open_echo(tmp_path, device_id=1).close()
    with pytest.raises(EngineError, match="device_id 2, but there are 2 GPUs here"):
        open_echo(tmp_path, device_id=2)


def test_files_of(tmp_path: Path) -> None:
    values = {"output": np.ones((1, 2), np.float32)}
    write_constant_model(tmp_path / "m.onnx", values, external="weights.bin")
    model = entry(model="m.onnx", plugins=["p.so"])
    assert files_of(model, tmp_path) == tuple(
        tmp_path / name for name in ("m.onnx", "weights.bin", "p.so")
    )
    assert files_of(entry(plan="m.plan", sha256="0" * 64), tmp_path) == (tmp_path / "m.plan",)


def test_tensorrt_10_is_told_to_be_strongly_typed(tmp_path: Path) -> None:
    with fake_tensorrt(tmp_path / "cache", version="10.8.0.43") as world:
        open_echo(tmp_path).close()
        assert world.network_flags == 1 << 1


def test_an_old_tensorrt_is_refused(tmp_path: Path) -> None:
    with (
        fake_tensorrt(tmp_path / "cache", version="8.6.1.6"),
        pytest.raises(EngineError, match=r"8\.6\.1\.6 is installed; vbench needs 10 or 11"),
    ):
        open_echo(tmp_path)


def test_the_cache_is_where_the_variable_says(world: World, tmp_path: Path) -> None:
    open_echo(tmp_path).close()
    assert cache_folder() == tmp_path / "cache" / "engines"
    assert cache_folder().stat().st_mode & 0o077 == 0
