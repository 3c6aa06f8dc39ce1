from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from tests.pipeline.trackers.twins import iou
from vbench.pipeline.trackers.association import best_pairs, best_pairs_overall, iou_matrix
from vbench.types import F64, I64


@settings(max_examples=50, derandomize=True, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 5), st.integers(0, 5))
def test_iou_equals_twin(seed: int, n_left: int, n_right: int) -> None:
    random = np.random.default_rng(seed)
    corner = random.integers(0, 20, (n_left + n_right, 2)).astype(np.float64)
    boxes = np.concatenate([corner, corner + random.integers(0, 12, corner.shape)], axis=1)
    left, right = boxes[:n_left], boxes[n_left:]
    expected = np.array([[iou(a, b) for b in right] for a in left]).reshape(n_left, n_right)
    assert iou_matrix(left, right) == pytest.approx(expected)


def total(similarity: F64, pairs: tuple[I64, I64], at_least: float) -> float:
    rows, columns = pairs
    return float((similarity[rows, columns] - at_least).sum())


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 6), st.integers(0, 6), st.floats(0.0, 0.9))
def test_pairs_are_the_best_that_may_be(
    seed: int, n_rows: int, n_columns: int, at_least: float
) -> None:
    similarity = np.random.default_rng(seed).random((n_rows, n_columns))
    rows, columns = best_pairs(similarity, at_least)
    assert len(set(columns.tolist())) == len(rows) == len(set(rows.tolist()))
    assert (similarity[rows, columns] >= at_least).all()
    gain = np.maximum(similarity - at_least, 0.0)
    best = gain[linear_sum_assignment(gain, maximize=True)].sum()
    assert total(similarity, (rows, columns), at_least) == pytest.approx(best)


def test_a_forbidden_pair_decides_nothing() -> None:
    similarity = np.array([[0.9, 0.65], [0.6, 0.3]])
    # 0.65 + 0.6 is more than 0.9 + 0.3, and 0.9 + 0.3 is what is left where 0.3 is allowed.
    assert [item.tolist() for item in best_pairs(similarity, 0.1)] == [[0, 1], [1, 0]]
    # With at least 0.5, 0.9 alone gains 0.4, the other two 0.15 + 0.1.
    assert [item.tolist() for item in best_pairs(similarity, 0.5)] == [[0], [0]]
    # SORT pairs first and rejects afterwards.
    assert [item.tolist() for item in best_pairs_overall(similarity, 0.62)] == [[0], [1]]


def test_a_pair_of_exactly_the_limit_is_allowed() -> None:
    similarity = np.array([[0.5]])
    assert best_pairs(similarity, 0.5)[0].tolist() == [0]
    assert best_pairs_overall(similarity, 0.5)[0].tolist() == [0]
    assert best_pairs(np.array([[0.0]]), 0.1)[0].tolist() == []


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_nothing_to_pair(shape: tuple[int, int]) -> None:
    assert len(best_pairs(np.zeros(shape), 0.1)[0]) == 0
    assert len(best_pairs_overall(np.zeros(shape), 0.1)[0]) == 0
