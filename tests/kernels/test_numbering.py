"""Numbering of ids against a dictionary."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vbench.kernels.numbering import number_values, repeated_in_frame

IDS = st.one_of(
    st.integers(0, 5),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(0, 3).map(lambda k: k * 2**32),
)


@settings(deadline=None, max_examples=200, derandomize=True)
@given(st.lists(IDS, max_size=60))
def test_numbers_equal_a_dictionary(ids: list[int]) -> None:
    known: dict[int, int] = {}
    expected = [known.setdefault(one, len(known)) for one in ids]
    numbers, first_row = number_values(np.array(ids, np.int64))
    assert numbers.tolist() == expected
    assert [ids[row] for row in first_row] == list(known)


def test_numbers_of_many_ids() -> None:
    """The table grows several times."""
    ids = np.random.default_rng(0).integers(0, 40_000, 100_000)
    numbers, first_row = number_values(ids)
    assert np.array_equal(ids[first_row][numbers], ids)
    assert len(first_row) == len(np.unique(ids))


@settings(deadline=None, max_examples=200, derandomize=True)
@given(st.lists(st.lists(st.integers(0, 3), max_size=4), max_size=5))
def test_repeated_equals_a_set(frames: list[list[int]]) -> None:
    expected, row = -1, 0
    for frame in frames:
        seen: set[int] = set()
        for track in frame:
            if track in seen and expected < 0:
                expected = row
            seen.add(track)
            row += 1
    start = np.cumsum([0, *map(len, frames)])
    tracks = np.array([track for frame in frames for track in frame], np.int64)
    assert repeated_in_frame(start, tracks, 4) == expected
