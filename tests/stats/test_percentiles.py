from __future__ import annotations

import numpy as np
import pytest

from vbench.stats import percentiles


def test_interpolates_between_ranks() -> None:
    samples = np.array([40.0, 10.0, 30.0, 20.0])
    assert percentiles(samples, (0, 50, 95, 100)).tolist() == pytest.approx([10, 25, 38.5, 40])


def test_one_sample_is_every_percentile() -> None:
    assert percentiles(np.array([7.0]), (1, 50, 99)).tolist() == [7.0, 7.0, 7.0]


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="no samples"):
        percentiles(np.zeros(0), (50,))
