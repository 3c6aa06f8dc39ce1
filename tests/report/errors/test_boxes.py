"""IoU of boxes that are already paired."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.kernels.test_match import twin_overlap
from tests.metrics.scenes import A, B
from vbench.report.errors.boxes import paired_iou

_SIDE = st.integers(0, 5)


@given(st.lists(st.tuples(*[_SIDE] * 8), max_size=6))
def test_equals_twin(drawn: list[tuple[int, ...]]) -> None:
    corners = np.array(drawn, np.float64).reshape(-1, 8)
    one = np.concatenate([corners[:, 0:2], corners[:, 0:2] + corners[:, 2:4]], axis=1)
    other = np.concatenate([corners[:, 4:6], corners[:, 4:6] + corners[:, 6:8]], axis=1)
    expected = [twin_overlap(a, b, False) for a, b in zip(one, other, strict=True)]
    assert paired_iou(one, other).tolist() == expected


def test_many_with_one() -> None:
    assert paired_iou(np.array([A, B]), np.array(A)).tolist() == [1.0, 0.0]
    assert float(paired_iou(np.array(A), np.array(A))) == 1.0
