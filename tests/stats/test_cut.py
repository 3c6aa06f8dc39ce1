import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbench.stats import MIN_BLOCKS, cut


@given(st.integers(0, 3000), st.integers(1, 500))
def test_blocks_are_consecutive_and_nearly_equal(n_frames: int, length: int) -> None:
    block = cut(n_frames, length)
    assert block.shape == (n_frames,)
    sizes = np.bincount(block)
    assert len(sizes) >= min(n_frames, MIN_BLOCKS)
    if n_frames:
        assert np.all(np.diff(block) >= 0)
        assert sizes.max() - sizes.min() <= 1


@given(st.integers(4, 200), st.integers(1, 50))
def test_whole_multiples_are_cut_into_blocks_of_that_length(n_blocks: int, length: int) -> None:
    np.testing.assert_array_equal(
        cut(n_blocks * length, length), np.repeat(np.arange(n_blocks), length)
    )


def test_a_clip_of_fewer_frames_has_a_block_per_frame() -> None:
    assert cut(3, 30).tolist() == [0, 1, 2]


def test_a_length_below_one_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="block length 0"):
        cut(10, 0)
