"""Resamples side by side: kernels take them in chunks, one lane each, so that they vectorise."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from vbench.kernels.cpus import usable_cpus
from vbench.types import F64, I64

N_LANES = 64
"""Resamples of a chunk: their weights of 2,000 blocks fill 1 MB and stay in a core's cache."""
_MOST_THREADS = 8
_SMALL = 20_000_000
"""Samples x resamples below which starting threads costs more than it saves."""
_EXACT_BITS = 52


def lanes(weights: F64) -> F64:
    """(K, B) C-ordered: the weights (B, K) block by block; no copy where they are F-ordered."""
    return np.ascontiguousarray(weights.T, np.float64)


def distinct_rows(weights: F64) -> tuple[F64, I64]:
    """The different rows of weights (B, K), and which of them each row is (B,).

    Few units can be drawn in few ways: 4 of 4 clips in 35. Rows are told apart by a whole number
    that a float holds exactly; where there is none, they count as different.
    """
    most = weights.max(initial=0.0)
    if weights.shape[1] * np.log2(most + 1.0) > _EXACT_BITS:
        return weights, np.arange(len(weights))
    digits = (most + 1.0) ** np.arange(weights.shape[1])
    _, first, of_row = np.unique(weights @ digits, return_index=True, return_inverse=True)
    return np.asfortranarray(weights[first]), of_row


def each_chunk(n_resamples: int, n_samples: int, task: Callable[[int, int], None]) -> None:
    """Call `task(first, last)` for ranges of resamples, `last` excluded: chunks on several threads.

    The task releases the GIL and writes places of its own, so that results do not depend on the
    number of threads. Where there is little to do it is called once, for all of them; it then cuts
    them into chunks itself.
    """
    starts = range(0, n_resamples, N_LANES)
    n_threads = min(len(usable_cpus()), _MOST_THREADS, len(starts))
    if n_threads < 2 or n_samples * n_resamples < _SMALL:
        task(0, n_resamples)
        return
    with ThreadPoolExecutor(n_threads) as pool:
        for _ in pool.map(lambda first: task(first, min(first + N_LANES, n_resamples)), starts):
            pass
