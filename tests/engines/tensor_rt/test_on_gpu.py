"""The engine on a real GPU; `benchmarks/gpu/check.py` does more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.engines.onnx_models import write_echo_model
from tests.engines.tensor_rt.sites import entry, site
from vbench.engines.tensor_rt.engine import open_engine
from vbench.errors import EngineError

pytestmark = [pytest.mark.gpu, pytest.mark.usefixtures("real_gpu")]


@pytest.mark.parametrize("cuda_graph", [False, True])
def test_an_echo(tmp_path: Path, cuda_graph: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VBENCH_CACHE", str(tmp_path))
    write_echo_model(tmp_path / "m.onnx", (None, 3, 4, 4))
    profile = {"images": {"min": [1, 3, 4, 4], "opt": [2, 3, 4, 4], "max": [4, 3, 4, 4]}}
    opened = entry(model="m.onnx", profile=profile, cuda_graph=cuda_graph)
    engine = open_engine(opened, site(tmp_path))
    random = np.random.default_rng(1)
    try:
        for n in (1, 1, 4, 4, 2):
            image = random.random((n, 3, 4, 4), np.float32)
            np.testing.assert_array_equal(engine.run([image])[0], image)
        with pytest.raises(EngineError, match="built for other shapes"):
            engine.run([np.zeros((5, 3, 4, 4), np.float32)])
    finally:
        engine.close()


def test_a_plan_cut_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VBENCH_CACHE", str(tmp_path))
    write_echo_model(tmp_path / "m.onnx", (1, 3, 4, 4))
    open_engine(entry(model="m.onnx"), site(tmp_path)).close()
    (plan,) = (tmp_path / "engines").glob("*.plan")
    data = plan.read_bytes()
    plan.write_bytes(data[: len(data) // 2])
    # Not used: it is not what was kept. The engine is built again.
    open_engine(entry(model="m.onnx"), site(tmp_path)).close()
