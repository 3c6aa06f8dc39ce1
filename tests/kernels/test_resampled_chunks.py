"""Rows of weights that are alike are found, and each row finds its own again."""

from __future__ import annotations

import numpy as np
import pytest

from vbench.kernels.resampled_chunks import distinct_rows


@pytest.mark.parametrize(("n_units", "highest"), [(0, 1), (1, 3), (4, 4), (9, 9), (60, 5)])
def test_each_row_is_found_again(n_units: int, highest: int) -> None:
    random = np.random.default_rng(n_units)
    weights = random.integers(0, highest + 1, (500, n_units)).astype(np.float64)
    rows, of_row = distinct_rows(weights)
    np.testing.assert_array_equal(rows[of_row], weights)


def test_few_units_have_few_rows() -> None:
    weights = np.random.default_rng(0).multinomial(4, [0.25] * 4, 1_000).astype(np.float64)
    rows, _ = distinct_rows(weights)
    assert len(rows) == len(np.unique(weights, axis=0)) <= 35


def test_rows_that_differ_in_one_place_only_stay_apart() -> None:
    weights = np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 1.0], [2.0, 0.0]])
    rows, of_row = distinct_rows(weights)
    assert len(rows) == 3
    assert of_row[0] == of_row[3]


@pytest.mark.parametrize("n_units", [52, 53, 2_000])
def test_more_units_than_a_number_can_tell_apart(n_units: int) -> None:
    weights = np.ones((3, n_units))
    weights[1, -1] = 0.0
    rows, of_row = distinct_rows(weights)
    np.testing.assert_array_equal(rows[of_row], weights)
