"""The small benchmark in a repository of its own, as a CI system checks it out."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.bench.conftest import finished, written
from tests.bench.runs import run_quietly
from tests.bench.small import set_gates

__all__ = ["finished", "written"]

BENCHMARK = "benchmarks/dock/benchmark.yaml"


@pytest.fixture(scope="session")
def earlier(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an earlier run that passed."""
    folder = tmp_path_factory.mktemp("earlier")
    shutil.copytree(written, folder / "benchmark")
    set_gates(folder / "benchmark" / "benchmark.yaml", "{metric: recall, min: 0.4}")
    return run_quietly(folder / "benchmark", folder / "run").folder.path


@pytest.fixture
def workspace(written: Path, tmp_path: Path) -> Path:
    """A Git repository with the benchmark in a folder; v1 misses everything at night."""
    folder = tmp_path / "workspace"
    shutil.copytree(written, folder / "benchmarks" / "dock")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    return folder


@pytest.fixture
def passing(workspace: Path) -> Path:
    set_gates(workspace / BENCHMARK, "{metric: recall, class: person, min: 0.4}")
    return workspace


@pytest.fixture
def failing(workspace: Path) -> Path:
    set_gates(
        workspace / BENCHMARK,
        "{metric: recall, class: person, min: 0.9}",
        "{metric: fp_per_camera_hour, max: 0, level: warn}",
    )
    return workspace


@pytest.fixture
def undecided(workspace: Path) -> Path:
    set_gates(workspace / BENCHMARK, "{metric: recall, class: person, min: 0.4, min_n: 1000}")
    return workspace
