from __future__ import annotations

import inspect
import itertools
from pathlib import Path

import numpy as np
import pytest

from tests.engines.tensor_rt.fake_tensorrt import World
from tests.engines.tensor_rt.sites import RANGE, image, open_echo
from vbench.engines.tensor_rt import api, library
from vbench.errors import EngineError

OPENING = [
    "Runtime", "deserialize_cuda_engine", "create_execution_context", "Builder", "create_network",
    "OnnxParser", "parse_from_file", "create_builder_config", "create_optimization_profile",
    "set_shape", "__bool__", "add_optimization_profile", "create_timing_cache", "set_timing_cache",
    "build_serialized_network", "load_library", "init_libnvinfer_plugins",
]  # fmt: skip
RUNNING = {
    "set_input_shape": r"take images with shape \[1, 3, 4, 4\]",
    "infer_shapes": "infer shapes without images",
    "set_tensor_address": "take an address for images",
    "execute_async_v3": "execute the engine",
}


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
    assert caught.value.where in ("p.yaml:7: engine.model", "p.yaml:7: engine.type")
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
    with pytest.raises(EngineError, match=f"refused to {RUNNING[call]}: {call} was made to fail"):
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
