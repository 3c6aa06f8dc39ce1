"""The orders of a COCO evaluation against the standard library's sort."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vbench.kernels.coco_order import cell_order, score_order

rows_by_class = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), max_size=30)


@given(rows_by_class)
@settings(deadline=None, derandomize=True)
def test_cell_order(rows: list[tuple[int, int]]) -> None:
    class_index = np.array([k for k, _ in rows], np.int32)
    image_index = np.array([image for _, image in rows], np.int32)
    order, image_at, class_start = cell_order(class_index, image_index, 5, 7)
    expected = sorted(range(len(rows)), key=lambda row: rows[row])
    assert order.tolist() == expected
    assert image_at.tolist() == [rows[row][1] for row in expected]
    assert class_start.tolist() == [sum(k < c for k, _ in rows) for c in range(6)]


scores_of_images = st.lists(
    st.tuples(st.integers(0, 3), st.floats(width=64) | st.sampled_from([0.0, -0.0, 0.5, math.nan])),
    max_size=40,
)


@given(scores_of_images)
@settings(deadline=None, derandomize=True)
def test_score_order(pairs: list[tuple[int, float]]) -> None:
    pairs.sort(key=lambda pair: pair[0])
    image = np.array([image for image, _ in pairs], np.int32)
    scores = np.array([score for _, score in pairs], np.float64)
    row_at, rank_at, sequence_of = (np.empty(len(pairs), np.int32) for _ in range(3))
    rows = np.arange(len(pairs), dtype=np.int32)
    score_order(0, len(pairs), scores, rows, image, row_at, rank_at, sequence_of)
    expected = np.argsort(-scores, kind="stable").tolist()
    assert row_at.tolist() == expected
    ranks = [
        sum(image[other] == image[row] for other in expected[:z]) for z, row in enumerate(expected)
    ]
    assert rank_at.tolist() == ranks
    cells = sorted(range(len(pairs)), key=lambda z: (image[expected[z]], ranks[z]))
    assert sequence_of.tolist() == cells


def test_score_order_of_a_slice() -> None:
    """Only the class's own places are written; rows need not stand in cell order."""
    order = np.array([5, 0, 3, 1, 4, 2], np.int32)
    image = np.array([0, 0, 0, 0, 1, 1], np.int32)
    scores = np.array([0.3, 0.9, 0.1, 0.9, 0.9, 0.2])
    row_at, rank_at, sequence_of = (np.full(6, -1, np.int32) for _ in range(3))
    score_order(1, 5, scores, order, image, row_at, rank_at, sequence_of)
    assert row_at.tolist() == [-1, 3, 1, 4, 0, -1]
    assert rank_at.tolist() == [-1, 0, 1, 0, 2, -1]
    assert sequence_of.tolist() == [-1, 1, 2, 4, 3, -1]
