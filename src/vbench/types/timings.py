"""How long each stage took on each frame."""

from __future__ import annotations

from dataclasses import dataclass, field
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
    """(F, S) nanoseconds per timed frame and stage."""
    n_warmup: int
    """Leading rows that are kept here but left out of every statistic."""
    mode: TimingMode
    """How the times were taken: one frame at a time, or everything overlapped."""
    frame_index: I64
    """(F,) which frame of the clip each row is, ascending; not every frame need be timed."""
    interval_ns: I64 = field(default_factory=lambda: np.zeros(0, np.int64))
    """Throughput: (F,) from the answer before to this frame's answer; latency: (0,)."""
    input_paths: tuple[tuple[str, str], ...] = ()
    """Stage -> how its input tensor was made, ``fused`` or why not; of stages that have one."""

    def __post_init__(self) -> None:
        check_column("Timings", "duration_ns", self.duration_ns, np.int64, (-1, len(self.stages)))
        check_column("Timings", "frame_index", self.frame_index, np.int64, (len(self.duration_ns),))
        n_intervals = len(self.duration_ns) if self.mode == "throughput" else 0
        check_column("Timings", "interval_ns", self.interval_ns, np.int64, (n_intervals,))
        if self.n_warmup < 0:
            raise ValueError(f"Timings.n_warmup: {self.n_warmup} is negative")

    @classmethod
    def of_every_frame(
        cls, stages: tuple[str, ...], duration_ns: I64, n_warmup: int, mode: TimingMode = "latency"
    ) -> Timings:
        """Times of a clip of which every frame from the first on was timed."""
        n_frames = len(duration_ns)
        interval_ns = duration_ns.sum(axis=1) if mode == "throughput" else np.zeros(0, np.int64)
        return cls(stages, duration_ns, n_warmup, mode, np.arange(n_frames), interval_ns)

    def steady(self) -> I64:
        """(F - n_warmup, S) durations after the warm-up."""
        return self.duration_ns[self.n_warmup :]

    def steady_ns(self) -> I64:
        """(F - n_warmup,) how long each frame kept the pipeline: its stages, or its interval."""
        if self.mode == "throughput":
            return self.interval_ns[self.n_warmup :]
        kept_ns: I64 = self.steady().sum(axis=1)
        return kept_ns

    def steady_frames(self) -> I64:
        """(F - n_warmup,) the frames of these."""
        return self.frame_index[self.n_warmup :]
