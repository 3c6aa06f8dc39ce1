"""Fixtures shared by all tests."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from uuid import uuid4

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]

# Nothing is taken from the user's cache, and nothing left there.
os.environ["VBENCH_CACHE"] = tempfile.mkdtemp(prefix="vbench-test-cache-")
atexit.register(shutil.rmtree, os.environ["VBENCH_CACHE"], ignore_errors=True)


@pytest.fixture(autouse=True)
def empty_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has a cache of its own."""
    monkeypatch.setenv("VBENCH_CACHE", str(tmp_path_factory.getbasetemp() / f"cache-{uuid4()}"))


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real footage: $VBENCH_REAL_DATA, or ../shared/real beside the checkout."""
    folder = Path(os.environ.get("VBENCH_REAL_DATA", REPOSITORY.parent / "shared" / "real"))
    if not folder.is_dir():
        pytest.skip("real footage is absent: set VBENCH_REAL_DATA to its folder")
    return folder
