"""The small benchmark's finished run."""

from __future__ import annotations

from tests.bench.conftest import finished, written

__all__ = ["finished", "written"]
