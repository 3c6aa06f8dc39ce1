"""What a metric is without a clip or a block of frames, for metrics that boxes cannot explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.metrics.resampled import Blocks, RowSample
from vbench.types import Cause, GoldenSet

MAX_CLIPS = 5
MAX_STRETCHES = 3
_NEAR_WORST = 0.5
"""Blocks are named that recover at least this part of what the worst one does."""
_NO_GAIN = 1e-9
"""Less than this, relative to the value, is rounding."""


@dataclass(frozen=True, slots=True)
class Merit:
    """The observed value, and which way is better."""

    value: float
    more: bool

    def gain(self, recovered: float) -> float:
        """How much better a value is; 0 for a difference that is rounding."""
        gain = recovered - self.value if self.more else self.value - recovered
        return gain if abs(gain) > _NO_GAIN * max(1.0, abs(self.value)) else 0.0

    def ranked(self, causes: Sequence[Cause], n: int) -> list[Cause]:
        """The n that recover most; those of which that is unknown last, by errors."""

        def order(cause: Cause) -> tuple[float, int]:
            gain = 0.0 if cause.recovered is None else self.gain(cause.recovered)
            return -gain, -(cause.n_errors or 0)

        return sorted(causes, key=order)[:n]


def clips_left_out(golden_set: GoldenSet, merit: Merit, sample: RowSample) -> list[Cause]:
    """Clips without which a metric that is not made of errors is better."""
    causes = [
        Cause("clip", clip.id, None, None, None, float(without))
        for clip, without in zip(golden_set.clips, sample.without_clip, strict=True)
        if np.isfinite(without) and merit.gain(float(without)) > 0
    ]
    return merit.ranked(causes, MAX_CLIPS)


def blocks_left_out(
    golden_set: GoldenSet, merit: Merit, sample: RowSample, blocks: Blocks
) -> list[Cause]:
    """Blocks of frames without which it is better, the worst and those near it."""
    gains = [
        merit.gain(float(without)) if np.isfinite(without) else 0.0
        for without in sample.without_block
    ]
    worst = max(gains, default=0.0)
    causes = [
        Cause(
            "stretch",
            golden_set.clips[int(blocks.clip[k])].id,
            (int(blocks.first_frame[k]), int(blocks.last_frame[k])),
            None,
            None,
            float(sample.without_block[k]),
        )
        for k, gain in enumerate(gains)
        if gain > 0 and gain >= _NEAR_WORST * worst
    ]
    return merit.ranked(causes, MAX_STRETCHES)
