"""How long each stage took on each frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from vbench.types.arrays import I64, check_column

TimingMode = Literal["latency", "throughput"]


@dataclass(frozen=True, slots=True)
class Timings:
    """Stage times of one clip and pipeline, one column per stage in execution order."""

    stages: tuple[str, ...]
    """Stage names, for example ``("decode", "detect.preprocess", "detect.infer", ...)``."""
    duration_ns: I64
    """(F, S) nanoseconds per frame and stage."""
    n_warmup: int
    """Leading frames that are kept here but left out of every statistic."""
    mode: TimingMode
    """How the times were taken: one frame at a time, or everything overlapped."""

    def __post_init__(self) -> None:
        check_column("Timings", "duration_ns", self.duration_ns, np.int64, (-1, len(self.stages)))
        if self.n_warmup < 0:
            raise ValueError(f"Timings.n_warmup: {self.n_warmup} is negative")

    def steady(self) -> I64:
        """(F - n_warmup, S) durations after the warm-up."""
        return self.duration_ns[self.n_warmup :]
