"""Latency and throughput rows."""

from __future__ import annotations

import numpy as np
import pytest

from tests.metrics.scenes import Rows, clip, evaluate, golden_set, point, truth
from vbench.types import Detections, TimingMode, Timings

MS = 1_000_000


def timings(rows_ms: list[list[int]], n_warmup: int = 0, mode: TimingMode = "latency") -> Timings:
    columns = np.array(rows_ms, np.int64).reshape(-1, 3) * MS
    return Timings.of_every_frame(("decode", "detect", "track"), columns, n_warmup, mode)


def rows_of(*parts: Timings | None) -> Rows:
    clips = [clip(truth([]), id=f"c{k}") for k in range(len(parts))]
    return evaluate(golden_set(*clips), [Detections.empty()] * len(parts), point(0.3), [], parts)


def test_end_to_end_leaves_decode_out_and_throughput_takes_it_in() -> None:
    rows = rows_of(timings([[5, 10, 1], [5, 20, 2], [5, 30, 3]]))
    assert rows.value("latency_ms_p50") == pytest.approx(22.0)
    assert rows.value("latency_ms_p95") == pytest.approx(31.9)
    assert rows.value("latency_ms_p99") == pytest.approx(32.78)
    assert rows.value("throughput_fps") == pytest.approx(3 / 0.081)
    assert rows.get("latency_ms_p95").n == 3
    assert rows.value("latency_ms_p50", slice=(("stage", "decode"),)) == pytest.approx(5.0)
    assert rows.value("latency_ms_p50", slice=(("stage", "track"),)) == pytest.approx(2.0)


def test_warm_up_is_left_out() -> None:
    rows = rows_of(timings([[900, 900, 900], [1, 2, 3]], n_warmup=1))
    assert rows.value("latency_ms_p99") == pytest.approx(5.0)
    assert rows.get("throughput_fps").n == 1


def test_frames_of_all_clips_are_pooled() -> None:
    rows = rows_of(timings([[0, 10, 0]]), timings([[0, 20, 0], [0, 30, 0]]), None)
    assert rows.value("latency_ms_p50") == pytest.approx(20.0)
    assert rows.value("latency_ms_p50", clip="c0") == pytest.approx(10.0)
    assert rows.value("latency_ms_p50", clip="c1", slice=(("stage", "detect"),)) == 25.0
    assert "replayed" in rows.reason("latency_ms_p50", clip="c2")


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        (None, "no timings were taken: replayed results have none"),
        (timings([[1, 1, 1]], n_warmup=1), "no timed frames are left after the warm-up"),
    ],
)
def test_undefined_with_its_reason(part: Timings | None, reason: str) -> None:
    rows = rows_of(part)
    for name in ("latency_ms_p50", "latency_ms_p95", "latency_ms_p99", "throughput_fps"):
        assert rows.reason(name).startswith(reason)


def test_overlapped_steps_have_throughput_by_the_clock_and_no_latency() -> None:
    overlapped = Timings(
        stages=("decode", "detect", "track"),
        duration_ns=np.full((4, 3), 50 * MS),
        n_warmup=1,
        mode="throughput",
        frame_index=np.arange(4),
        interval_ns=np.array([900, 10, 20, 30]) * MS,
    )
    rows = rows_of(overlapped)
    assert rows.value("throughput_fps") == pytest.approx(3 / 0.060)
    assert rows.get("throughput_fps").signature.startswith("mode:throughput")
    assert rows.get("throughput_fps").n == 3
    for name in ("latency_ms_p50", "latency_ms_p95", "latency_ms_p99"):
        assert rows.reason(name).startswith("timed in throughput mode")


def test_no_timings_argument_is_no_timings() -> None:
    rows = evaluate(golden_set(clip(truth([]))), [Detections.empty()], point(0.3))
    assert "replayed" in rows.reason("throughput_fps")


def test_zero_times_have_no_throughput() -> None:
    rows = rows_of(timings([[0, 0, 0]]))
    assert rows.value("latency_ms_p50") == 0.0
    assert rows.reason("throughput_fps") == "all times are zero"
