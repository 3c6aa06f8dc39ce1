from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbench.errors import EngineError
from vbench.pipeline.adapters.scores import pairs_above, sigmoid, softmax


def test_no_overflow_and_no_score_above_one() -> None:
    values = np.array([-1e30, -100, 0, 100, 1e30], np.float32)
    np.testing.assert_allclose(sigmoid(values), [0, 0, 0.5, 1, 1], atol=1e-7)
    assert sigmoid(values).max() <= 1.0
    assert softmax(np.array([[1e30, 0]], np.float32)).tolist() == [[1.0, 0.0]]


@given(st.lists(st.floats(-20, 20, width=32), min_size=1, max_size=20), st.floats(0, 1))
def test_early_filter_loses_nothing(values: list[float], floor: float) -> None:
    """The filter by logits keeps exactly the values whose score reaches the floor."""
    table = np.array([values], np.float32)
    _, column, scores = pairs_above(table, floor, "sigmoid", "scores")
    all_scores = sigmoid(table[0])
    assert column.tolist() == np.flatnonzero(all_scores >= floor).tolist()
    assert scores.tolist() == all_scores[column].tolist()


def test_first_columns_are_left_out_and_the_others_count_from_there() -> None:
    table = np.array([[0.9, 0.1, 0.5], [0.9, 0.6, 0.7]], np.float32)
    row, column, scores = pairs_above(table, 0.5, "none", "scores", first_column=1)
    assert (row.tolist(), column.tolist()) == ([0, 1, 1], [1, 0, 1])
    assert scores.tolist() == table[[0, 1, 1], [2, 1, 2]].tolist()


def test_not_finite_names_the_output() -> None:
    table = np.array([[0.1, np.nan]], np.float32)
    with pytest.raises(EngineError, match='output "logits" holds NaN or infinity'):
        pairs_above(table, 0.5, "sigmoid", "logits", first_column=1)


def test_sigmoid_is_the_logistic_function() -> None:
    values = np.linspace(-8, 8, 33, dtype=np.float32)
    expected = [1 / (1 + math.exp(-value)) for value in values.tolist()]
    assert sigmoid(values).tolist() == pytest.approx(expected, abs=1e-6)
