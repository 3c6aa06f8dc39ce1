"""Latency and throughput under resampling, against plain values of clips repeated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.tracked import Drawn, check_values, cut, drawn, rows_over, whole_clips
from vbench.metrics.latency import latency_values
from vbench.metrics.latency_blocks import latency_replicates
from vbench.metrics.values import Value
from vbench.types import I32, Timings

MS = 1_000_000


def plain_values(scene: Drawn) -> dict[str | None, list[Value]]:
    by_stage: dict[str | None, list[Value]] = {}
    for stage, value in latency_values(scene.timings):
        by_stage.setdefault(stage, []).append(value)
    return by_stage


def outside(of_frame: tuple[I32, ...], members: list[int]) -> list[I32]:
    """The units of the marked clips; none of the others."""
    return [
        units if member else np.full_like(units, -1)
        for units, member in zip(of_frame, members, strict=True)
    ]


@settings(deadline=None, max_examples=40, derandomize=True)
@given(st.integers(0, 10**6))
def test_unit_weights_give_the_values(seed: int) -> None:
    scene = drawn(seed)
    blocks = cut(np.random.default_rng(seed), scene.clips)
    for members in ([1, 1, 1], [0, 1, 0]):
        of_scope = outside(blocks.of_frame, members)
        found = latency_replicates(scene.timings, of_scope, rows_over(blocks, members))
        expected = plain_values(scene.repeated(members))
        defined = [stage for stage, rows in expected.items() if rows[0].value is not None]
        assert [stage for stage, _ in found] == defined
        for stage, replicates in found:
            assert [one.name for one in replicates] == [one.name for one in expected[stage]]
            check_values(replicates, expected[stage])


@settings(deadline=None, max_examples=40, derandomize=True)
@given(st.integers(0, 10**6), st.lists(st.integers(0, 3), min_size=3, max_size=3).filter(any))
def test_weights_stand_for_clips_repeated(seed: int, times: list[int]) -> None:
    scene = drawn(seed)
    expected = plain_values(scene.repeated(times))
    weights = np.array([[1, 1, 1], times], np.float64)
    for stage, replicates in latency_replicates(scene.timings, whole_clips(scene.clips), weights):
        if stage in expected and expected[stage][0].value is not None:
            check_values(replicates, expected[stage], row=1)
        else:
            assert all(np.isnan(one.values[1]) for one in replicates)


def timings(rows_ms: list[int], n_warmup: int = 0) -> Timings:
    columns = np.array(rows_ms, np.int64)[:, None] * MS
    return Timings.of_every_frame(("detect",), columns, n_warmup, "latency")


def test_rows_are_frames_by_position() -> None:
    """Two blocks of two frames; the warm-up is the first frame, and one row is too many."""
    of_frame = [np.array([0, 0, 1, 1], np.int32)]
    weights = np.array([[1.0, 0.0], [0.0, 1.0]])
    ((_, replicates), _) = latency_replicates(
        [timings([900, 10, 20, 30, 70], n_warmup=1)], of_frame, weights
    )
    p50, _, _, fps = replicates
    assert p50.values.tolist() == [10.0, 30.0]
    assert p50.support.tolist() == [1.0, 3.0]
    assert fps.values.tolist() == pytest.approx([1 / 0.010, 3 / 0.120])
    short = latency_replicates([timings([10, 20])], of_frame, weights)
    assert np.isnan(short[0][1][0].values[1])


def test_nothing_timed_has_no_replicates() -> None:
    of_frame = [np.zeros(2, np.int32)]
    parallel = Timings.of_every_frame(("detect",), np.ones((2, 1), np.int64), 0, "throughput")
    for none in (None, timings([10, 20], n_warmup=2)):
        assert latency_replicates([none], of_frame, np.ones((1, 1))) == []
    ((stage, (throughput,)),) = latency_replicates([parallel], of_frame, np.ones((1, 1)))
    assert (stage, throughput.name, throughput.support.tolist()) == (None, "throughput_fps", [2.0])
    assert latency_replicates([timings([10])], [np.full(2, -1, np.int32)], np.ones((1, 1))) == []
