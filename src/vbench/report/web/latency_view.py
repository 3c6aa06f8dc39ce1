"""How long frames took over the run, and how many came later than their camera's next frame."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.metrics.latency import NS_PER_S, is_overlapped, is_timed, stage_ms
from vbench.record.folder import RunFolder
from vbench.record.shards import read_timings
from vbench.types import F64, I64, ClipResult, Run, Timings

MAX_BINS = 160
"""Points of a line; 400 would be finer than the drawing."""


@dataclass(frozen=True, slots=True)
class TimeSeries:
    """One pipeline on one golden set: B bins of timed frames, in the order of the run."""

    pipeline: str
    series: int
    """Which pipeline of the run it is."""
    unit: str
    """``ms``, or ``frames/s`` where steps overlapped."""
    first: I64
    """(B,) timed frames of this pipeline and set before each bin."""
    n: I64
    """(B,) frames in it."""
    middle: F64
    """(B,) median, ms; or frames per second."""
    low: F64
    """(B,) least ms; NaN in a throughput run."""
    high: F64
    """(B,) most ms; NaN in a throughput run."""
    clip: tuple[str, ...]
    """(B,) clip of the first frame."""
    n_frames: int
    """Timed frames after the warm-up."""
    n_late: int
    """Of these, frames that took longer than their clip has between two frames."""
    late_of: int
    """Of how many that can be said: frames of clips with a frame rate."""


@dataclass(frozen=True, slots=True)
class LatencyView:
    """All pipelines that were timed on one golden set."""

    series: tuple[TimeSeries, ...]
    interval_ms: float | None
    """Time between two frames of the camera, where all clips have the same; else None."""


def read_latency(folder: RunFolder, run: Run, golden_set: str) -> LatencyView:
    """Read the times of one golden set's clips.

    Raises:
        RunFolderError: times are broken.
    """
    clips = [clip for clip in run.clips if clip.golden_set == golden_set]
    made = []
    for number, pipeline in enumerate(run.pipelines):
        timed = [
            (clip, times)
            for clip in clips
            if (times := read_timings(folder.timings(pipeline.name, clip.id))) is not None
        ]
        one = time_series(pipeline.name, number, timed)
        if one is not None:
            made.append(one)
    rates = {round(clip.facts.fps, 3) for clip in clips if clip.facts.fps > 0}
    interval_ms = 1e3 / rates.pop() if len(rates) == 1 else None
    return LatencyView(tuple(made), interval_ms)


def time_series(
    pipeline: str, series: int, timed: Sequence[tuple[ClipResult, Timings]]
) -> TimeSeries | None:
    """One pipeline's times; None where no frame was timed.

    Args:
        pipeline: its name.
        series: its number.
        timed: clips in the order of the run, with their times.
    """
    if is_overlapped([times for _, times in timed]):
        used = [(clip, times.steady_ns()) for clip, times in timed]
        return _throughput_series(pipeline, series, used)
    samples = [(clip, stage_ms(times, None)) for clip, times in timed if is_timed(times)]
    if not samples:
        return None
    values = np.concatenate([found for _, found in samples])
    edges, names = _bins([clip.id for clip, _ in samples], [len(found) for _, found in samples])
    late = late_of = 0
    for clip, found in samples:
        if clip.facts.fps > 0:
            late += int((found > 1e3 / clip.facts.fps).sum())
            late_of += len(found)
    parts = [values[a:b] for a, b in itertools.pairwise(edges)]
    return TimeSeries(
        pipeline=pipeline,
        series=series,
        unit="ms",
        first=edges[:-1],
        n=np.diff(edges),
        middle=np.array([np.median(part) for part in parts]),
        low=np.minimum.reduceat(values, edges[:-1]),
        high=np.maximum.reduceat(values, edges[:-1]),
        clip=names,
        n_frames=len(values),
        n_late=late,
        late_of=late_of,
    )


def _throughput_series(
    pipeline: str, series: int, timed: Sequence[tuple[ClipResult, I64]]
) -> TimeSeries | None:
    timed = [(clip, kept_ns) for clip, kept_ns in timed if len(kept_ns)]
    if not timed:
        return None
    kept_ns = np.concatenate([found for _, found in timed])
    edges, names = _bins([clip.id for clip, _ in timed], [len(found) for _, found in timed])
    whole_s = np.add.reduceat(kept_ns, edges[:-1]) / NS_PER_S
    n = np.diff(edges)
    rate = np.divide(n, whole_s, out=np.full(len(n), np.nan), where=whole_s > 0)
    nothing = np.full(len(n), np.nan)
    return TimeSeries(
        pipeline=pipeline,
        series=series,
        unit="frames/s",
        first=edges[:-1],
        n=n,
        middle=rate,
        low=nothing,
        high=nothing,
        clip=names,
        n_frames=len(kept_ns),
        n_late=0,
        late_of=0,
    )


def _bins(names: Sequence[str], lengths: Sequence[int]) -> tuple[I64, tuple[str, ...]]:
    """Edges of at most `MAX_BINS` bins of nearly equal length, and the clip each starts in."""
    total = sum(lengths)
    n_bins = min(MAX_BINS, total)
    edges = np.linspace(0, total, n_bins + 1).astype(np.int64)
    ends = np.cumsum(lengths)
    at = np.searchsorted(ends, edges[:-1], side="right")
    return edges, tuple(names[k] for k in at.tolist())
