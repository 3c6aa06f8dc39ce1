"""Latency and throughput under resampling: a timed frame belongs to where it is in its clip."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.kernels.resampled_percentiles import resampled_percentiles
from vbench.metrics.latency import (
    LATENCY_NAMES,
    LATENCY_PERCENTS,
    NS_PER_S,
    THROUGHPUT_NAME,
    has_stage,
    has_throughput,
    is_timed,
    stage_ms,
    stages_of,
)
from vbench.metrics.object_blocks import per
from vbench.metrics.resampled import Replicate
from vbench.types import F64, I32, Timings


def latency_replicates(
    timings: Sequence[Timings | None], unit_of_frame: Sequence[I32], weights: F64
) -> list[tuple[str | None, list[Replicate]]]:
    """Latency and throughput under resampling, as `latency_values`; empty where there are none.

    A row of times belongs to the unit of its frame; rows past the last frame to that of the last.

    Args:
        timings: per clip of a golden set, as `latency_values`.
        unit_of_frame: per clip (F,) the unit of each frame, block or clip, as `Blocks.of_frame`;
            -1 outside the scope, whose times take no part.
        weights: (B, U) how often each unit is drawn.

    Returns:
        (stage, replicates), None first for end to end and throughput.
    """
    placed = [
        (clip, _units(clip, units))
        for clip, units in zip(timings, unit_of_frame, strict=True)
        if clip is not None and has_throughput(clip) and (units >= 0).any()
    ]
    timed = [(clip, units) for clip, units in placed if is_timed(clip)]
    if not timed:
        return [(None, [_throughput(placed, weights)])] if placed else []
    replicates = [
        (stage, _percentiles(_samples(timed, stage), weights))
        for stage in (None, *stages_of([clip for clip, _ in timed]))
    ]
    replicates[0][1].append(_throughput(timed, weights))
    return replicates


def _units(clip: Timings, unit_of_frame: I32) -> I32:
    """(frames after the warm-up,) the unit of each timed frame."""
    return unit_of_frame[np.minimum(clip.steady_frames(), len(unit_of_frame) - 1)]


def _samples(timed: Sequence[tuple[Timings, I32]], stage: str | None) -> tuple[F64, I32]:
    """(N,) times of one stage, or end to end, and their units."""
    chosen = [(stage_ms(clip, stage), units) for clip, units in timed if has_stage(clip, stage)]
    samples_ms = np.concatenate([times for times, _ in chosen])
    units = np.concatenate([units for _, units in chosen])
    return samples_ms[units >= 0], units[units >= 0]


def _percentiles(samples: tuple[F64, I32], weights: F64) -> list[Replicate]:
    samples_ms, units = samples
    n_frames = np.bincount(units, minlength=weights.shape[1]).astype(np.float64)
    values = resampled_percentiles(samples_ms, units, weights, LATENCY_PERCENTS)
    return [
        Replicate(name, of_name, n_frames)
        for name, of_name in zip(LATENCY_NAMES, values, strict=True)
    ]


def _throughput(timed: Sequence[tuple[Timings, I32]], weights: F64) -> Replicate:
    """Frames by the time that they kept the pipeline, as in `latency_values`."""
    n_units = weights.shape[1]
    n_frames, time_s = np.zeros(n_units), np.zeros(n_units)
    for clip, units in timed:
        inside = units >= 0
        n_frames += np.bincount(units[inside], minlength=n_units)
        time_s += np.bincount(
            units[inside], weights=clip.steady_ns()[inside] / NS_PER_S, minlength=n_units
        )
    return Replicate(THROUGHPUT_NAME, per(weights @ n_frames, weights @ time_s), n_frames)
