"""How a benchmark is run, apart from what its file says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from vbench.errors import InputError

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

    @property
    def uses_cache(self) -> bool:
        """Whoever asks for a measurement wants a new one."""
        return self.cache and self.measure == "sample"

    def check(self) -> None:
        """Raise InputError for choices that exclude each other."""
        if self.n_jobs > 1 and self.measure != "sample":
            raise InputError(
                f"--jobs {self.n_jobs} would take times of clips that run side by side",
                where=f"--measure {self.measure}",
                hint="--jobs 1 measures; without --measure, times are taken before the jobs begin",
            )
