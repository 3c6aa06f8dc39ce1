"""How long frames took: latency per stage and end to end, throughput."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.metrics.values import Value, undefined
from vbench.stats import percentiles
from vbench.types import F64, Timings

DECODE_STAGE = "decode"
"""The stage that is no part of the pipeline: latency starts at the decoded frame."""

LATENCY_NAMES = ("latency_ms_p50", "latency_ms_p95", "latency_ms_p99")
THROUGHPUT_NAME = "throughput_fps"
_PERCENTS = (50.0, 95.0, 99.0)
_NS_PER_MS = 1e6
_NS_PER_S = 1e9


def latency_values(timings: Sequence[Timings | None]) -> list[tuple[str | None, Value]]:
    """Latency and throughput over some clips, warm-up frames left out.

    End to end (stage None) is the sum of all stages but ``decode``; every stage, ``decode``
    included, follows on its own. Throughput is frames by the time of all stages one after the
    other, ``decode`` included. Percentiles: `vbench.stats.percentiles`.

    Returns:
        (stage or None, value) pairs.
    """
    taken = [clip for clip in timings if clip is not None]
    usable = [clip for clip in taken if clip.mode == "latency" and len(clip.steady())]
    if not usable:
        reason = _why_none(taken)
        return [(None, value) for value in undefined((*LATENCY_NAMES, THROUGHPUT_NAME), reason)]
    end_to_end = [clip.steady()[:, _counts(clip)].sum(axis=1) for clip in usable]
    whole_ns = sum(int(clip.steady().sum()) for clip in usable)
    n_frames = sum(len(clip.steady()) for clip in usable)
    rows: list[tuple[str | None, Value]] = [
        (None, value) for value in _percentile_values(np.concatenate(end_to_end) / _NS_PER_MS)
    ]
    if whole_ns > 0:
        fps = n_frames / (whole_ns / _NS_PER_S)
        rows.append((None, Value(THROUGHPUT_NAME, fps, None, n_frames)))
    else:
        rows += [(None, v) for v in undefined((THROUGHPUT_NAME,), "all times are zero", n_frames)]
    for stage in dict.fromkeys(stage for clip in usable for stage in clip.stages):
        samples = [
            clip.steady()[:, clip.stages.index(stage)] for clip in usable if stage in clip.stages
        ]
        rows += [(stage, v) for v in _percentile_values(np.concatenate(samples) / _NS_PER_MS)]
    return rows


def _counts(clip: Timings) -> list[int]:
    """Columns of the stages that are part of the pipeline."""
    return [k for k, stage in enumerate(clip.stages) if stage != DECODE_STAGE]


def _percentile_values(samples_ms: F64) -> list[Value]:
    return [
        Value(name, float(value), None, len(samples_ms))
        for name, value in zip(LATENCY_NAMES, percentiles(samples_ms, _PERCENTS), strict=True)
    ]


def _why_none(taken: Sequence[Timings]) -> str:
    if not taken:
        return "no timings were taken: replayed results have none"
    if all(clip.mode != "latency" for clip in taken):
        return "timed in throughput mode, where stages overlap"
    return "no timed frames are left after the warm-up"
