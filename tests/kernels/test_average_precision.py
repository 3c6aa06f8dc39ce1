"""101-point average precision against the definition, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vbench.kernels.average_precision import average_precision


def twin_average_precision(hits: list[bool], n_truth: int) -> float:
    """Mean over 101 recalls of the best precision at that recall or above."""
    points = []
    for seen in range(1, len(hits) + 1):
        n_tp = sum(hits[:seen])
        points.append((n_tp / n_truth, n_tp / seen))
    total = 0.0
    for recall in np.linspace(0.0, 1.0, 101):
        total += max((p for r, p in points if r >= recall), default=0.0)
    return total / 101


@settings(deadline=None, max_examples=200, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(-1, 2), st.booleans(), st.booleans()), max_size=30),
    st.integers(0, 3),
)
def test_equals_twin(rows: list[tuple[int, bool, bool]], n_missed: int) -> None:
    group = np.array([row[0] for row in rows], np.int64)
    hit = np.array([row[1] for row in rows], np.bool_)
    counts = np.array([row[2] for row in rows], np.bool_)
    n_truth = np.array([(hit & counts & (group == g)).sum() + n_missed for g in range(3)])
    result = average_precision(group, hit, counts, n_truth)
    for g in range(3):
        hits = hit[(group == g) & counts].tolist()
        if n_truth[g] == 0:
            assert np.isnan(result[g])
        else:
            assert result[g] == pytest.approx(twin_average_precision(hits, int(n_truth[g])))


def ap(hits: list[bool], n_truth: int) -> float:
    n = len(hits)
    (result,) = average_precision(
        np.zeros(n, np.int64), np.array(hits, np.bool_), np.ones(n, np.bool_), np.array([n_truth])
    )
    return float(result)


def test_perfect_is_exactly_one() -> None:
    assert ap([True, True, True], 3) == 1.0


def test_by_hand() -> None:
    # One of two objects found at first try: precision 1 up to recall 0.5, 51 of 101 points.
    assert ap([True], 2) == pytest.approx(51 / 101)
    # A false alarm first: precision 1/2 at recall 1.
    assert ap([False, True], 1) == pytest.approx(0.5)
    # Precision may not rise with recall: 1/1, then 1/2, then 2/3 -> 2/3 from recall 0.5 on.
    assert ap([True, False, True], 2) == pytest.approx((51 * 1.0 + 50 * 2 / 3) / 101)


def test_nothing_found_is_zero() -> None:
    assert ap([], 4) == 0.0
    assert ap([False], 4) == 0.0
