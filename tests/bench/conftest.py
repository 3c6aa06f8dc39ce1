"""The small benchmark, fresh for each test, and one run of it that tests only look at."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.bench.small import write_small_benchmark
from vbench.bench.finished import FinishedRun
from vbench.bench.progress import NoProgress
from vbench.bench.run import run_benchmark


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small benchmark's folder; not to be changed."""
    folder = tmp_path_factory.mktemp("small") / "benchmark"
    write_small_benchmark(folder)
    return folder


@pytest.fixture
def small(written: Path, tmp_path: Path) -> Path:
    """A copy of the small benchmark's folder, to be changed."""
    return Path(shutil.copytree(written, tmp_path / "benchmark"))


@pytest.fixture(scope="session")
def finished(written: Path, tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """A run of the small benchmark; not to be changed."""
    out = tmp_path_factory.mktemp("finished") / "run"
    return run_benchmark(written, out, NoProgress(), report=False)
