"""How a benchmark is run, apart from what its file says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Measure: TypeAlias = Literal["sample", "latency", "throughput"]
"""What a run times: latency on a sample of frames, latency on all, or throughput."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Choices of one run; none changes what is found, but `allow_damaged`."""

    allow_damaged: bool = False
    """Score what decodes of damaged clips."""
    measure: Measure = "sample"
    n_jobs: int = 1
    """Processes that run clips side by side."""
    cache: bool = True
    """Take detections from the cache, and keep new ones there."""
