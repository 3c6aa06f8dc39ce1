"""The sparse matching against SciPy's assignment of the whole matrix."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from vbench.kernels.identity import heaviest_matching


@settings(deadline=None, max_examples=500, derandomize=True)
@given(
    st.integers(0, 8),
    st.integers(0, 8),
    st.sampled_from([0.1, 0.3, 0.7, 1.0]),
    st.sampled_from([3, 50]),
    st.integers(0, 10**6),
)
def test_total_equals_scipy(
    n_left: int, n_right: int, density: float, largest: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.integers(1, largest, (n_left, n_right)) * (rng.random((n_left, n_right)) < density)
    left, right = np.nonzero(matrix)
    shuffled = rng.permutation(len(left))
    left, right = left[shuffled], right[shuffled]
    weight = matrix[left, right].astype(np.float64)
    right_of = heaviest_matching(left, right, weight, n_left, n_right)
    matched = np.flatnonzero(right_of >= 0)
    assert len(set(right_of[matched].tolist())) == len(matched)
    best = matrix[linear_sum_assignment(-matrix)].sum()
    assert matrix[matched, right_of[matched]].sum() == best
    assert (matrix[matched, right_of[matched]] > 0).all()


def test_many_tracks_need_little_memory() -> None:
    """A matrix of 50,000 x 50,000 would take 20 GB."""
    n = 50_000
    left = np.repeat(np.arange(n), 2)
    right = np.column_stack([np.arange(n), (np.arange(n) + 1) % n]).ravel()
    weight = np.tile([2.0, 3.0], n)
    right_of = heaviest_matching(left, right, weight, n, n)
    assert (right_of == (np.arange(n) + 1) % n).all()
