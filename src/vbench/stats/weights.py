"""Bootstrap weights: how often each clip or block is drawn in each resample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.types.arrays import F64, I64

_ROWS_AT_ONCE = 64
"""Resamples that are drawn together: what is needed meanwhile is several times what is kept."""


def clip_weights(n_clips: int, n_resamples: int, seed_words: Sequence[int]) -> F64:
    """How often each clip is drawn when as many clips are drawn as there are, with repeats.

    Returns:
        (n_resamples, n_clips) whole numbers; each row sums to `n_clips`. The same on every
        machine for the same `seed_words` (non-negative whole numbers).
    """
    return block_weights(np.zeros(n_clips, dtype=np.int64), n_resamples, seed_words)


def block_weights(clip_of_block: I64, n_resamples: int, seed_words: Sequence[int]) -> F64:
    """How often each block is drawn when each clip draws as many of its own blocks as it has.

    Args:
        clip_of_block: (K,) clip of each block, in any order.
        n_resamples: how many rows.
        seed_words: non-negative whole numbers.

    Returns:
        (n_resamples, K) whole numbers, F-ordered; the blocks of a clip sum to their count in each
        row.
    """
    n_blocks = len(clip_of_block)
    if n_blocks == 0:
        return np.zeros((n_resamples, 0))
    order = np.argsort(clip_of_block, kind="stable")
    _, group, sizes = np.unique(clip_of_block[order], return_inverse=True, return_counts=True)
    first = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    # Raw words, because only their sequence is promised to stay across NumPy versions (NEP 19).
    generator = np.random.PCG64(np.random.SeedSequence(list(seed_words)))
    weights = np.empty((n_resamples, n_blocks), order="F")
    for start in range(0, n_resamples, _ROWS_AT_ONCE):
        n_rows = min(_ROWS_AT_ONCE, n_resamples - start)
        words = generator.random_raw(n_rows * n_blocks).reshape(n_rows, n_blocks)
        uniform = (words >> np.uint64(11)) * 2.0**-53
        drawn = order[first[group] + (uniform * sizes[group]).astype(np.int64)]
        cells = drawn + np.arange(n_rows, dtype=np.int64)[:, None] * n_blocks
        counts = np.bincount(cells.ravel(), minlength=n_rows * n_blocks)
        weights[start : start + n_rows] = counts.reshape(n_rows, n_blocks)
    return weights
