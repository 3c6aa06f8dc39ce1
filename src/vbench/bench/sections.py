"""Which frames of a clip are timed one at a time, and which run overlapped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from vbench.bench.options import Measure

SAMPLE_FRAMES = 500
"""Frames whose latency is measured in a normal run, over all clips of a golden set."""
_LEAST_PER_CLIP = 30
_N_STRETCHES = 5
"""Places in a clip that the sample comes from, where the clip is long enough."""
_FRAMES_PER_STRETCH = 300
"""A clip of so many frames has one place more: overlapped work has to end before each."""
_LARGEST_PART = 40
"""One frame in so many, where that is more than the least."""
_SETTLING = 2
"""Frames run one at a time before a further stretch is timed: overlapped work leaves traces."""


@dataclass(frozen=True, slots=True)
class Section:
    """Consecutive frames of a clip."""

    n_frames: int | None
    """None: to the end of the clip."""
    overlapped: bool
    n_settling: int = 0
    """Of frames one at a time: so many at the start are not timed."""


def sections(
    n_frames: int, n_clips: int, n_warmup: int, measure: Measure | Literal["elsewhere"]
) -> Iterator[Section]:
    """A clip's frames in order, the last section to its end.

    In a normal run one frame in 40, at least 30 of each clip and up to `SAMPLE_FRAMES` of all
    together, run one at a time and are timed; so do the first `n_warmup` of each clip. The sample
    of a long clip comes from up to five places, evenly spread.

    Args:
        n_frames: of the clip.
        n_clips: of its golden set.
        n_warmup: frames at a clip's start that count in no statistic.
        measure: what the run times; ``elsewhere``: nothing, since another process does it.
    """
    if measure != "sample":
        yield Section(None, overlapped=measure != "latency")
        return
    wanted = n_sampled(n_frames, n_clips)
    if n_warmup + wanted >= n_frames:
        yield Section(None, overlapped=False)
        return
    n_behind = n_frames - n_warmup
    n_stretches = min(_N_STRETCHES, 1 + n_behind // _FRAMES_PER_STRETCH)
    stride = n_behind // n_stretches
    for k in range(n_stretches):
        n_timed = wanted // n_stretches + (k < wanted % n_stretches)
        n_settling = 0 if k == 0 else _SETTLING
        n_alone = (n_warmup if k == 0 else n_settling) + n_timed
        yield Section(n_alone, overlapped=False, n_settling=n_settling)
        n_overlapped = stride - n_settling - n_timed
        if k == n_stretches - 1:
            yield Section(None, overlapped=True)
        elif n_overlapped > 0:
            yield Section(n_overlapped, overlapped=True)


def n_sampled(n_frames: int, n_clips: int) -> int:
    """Frames of a clip whose latency is measured in a normal run, without the warm-up."""
    share = min(n_frames // _LARGEST_PART, -(-SAMPLE_FRAMES // n_clips))
    return min(n_frames, max(_LEAST_PER_CLIP, share))
