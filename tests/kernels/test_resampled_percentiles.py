"""Percentiles under resampling against samples that are really repeated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vbench.kernels import resampled_chunks
from vbench.kernels.resampled_percentiles import resampled_percentiles
from vbench.stats import percentiles
from vbench.types import F64, I32

PERCENTS = (50.0, 95.0, 99.0)


def twin(samples: F64, block: I32, weights: F64, percents: tuple[float, ...]) -> F64:
    """Plain percentiles of samples repeated as often as their block's weight says."""
    columns = []
    for row in weights.astype(np.int64):
        repeated = np.repeat(samples, row[block])
        columns.append(
            percentiles(repeated, percents) if len(repeated) else np.full(len(percents), np.nan)
        )
    return np.array(columns).T


@st.composite
def drawn_cells(draw: st.DrawFn) -> tuple[F64, I32, F64, tuple[float, ...]]:
    n_blocks = draw(st.integers(1, 5))
    number = st.floats(-1e6, 1e6) | st.integers(0, 3).map(float)
    rows = draw(st.lists(st.tuples(number, st.integers(0, n_blocks - 1)), max_size=40))
    one_row = st.lists(st.integers(0, 4), min_size=n_blocks, max_size=n_blocks)
    weights = draw(st.lists(one_row, min_size=1, max_size=4))
    percents = draw(st.lists(st.floats(0, 100), min_size=1, max_size=4))
    return (
        np.array([row[0] for row in rows], np.float64),
        np.array([row[1] for row in rows], np.int32),
        np.array(weights, np.float64),
        tuple(percents),
    )


@settings(deadline=None, max_examples=300, derandomize=True)
@given(drawn_cells())
def test_equals_twin_to_the_last_bit(cell: tuple[F64, I32, F64, tuple[float, ...]]) -> None:
    np.testing.assert_array_equal(resampled_percentiles(*cell), twin(*cell))


@pytest.mark.parametrize("n_samples", [1, 2, 7, 100, 3_001])
def test_every_sample_once_is_the_plain_percentile(n_samples: int) -> None:
    samples = np.random.default_rng(n_samples).lognormal(size=n_samples)
    block = np.arange(n_samples, dtype=np.int32) % 5
    result = resampled_percentiles(samples, block, np.ones((1, 5)), PERCENTS)
    np.testing.assert_array_equal(result[:, 0], np.percentile(samples, PERCENTS))


def test_more_resamples_than_a_chunk_and_several_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(3)
    samples = random.lognormal(size=500)
    block = random.integers(0, 20, 500).astype(np.int32)
    n_resamples = 2 * resampled_chunks.N_LANES + 7
    weights = random.multinomial(20, np.full(20, 1 / 20), size=n_resamples).astype(np.float64)
    alone = resampled_percentiles(samples, block, weights, PERCENTS)
    np.testing.assert_array_equal(alone, twin(samples, block, weights, PERCENTS))
    monkeypatch.setattr(resampled_chunks, "_SMALL", 0)
    monkeypatch.setattr(resampled_chunks, "usable_cpus", lambda: frozenset(range(3)))
    threaded = resampled_percentiles(samples, block, np.asfortranarray(weights), PERCENTS)
    np.testing.assert_array_equal(alone, threaded)


def test_by_hand() -> None:
    # Rows: 1 2 3 4; then 1 1 1 3 3 3; then nothing.
    samples = np.array([3.0, 1.0, 4.0, 2.0])
    block = np.array([0, 0, 1, 1], np.int32)
    weights = np.array([[1, 1], [3, 0], [0, 0]], np.float64)
    (median,) = resampled_percentiles(samples, block, weights, (50.0,))
    assert median[:2].tolist() == [2.5, 2.0]
    assert np.isnan(median[2])


def test_without_samples() -> None:
    result = resampled_percentiles(
        np.empty(0), np.empty(0, np.int32), np.ones((3, 2)), (50.0, 95.0)
    )
    assert result.shape == (2, 3)
    assert np.isnan(result).all()
