"""The small benchmark, and the command line called in this process."""

from __future__ import annotations

from tests.bench.conftest import finished, small, written
from tests.cli.invoke import vbench

__all__ = ["finished", "small", "vbench", "written"]
