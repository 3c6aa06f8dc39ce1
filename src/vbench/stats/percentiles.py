"""Percentiles of samples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.types import F64


def percentiles(samples: F64, percents: Sequence[float]) -> F64:
    """Percentiles by linear interpolation between the two closest ranks.

    Definition 7 of Hyndman and Fan (1996): the p-th percentile of n sorted samples is at the
    0-based rank (n - 1) p / 100.

    Args:
        samples: (n,) finite values in any order, n >= 1.
        percents: values in [0, 100].

    Returns:
        (len(percents),) in the unit of `samples`.

    Raises:
        ValueError: no samples; there is no percentile of nothing.
    """
    if len(samples) == 0:
        raise ValueError("percentiles of no samples")
    return np.asarray(np.percentile(samples, percents, method="linear"), np.float64)
