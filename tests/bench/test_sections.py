"""Which frames of a clip run alone, and which overlapped: all of them once."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbench.bench.options import Measure
from vbench.bench.sections import SAMPLE_FRAMES, Section, n_sampled, sections

N_FRAMES = st.integers(1, 20_000)
N_CLIPS = st.integers(1, 200)
N_WARMUP = st.integers(0, 2_000)


def lengths(n_frames: int, found: list[Section]) -> list[int]:
    """Frames of each section, the last one up to the clip's end."""
    left = n_frames
    counted = []
    for one in found:
        n = left if one.n_frames is None else min(left, one.n_frames)
        counted.append(n)
        left -= n
    assert left == 0
    return counted


def n_timed(n_frames: int, n_warmup: int, found: list[Section]) -> int:
    """Frames that count in a latency."""
    alone = [
        n - one.n_settling
        for n, one in zip(lengths(n_frames, found), found, strict=True)
        if not one.overlapped
    ]
    return sum(alone) - n_warmup


@given(N_FRAMES, N_CLIPS, N_WARMUP)
def test_a_normal_run_covers_all_frames_and_times_a_sample(
    n_frames: int, n_clips: int, n_warmup: int
) -> None:
    found = list(sections(n_frames, n_clips, n_warmup, "sample"))
    assert [one.n_frames is None for one in found] == [False] * (len(found) - 1) + [True]
    assert all(one.n_frames is None or one.n_frames > 0 for one in found)
    counted = lengths(n_frames, found)
    assert not found[0].overlapped
    assert found[0].n_settling == 0
    wanted = n_sampled(n_frames, n_clips)
    if n_warmup + wanted >= n_frames:
        assert found == [Section(None, overlapped=False)]
        return
    assert counted[0] > n_warmup
    # Settling frames of the stretches behind the first take their place where frames are few.
    assert wanted - 8 <= n_timed(n_frames, n_warmup, found) <= wanted
    assert sum(not one.overlapped for one in found) <= 5


@given(st.integers(1_000, 50_000), N_CLIPS, st.integers(0, 20))
def test_the_sample_of_a_long_clip_is_whole_and_spread(
    n_frames: int, n_clips: int, n_warmup: int
) -> None:
    found = list(sections(n_frames, n_clips, n_warmup, "sample"))
    assert n_timed(n_frames, n_warmup, found) == n_sampled(n_frames, n_clips)
    counted = lengths(n_frames, found)
    starts = [sum(counted[:k]) for k in range(len(found)) if not found[k].overlapped]
    gaps = [later - sooner for sooner, later in pairwise(starts)]
    assert len(starts) >= 4
    assert max(gaps) - min(gaps) <= n_warmup + 5
    assert starts[-1] > n_frames // 2


@pytest.mark.parametrize(
    ("n_frames", "n_clips", "expected"),
    [
        (12, 1, 12),  # all of a short clip
        (30, 1, 30),
        (200, 1, 30),  # the least
        (2_000, 1, 50),  # one in 40
        (100_000, 1, SAMPLE_FRAMES),
        (100_000, 10, SAMPLE_FRAMES // 10),
        (100_000, 400, 30),
    ],
)
def test_how_many_frames_are_timed(n_frames: int, n_clips: int, expected: int) -> None:
    assert n_sampled(n_frames, n_clips) == expected


@pytest.mark.parametrize(
    ("measure", "overlapped"), [("latency", False), ("throughput", True), ("elsewhere", True)]
)
def test_other_measurements_have_one_section(measure: Measure, overlapped: bool) -> None:
    assert list(sections(900, 1, 5, measure)) == [Section(None, overlapped=overlapped)]


def test_a_long_clip_in_words() -> None:
    # 32 of 1,300 from five places, the first after the warm-up.
    found = list(sections(1_300, 1, 10, "sample"))
    assert [one.n_frames for one in found if not one.overlapped] == [17, 9, 8, 8, 8]
    assert [one.n_settling for one in found if not one.overlapped] == [0, 2, 2, 2, 2]
    assert [one.n_frames for one in found if one.overlapped] == [251, 249, 250, 250, None]
    assert [one.overlapped for one in found] == [False, True] * 5


def test_a_long_warm_up_leaves_the_sample_whole() -> None:
    found = list(sections(301, 1, 200, "sample"))
    assert n_timed(301, 200, found) == 30
