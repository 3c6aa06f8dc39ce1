from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.engines.onnx_models import write_constant_model, write_echo_model
from tests.engines.tensor_rt.fake_tensorrt import World, fake_tensorrt, make_plan
from tests.engines.tensor_rt.sites import FIXED, FREE, RANGE, entry, image, open_echo, site
from vbench.engines.protocol import TensorInfo
from vbench.engines.tensor_rt import cuda, library
from vbench.engines.tensor_rt.engine import files_of, open_engine
from vbench.errors import EngineError, MissingDependencyError

real_load_driver = cuda.load_driver


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
    assert world.gpu.n_users_at_release == 0
    with pytest.raises(EngineError, match="closed"):
        engine.run([image()])


def test_outputs_belong_to_the_caller(world: World, tmp_path: Path) -> None:
    engine = open_echo(tmp_path)
    first = engine.run([image(value=1)])[0]
    engine.run([image(value=2)])
    engine.close()
    np.testing.assert_array_equal(first, image(value=1))


def test_a_thread_may_open_and_another_run(world: World, tmp_path: Path) -> None:
    engine = open_echo(tmp_path)
    with ThreadPoolExecutor(1) as pool:
        (echo,) = pool.submit(engine.run, [image()]).result()
        np.testing.assert_array_equal(echo, image())
        pool.submit(engine.close).result()
    assert world.gpu.is_clean


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


def test_tensors_that_do_not_fit(world: World, tmp_path: Path) -> None:
    engine = open_echo(tmp_path)
    with pytest.raises(EngineError, match="1 tensors, given 2"):
        engine.run([image(), image()])
    with pytest.raises(EngineError, match="float64"):
        engine.run([image().astype(np.float64)])
    with pytest.raises(EngineError, match=r"\[2, 3, 4, 4\]"):
        engine.run([image(2)])
    engine.close()


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


def test_an_old_tensorrt_is_refused(tmp_path: Path) -> None:
    with (
        fake_tensorrt(tmp_path / "cache", version="8.6.1.6"),
        pytest.raises(EngineError, match=r"8\.6\.1\.6 is installed; vbench needs 10 or 11"),
    ):
        open_echo(tmp_path)
