"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


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
