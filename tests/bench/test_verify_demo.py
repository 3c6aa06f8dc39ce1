"""The demo's numbers are those of pycocotools."""

from __future__ import annotations

from pathlib import Path

import pytest

from vbench.bench.progress import NoProgress
from vbench.bench.run import run_benchmark
from vbench.bench.shipped import demo_benchmark
from vbench.bench.verify import verify_run


@pytest.mark.slow
def test_nothing_differs_in_the_demo_run(tmp_path: Path) -> None:
    run_benchmark(demo_benchmark(), tmp_path / "run", NoProgress(), report=False)
    verification = verify_run(tmp_path / "run")
    assert verification.ok
    assert verification.differences == ()
    # 2 pipelines, 3 classes and all together, 6 numbers each; the demo has no tracker.
    assert len(verification.comparisons) == 48
    assert len(verification.skipped) == 2
