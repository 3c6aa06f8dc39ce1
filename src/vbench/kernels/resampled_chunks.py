"""Resamples side by side: kernels take them in chunks, one lane each, so that they vectorise."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from vbench.kernels.cpus import usable_cpus
from vbench.types import F64

N_LANES = 64
"""Resamples of a chunk: their weights of 2,000 blocks fill 1 MB and stay in a core's cache."""
_MOST_THREADS = 8
_SMALL = 20_000_000
"""Samples x resamples below which starting threads costs more than it saves."""


def lanes(weights: F64) -> F64:
    """(K, B) C-ordered: the weights (B, K) block by block; no copy where they are F-ordered."""
    return np.ascontiguousarray(weights.T, np.float64)


def each_chunk(n_resamples: int, n_samples: int, task: Callable[[int, int], None]) -> None:
    """Call `task(first, last)` for chunks of resamples, `last` excluded, on several threads.

    The task releases the GIL and writes places of its own, so that results do not depend on the
    number of threads.
    """
    starts = range(0, n_resamples, N_LANES)
    n_threads = min(len(usable_cpus()), _MOST_THREADS, len(starts))

    def one(first: int) -> None:
        task(first, min(first + N_LANES, n_resamples))

    if n_threads < 2 or n_samples * n_resamples < _SMALL:
        for first in starts:
            one(first)
        return
    with ThreadPoolExecutor(n_threads) as pool:
        for _ in pool.map(one, starts):
            pass
