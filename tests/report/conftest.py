"""Run folders that reports are rendered from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.report.made_plan import decided_plan, demo_plan
from tests.report.made_run import make_run
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.report.web.html import render_html
from vbench.types import Run


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Three pipelines, six clips, failures, warnings, undefined metrics, pictures. Read only."""
    return make_run(tmp_path_factory.mktemp("demo") / "run", demo_plan())


@pytest.fixture(scope="session")
def demo_run(demo_folder: RunFolder) -> Run:
    return read_run(demo_folder)


@pytest.fixture(scope="session")
def decided_folder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The same footage judged with confidence, every form of gate in it. Read only."""
    return make_run(tmp_path_factory.mktemp("decided") / "run", decided_plan())


@pytest.fixture(scope="session")
def decided_run(decided_folder: RunFolder) -> Run:
    return read_run(decided_folder)


@pytest.fixture(scope="session")
def demo_html(demo_folder: RunFolder) -> str:
    return render_html(demo_folder)


@pytest.fixture(scope="session")
def decided_html(decided_folder: RunFolder) -> str:
    return render_html(decided_folder)


@pytest.fixture
def run_path(tmp_path: Path) -> Path:
    return tmp_path / "run"
