"""Average precision under resampling against rows that are really repeated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vbench.kernels import resampled_chunks
from vbench.kernels.average_precision import average_precision
from vbench.kernels.resampled_ap import resampled_average_precision, resampled_average_precisions
from vbench.types import F64, I32, I64, Bool


def twin(block: I32, hit: Bool, counts: Bool, n_truth: I64, weights: F64) -> F64:
    """Plain average precision of rows repeated as often as their block's weight says."""
    result = []
    for row in weights.astype(np.int64):
        times = row[block]
        group = np.zeros(int(times.sum()), np.int32)
        result.append(
            average_precision(
                group, np.repeat(hit, times), np.repeat(counts, times), np.array([row @ n_truth])
            )[0]
        )
    return np.array(result)


@st.composite
def drawn_cells(draw: st.DrawFn) -> tuple[I32, Bool, Bool, I64, F64]:
    n_blocks = draw(st.integers(1, 6))
    rows = draw(
        st.lists(
            st.tuples(st.integers(0, n_blocks - 1), st.booleans(), st.sampled_from([1, 1, 1, 0])),
            max_size=60,
        )
    )
    block = np.array([row[0] for row in rows], np.int32)
    hit = np.array([row[1] for row in rows], np.bool_)
    counts = np.array([row[2] for row in rows], np.bool_)
    missed = draw(st.lists(st.integers(0, 40), min_size=n_blocks, max_size=n_blocks))
    n_truth = np.array(missed) + np.bincount(block[hit & counts], minlength=n_blocks)
    one_row = st.lists(st.integers(0, 4), min_size=n_blocks, max_size=n_blocks)
    weights = draw(st.lists(one_row, min_size=1, max_size=5))
    return block, hit, counts, n_truth, np.array(weights, np.float64)


@settings(deadline=None, max_examples=300, derandomize=True)
@given(drawn_cells())
def test_equals_twin_to_the_last_bit(cell: tuple[I32, Bool, Bool, I64, F64]) -> None:
    np.testing.assert_array_equal(resampled_average_precision(*cell), twin(*cell))


@pytest.mark.parametrize("n_rows", [1, 30, 2_000])
def test_many_blocks_and_more_resamples_than_a_chunk(n_rows: int) -> None:
    random = np.random.default_rng(n_rows)
    block = random.integers(0, 50, n_rows).astype(np.int32)
    hit = random.random(n_rows) < np.linspace(0.95, 0.1, n_rows)
    counts = random.random(n_rows) < 0.9
    n_truth = np.bincount(block[hit], minlength=50) + random.integers(0, 5, 50)
    n_resamples = 2 * resampled_chunks.N_LANES + 7
    weights = random.multinomial(50, np.full(50, 1 / 50), size=n_resamples).astype(np.float64)
    result = resampled_average_precision(block, hit, counts, n_truth, weights)
    np.testing.assert_array_equal(result, twin(block, hit, counts, n_truth, weights))
    by_column = resampled_average_precision(block, hit, counts, n_truth, np.asfortranarray(weights))
    np.testing.assert_array_equal(result, by_column)


@pytest.mark.parametrize("n_truth", [*range(1, 130), 299, 300, 700, 999, 1_000, 12_300])
def test_reaches_the_recall_points_that_the_plain_kernel_reaches(n_truth: int) -> None:
    """Every precision differs, so that a recall point reached one hit late would show."""
    n_rows = 2 * n_truth
    hit = np.arange(n_rows) % 2 == 0
    counts = np.ones(n_rows, np.bool_)
    block = np.zeros(n_rows, np.int32)
    plain = average_precision(block, hit, counts, np.array([n_truth]))
    result = resampled_average_precision(block, hit, counts, np.array([n_truth]), np.ones((1, 1)))
    np.testing.assert_array_equal(result, plain)


def test_by_hand() -> None:
    # Block 0: found at first try. Block 1: a false alarm before the hit.
    block = np.array([0, 1, 1], np.int32)
    hit = np.array([True, False, True])
    weights = np.array([[1, 1], [2, 0], [0, 1], [0, 0]], np.float64)
    result = resampled_average_precision(
        block, hit, np.ones(3, np.bool_), np.array([1, 1]), weights
    )
    assert result[0] == pytest.approx((51 * 1.0 + 50 * 2 / 3) / 101)
    assert result[1] == 1.0
    assert result[2] == pytest.approx(0.5)
    assert np.isnan(result[3])


def test_without_detections() -> None:
    result = resampled_average_precision(
        np.empty(0, np.int32),
        np.empty(0, np.bool_),
        np.empty(0, np.bool_),
        np.array([3, 0]),
        np.array([[1.0, 1.0], [0.0, 2.0]]),
    )
    assert result[0] == 0.0
    assert np.isnan(result[1])


def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(5)
    block = random.integers(0, 9, 400).astype(np.int32)
    hit = random.random(400) < 0.5
    weights = random.integers(0, 3, (300, 9)).astype(np.float64)
    cell = (block, hit, np.ones(400, np.bool_), np.bincount(block, minlength=9), weights)
    alone = resampled_average_precision(*cell)
    monkeypatch.setattr(resampled_chunks, "_SMALL", 0)
    monkeypatch.setattr(resampled_chunks, "usable_cpus", lambda: frozenset(range(3)))
    np.testing.assert_array_equal(alone, resampled_average_precision(*cell))


def test_variants_side_by_side_are_each_on_its_own() -> None:
    random = np.random.default_rng(7)
    block = random.integers(0, 5, 300).astype(np.int32)
    right = random.integers(0, 2**17, 300).astype(np.uint32)
    counts = random.integers(0, 2**17, 300).astype(np.uint32)
    n_truth = np.full(5, 90)
    weights = random.integers(0, 3, (200, 5)).astype(np.float64)
    weights[:3] = 0.0
    variants = [0, 3, 16]
    together = resampled_average_precisions(block, right, counts, variants, n_truth, weights)
    assert np.isnan(together[:, :3]).all()
    assert together.flags.c_contiguous, "means over variants are summed in their order"
    for variant, found in zip(variants, together, strict=True):
        hit, counting = ((flags >> variant) & 1 == 1 for flags in (right, counts))
        np.testing.assert_array_equal(found, twin(block, hit, counting, n_truth, weights))
    assert len({found[3:].tobytes() for found in together}) == len(variants)
