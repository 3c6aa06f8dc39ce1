import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbench.stats import block_weights, clip_weights


@given(st.lists(st.integers(0, 4), max_size=12), st.integers(1, 20), st.integers(0, 2**32))
def test_each_clip_draws_as_many_blocks_as_it_has(
    clips: list[int], n_resamples: int, seed: int
) -> None:
    clip_of_block = np.array(clips, dtype=np.int64)
    weights = block_weights(clip_of_block, n_resamples, (seed,))
    assert weights.shape == (n_resamples, len(clips))
    assert weights.dtype == np.float64
    for clip in set(clips):
        of_clip = weights[:, clip_of_block == clip]
        np.testing.assert_array_equal(of_clip.sum(axis=1), float(of_clip.shape[1]))
    assert np.all(weights == np.round(weights))
    assert np.all(weights >= 0)


def test_each_unit_is_drawn_once_on_average_with_the_variance_of_a_multinomial() -> None:
    weights = clip_weights(10, 20_000, (0,))
    np.testing.assert_allclose(weights.mean(axis=0), 1.0, atol=0.03)
    np.testing.assert_allclose(weights.var(axis=0), 0.9, atol=0.04)
    correlation = np.corrcoef(weights[:, 0], weights[:, 1])[0, 1]
    assert correlation == pytest.approx(-1 / 9, abs=0.03)


def test_the_same_words_give_the_same_draws_and_others_do_not() -> None:
    first = clip_weights(9, 50, (1, 2, 3))
    np.testing.assert_array_equal(first, clip_weights(9, 50, (1, 2, 3)))
    assert not np.array_equal(first, clip_weights(9, 50, (1, 2, 4)))


def test_the_draws_are_pinned() -> None:
    """A stored run judged again must see the same resamples, on any machine and NumPy."""
    np.testing.assert_array_equal(
        clip_weights(6, 3, (0, 7)),
        PINNED,
    )


def test_blocks_of_a_clip_need_not_stand_together() -> None:
    weights = block_weights(np.array([1, 0, 1, 0, 1]), 200, (5,))
    np.testing.assert_array_equal(weights[:, [0, 2, 4]].sum(axis=1), 3.0)
    np.testing.assert_array_equal(weights[:, [1, 3]].sum(axis=1), 2.0)


def test_no_blocks() -> None:
    assert block_weights(np.zeros(0, dtype=np.int64), 4, (0,)).shape == (4, 0)


PINNED = np.array([[1, 0, 1, 0, 2, 2], [2, 0, 1, 1, 1, 1], [1, 2, 1, 0, 2, 0]], dtype=np.float64)
