from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.tensor_rt.fake_tensorrt import World, fake_tensorrt


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with fake_tensorrt(tmp_path / "cache") as made:
        yield made
