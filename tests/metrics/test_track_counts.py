"""Track counts put together by group."""

from __future__ import annotations

import numpy as np

from vbench.metrics.track_counts import TrackCounts


def test_groups_are_merged_and_left_out() -> None:
    counts = TrackCounts.zeros(5, 2)
    counts.n_truth[:] = np.arange(10).reshape(5, 2)
    counts.hota_matches[:] = np.arange(5)[:, None, None]
    merged = counts.merged(np.array([0, -1, 0, 2, 2], np.int32), 4)
    assert merged.n_truth.tolist() == [[4, 6], [0, 0], [14, 16], [0, 0]]
    assert merged.hota_matches[:, 1, 3].tolist() == [2, 0, 7, 0]
    assert not counts.merged(np.full(5, -1, np.int32), 2).n_truth.any()
