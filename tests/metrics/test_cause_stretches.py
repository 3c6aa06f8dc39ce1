"""Densest stretches, against a slow twin and by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vbench.metrics.cause_stretches import ClipErrors, Stretch, best_segment, densest_stretches


def _twin(values: list[int]) -> tuple[int, int] | None:
    """Every run, one after the other: largest sum, then first end, then shortest."""
    runs = [
        (-sum(values[first : last + 1]), last, last - first, first)
        for last in range(len(values))
        for first in range(last + 1)
    ]
    best = min(runs, default=(0, 0, 0, 0))
    return None if best[0] >= 0 else (best[3], best[1])


@given(st.lists(st.integers(-3, 3), max_size=12))
def test_best_segment_against_twin(values: list[int]) -> None:
    assert best_segment(np.array(values, np.float64)) == _twin(values)


def _clip(errors: list[int], *, clip: int = 0, chances: int = 1, rate: float = 1.0) -> ClipErrors:
    n = len(errors)
    return ClipErrors(
        clip=clip,
        frames=np.arange(n, dtype=np.int32),
        n_errors=np.array(errors, np.int32),
        n_chances=np.full(n, chances, np.int32),
        frames_per_s=rate,
    )


def test_stretches_of_all_clips_most_errors_first() -> None:
    quiet = _clip([0] * 50)
    two = _clip([0] * 10 + [1] * 6 + [0] * 30 + [1] * 4 + [0] * 10, clip=1)
    one = _clip([0] * 3 + [1, 1, 0, 1, 1, 1] + [0] * 40, clip=2)
    assert densest_stretches([quiet, two, one], 3) == [
        Stretch(1, 10, 15, 6, 6),
        Stretch(2, 3, 8, 6, 5),
        Stretch(1, 46, 49, 4, 4),
    ]
    assert densest_stretches([quiet, two, one], 1) == [Stretch(1, 10, 15, 6, 6)]


def test_errors_are_set_against_their_chances() -> None:
    """A crowd that is missed as often as usual is no stretch; few objects, all missed, are."""
    crowd = ClipErrors(
        clip=0,
        frames=np.arange(100, dtype=np.int32),
        n_errors=np.repeat(np.array([1, 10, 0, 2], np.int32), 25),
        n_chances=np.repeat(np.array([10, 100, 2, 2], np.int32), 25),
        frames_per_s=1.0,
    )
    assert densest_stretches([crowd], 3) == [Stretch(0, 75, 99, 25, 50)]


def test_evenly_wrong_footage_has_no_stretch() -> None:
    assert densest_stretches([_clip([1] * 50)], 3) == []
    assert densest_stretches([_clip([0, 1] * 25, rate=4.0)], 3) == []
    assert densest_stretches([_clip([0] * 50)], 3) == []
    assert densest_stretches([_clip([])], 3) == []


def test_a_stretch_is_not_shorter_than_a_moment() -> None:
    errors = [0] * 200
    errors[100] = 30
    (found,) = densest_stretches([_clip(errors, chances=30, rate=25.0)], 3)
    assert found == Stretch(0, 98, 102, 5, 30)
    errors = [30] + [0] * 200
    (found,) = densest_stretches([_clip(errors, chances=30, rate=25.0)], 3)
    assert found == Stretch(0, 0, 4, 5, 30)


def test_frames_are_numbered_as_in_the_clip() -> None:
    clip = ClipErrors(
        clip=0,
        frames=np.arange(0, 300, 5, dtype=np.int32),
        n_errors=np.array([0] * 20 + [1] * 10 + [0] * 30, np.int32),
        n_chances=np.ones(60, np.int32),
        frames_per_s=5.0,
    )
    assert densest_stretches([clip], 3) == [Stretch(0, 100, 145, 10, 10)]


def test_stretches_do_not_overlap() -> None:
    rng = np.random.default_rng(5)
    clip = _clip((rng.random(400) < 0.15).astype(int).tolist(), rate=25.0)
    found = sorted(densest_stretches([clip], 50), key=lambda one: one.first_frame)
    assert all(a.last_frame < b.first_frame for a, b in pairwise(found))
    for one in found:
        n = int(clip.n_errors[one.first_frame : one.last_frame + 1].sum())
        assert (one.n_errors, one.n_annotated) == (n, one.last_frame - one.first_frame + 1)
