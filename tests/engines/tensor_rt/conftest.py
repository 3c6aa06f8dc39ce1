from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.tensor_rt.fake_tensorrt import World, fake_tensorrt
from vbench.engines.tensor_rt import cuda, library
from vbench.engines.tensor_rt.cuda import Device
from vbench.errors import VbenchError


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """TensorRT, a driver and a GPU, all of Python."""
    with fake_tensorrt(tmp_path / "cache") as made:
        yield made


@pytest.fixture
def real_gpu() -> None:
    """TensorRT and a GPU: skips where there is none, fails where one was promised."""
    try:
        library.load_library()
        Device(cuda.load_driver(), 0).close()
    except VbenchError as error:
        if os.environ.get("FAIL_WITHOUT_GPU") == "1":
            pytest.fail(f"FAIL_WITHOUT_GPU=1, but {error.what}")
        pytest.skip(f"needs TensorRT and an NVIDIA GPU: {error.what}")
