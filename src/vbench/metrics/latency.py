"""How long frames took: latency per stage and end to end, throughput."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.metrics.values import Value, undefined
from vbench.stats import percentiles
from vbench.types import F64, I64, Timings

DECODE_STAGE = "decode"
"""The stage that is no part of the pipeline: latency starts at the decoded frame."""

LATENCY_NAMES = ("latency_ms_p50", "latency_ms_p95", "latency_ms_p99")
THROUGHPUT_NAME = "throughput_fps"
LATENCY_PERCENTS = (50.0, 95.0, 99.0)
_NS_PER_MS = 1e6
NS_PER_S = 1e9


def latency_values(timings: Sequence[Timings | None]) -> list[tuple[str | None, Value]]:
    """Latency and throughput over some clips, warm-up frames left out.

    End to end (stage None) is the sum of all stages but ``decode``; every stage, ``decode``
    included, follows on its own. Percentiles: `vbench.stats.percentiles`. Throughput is frames by
    the time that they kept the pipeline: of all stages one after the other, ``decode`` included,
    or, where stages overlapped, from answer to answer; then there is no latency.

    Returns:
        (stage or None, value) pairs.
    """
    taken = [clip for clip in timings if clip is not None]
    usable = [clip for clip in taken if is_timed(clip)]
    rows: list[tuple[str | None, Value]] = []
    for stage in (None, *stages_of(usable)) if usable else ():
        samples_ms = [stage_ms(clip, stage) for clip in usable if has_stage(clip, stage)]
        rows += [(stage, value) for value in _percentile_values(np.concatenate(samples_ms))]
        if stage is None:
            rows.append((None, _throughput(usable)))
    if usable:
        return rows
    overlapped = [clip for clip in taken if has_throughput(clip)]
    reason = _why_none(taken)
    rows = [(None, value) for value in undefined(LATENCY_NAMES, reason)]
    if overlapped:
        return [*rows, (None, _throughput(overlapped))]
    return [*rows, *((None, value) for value in undefined((THROUGHPUT_NAME,), reason))]


def _throughput(clips: Sequence[Timings]) -> Value:
    whole_ns = sum(int(clip.steady_ns().sum()) for clip in clips)
    n_frames = sum(len(clip.steady_ns()) for clip in clips)
    if whole_ns <= 0:
        return Value(THROUGHPUT_NAME, None, "all times are zero", n_frames)
    return Value(THROUGHPUT_NAME, n_frames / (whole_ns / NS_PER_S), None, n_frames)


def is_timed(clip: Timings) -> bool:
    """Whether a clip has latencies: one frame at a time, and some left after the warm-up."""
    return clip.mode == "latency" and len(clip.steady()) > 0


def is_overlapped(clips: Sequence[Timings | None]) -> bool:
    """Whether the throughput of some clips is that of steps at work at once."""
    taken = [clip for clip in clips if clip is not None]
    return not any(is_timed(clip) for clip in taken) and any(map(has_throughput, taken))


def has_throughput(clip: Timings) -> bool:
    """Whether frames were timed in any way, and some are left after the warm-up."""
    return len(clip.steady()) > 0


def stages_of(clips: Sequence[Timings]) -> tuple[str, ...]:
    """The stages that any clip has, each once, in order of execution."""
    return tuple(dict.fromkeys(stage for clip in clips for stage in clip.stages))


def has_stage(clip: Timings, stage: str | None) -> bool:
    """Whether a clip has a stage; every clip has an end to end, which is None."""
    return stage is None or stage in clip.stages


def stage_ms(clip: Timings, stage: str | None) -> F64:
    """(frames after the warm-up,) time of one stage, or end to end without ``decode``."""
    if stage is not None:
        return clip.steady()[:, clip.stages.index(stage)] / _NS_PER_MS
    counting = [k for k, name in enumerate(clip.stages) if name != DECODE_STAGE]
    end_to_end: I64 = clip.steady()[:, counting].sum(axis=1)
    return end_to_end / _NS_PER_MS


def _percentile_values(samples_ms: F64) -> list[Value]:
    return [
        Value(name, float(value), None, len(samples_ms))
        for name, value in zip(
            LATENCY_NAMES, percentiles(samples_ms, LATENCY_PERCENTS), strict=True
        )
    ]


def _why_none(taken: Sequence[Timings]) -> str:
    if not taken:
        return "no timings were taken: replayed results have none"
    if all(clip.mode != "latency" for clip in taken):
        return "timed in throughput mode, where stages overlap"
    return "no timed frames are left after the warm-up"
