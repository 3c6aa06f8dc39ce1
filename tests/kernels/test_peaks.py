"""Peaks against an obvious twin."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vbench.kernels.peaks import are_peaks
from vbench.types import F32


def twin(maps: F32) -> list[bool]:
    """Each value against the window around it, of a map with a border of nothing."""
    padded = np.pad(maps, ((0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    return [
        bool(maps[one, row, column] == padded[one, row : row + 3, column : column + 3].max())
        for one, row, column in np.ndindex(*maps.shape)
    ]


@settings(deadline=None, max_examples=60)
@given(
    shape=st.tuples(st.integers(1, 3), st.integers(1, 6), st.integers(1, 6)),
    n_levels=st.integers(1, 20),
    seed=st.integers(0, 2**32 - 1),
)
def test_equals_its_twin(shape: tuple[int, int, int], n_levels: int, seed: int) -> None:
    maps = np.random.default_rng(seed).integers(-n_levels, 1, shape).astype(np.float32)
    assert are_peaks(maps, np.arange(maps.size)).tolist() == twin(maps)


def test_only_the_cells_asked_for() -> None:
    maps = np.array([[[0, 3, 0], [0, 0, 0]], [[0, 0, 2], [1, 0, 0]]], np.float32)
    # The map before and after, and the end of the row before, are no neighbours.
    assert are_peaks(maps, np.array([1, 2, 8, 9])).tolist() == [True, False, True, True]
