"""Percentiles under resampling: the footage drawn again, B times, without repeating samples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from vbench.kernels.resampled_chunks import N_LANES, each_chunk, lanes
from vbench.types import F64, I32, I64


def resampled_percentiles(samples: F64, block: I32, weights: F64, percents: Sequence[float]) -> F64:
    """Percentiles under B weight rows, by linear interpolation between the two closest ranks.

    Under a row, every sample occurs as often as the row says of its block. Definition 7 of
    Hyndman and Fan (1996), as `vbench.stats.percentiles`; equal to `numpy.percentile` of samples
    repeated so, to the last bit.

    Args:
        samples: (N,) finite values in any order.
        block: (N,) block of each sample, 0 to K - 1.
        weights: (B, K) whole numbers, 0 or more. F-ordered is fastest: any other order is copied
            in each call.
        percents: P values in [0, 100].

    Returns:
        (P, B) in the unit of `samples`; NaN under rows that leave no sample.
    """
    n_in_block = np.bincount(block, minlength=weights.shape[1])
    by_block = lanes(weights)[n_in_block > 0]
    place = (np.cumsum(n_in_block > 0) - 1).astype(np.int32)
    order = np.argsort(samples, kind="stable")
    ascending, block_at = np.asarray(samples, np.float64)[order], place[block[order]]
    n_resamples = len(weights)
    n_samples = n_in_block[n_in_block > 0].astype(np.float64) @ by_block
    at = (n_samples - 1) * (np.asarray(percents, np.float64)[:, None] / 100)
    below = np.floor(at)
    above = np.minimum(below + 1, n_samples - 1)
    # A rank below 0 stands for none; rows without samples have no other.
    ranks = np.concatenate([below, above])
    by_rank = np.argsort(ranks, axis=0, kind="stable").astype(np.int64)
    found = np.full(ranks.shape, np.nan)

    def fill(first: int, last: int) -> None:
        _chunks(ascending, block_at, by_block, ranks, by_rank, first, last, found)

    each_chunk(n_resamples, len(samples), fill)
    return _between(found[: len(at)], found[len(at) :], at - below)


def _between(low: F64, high: F64, share: F64) -> F64:
    """Linear interpolation as numpy does it, from the nearer end, for equality to the last bit."""
    step = high - low
    return np.where(share >= 0.5, high - step * (1 - share), low + step * share)


@njit(cache=True, nogil=True)
def _chunks(
    ascending: F64,
    block: I32,
    by_block: F64,
    ranks: F64,
    by_rank: I64,
    first: int,
    last: int,
    found: F64,
) -> None:
    """Fill in the resamples `first` to `last`, at most `N_LANES` side by side."""
    for start in range(first, last, N_LANES):
        end = min(start + N_LANES, last)
        _chunk(ascending, block, by_block, ranks, by_rank, start, end, found)


@njit(cache=True, nogil=True)
def _chunk(
    ascending: F64,
    block: I32,
    by_block: F64,
    ranks: F64,
    by_rank: I64,
    first: int,
    last: int,
    found: F64,
) -> None:
    """Fill in the samples at each rank under the resamples `first` to `last`, one lane each."""
    n_ranks = len(ranks)
    n_lanes = last - first
    weights = np.empty((len(by_block), n_lanes))
    for k in range(len(by_block)):
        weights[k] = by_block[k][first:last]
    n_found = np.zeros(n_lanes, np.int64)
    next_rank = np.empty(n_lanes)
    n_open = n_lanes
    for lane in range(n_lanes):
        next_rank[lane] = ranks[by_rank[0, first + lane], first + lane]
        if next_rank[lane] < 0:
            next_rank[lane] = np.inf
            n_open -= 1
    so_far = np.zeros(n_lanes)
    for i in range(len(ascending)):
        if n_open == 0:
            break
        if not _add(so_far, weights[block[i]], next_rank):
            continue
        for lane in range(n_lanes):
            if so_far[lane] <= next_rank[lane]:
                continue
            column = first + lane
            while n_found[lane] < n_ranks:
                rank = by_rank[n_found[lane], column]
                if ranks[rank, column] >= so_far[lane]:
                    break
                found[rank, column] = ascending[i]
                n_found[lane] += 1
            if n_found[lane] < n_ranks:
                next_rank[lane] = ranks[by_rank[n_found[lane], column], column]
            else:
                next_rank[lane] = np.inf
                n_open -= 1


@njit(cache=True, nogil=True)
def _add(so_far: F64, weights: F64, next_rank: F64) -> bool:
    """Add a sample's weights; whether a lane has come past the rank that it looks for next."""
    n_past = 0
    for lane in range(len(so_far)):
        so_far[lane] += weights[lane]
        n_past += so_far[lane] > next_rank[lane]
    return n_past > 0
