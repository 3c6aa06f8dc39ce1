"""Pairs of overlapping boxes against an obvious twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vbench.kernels.overlap import overlapping_boxes
from vbench.types import F64


def twin(frames: list[tuple[F64, F64]]) -> list[tuple[int, int, int, float]]:
    """(frame, truth row, detection row, IoU) of boxes that share area."""
    rows = []
    first_truth = first_found = 0
    for frame, (truth, found) in enumerate(frames):
        for i, a in enumerate(truth):
            for j, b in enumerate(found):
                width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
                height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
                inter = width * height
                if inter > 0:
                    area = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
                    rows.append((frame, first_truth + i, first_found + j, inter / (area - inter)))
        first_truth += len(truth)
        first_found += len(found)
    return rows


def boxes() -> st.SearchStrategy[F64]:
    """Boxes on a small grid, so that many overlap, touch, are equal or have no area."""
    edge = st.integers(0, 8)
    one = st.tuples(edge, edge, st.integers(0, 5), st.integers(0, 5))

    def columns(rows: list[tuple[int, int, int, int]]) -> F64:
        corner_size = np.array(rows, np.float64).reshape(-1, 4)
        corner = corner_size[:, :2]
        return np.hstack([corner, corner + corner_size[:, 2:]])

    return st.lists(one, max_size=12).map(columns)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(boxes(), boxes()), min_size=1, max_size=5))
def test_equals_twin(frames: list[tuple[F64, F64]]) -> None:
    check(frames)


def test_more_pairs_than_there_was_room_for_at_first() -> None:
    rng = np.random.default_rng(0)
    corner = rng.integers(0, 4, (80, 2)).astype(np.float64)
    crowd = np.hstack([corner, corner + 3.0])
    check([(crowd[:40], crowd[40:]), (crowd[:0], crowd[:3]), (crowd[5:45], crowd[:40])])


def check(frames: list[tuple[F64, F64]]) -> None:
    """The kernel's pairs are the twin's, in the same order."""
    starts = [np.cumsum([0, *(len(frame[side]) for frame in frames)]) for side in (0, 1)]
    columns = [np.concatenate([frame[side] for frame in frames]) for side in (0, 1)]
    pair_start, truth_row, found_row, iou = overlapping_boxes(
        starts[0], columns[0], starts[1], columns[1]
    )
    expected = twin(frames)
    frame = np.searchsorted(pair_start, np.arange(len(iou)), side="right") - 1
    pairs = zip(frame.tolist(), truth_row.tolist(), found_row.tolist(), iou.tolist(), strict=True)
    assert list(pairs) == expected


def test_iou_by_hand() -> None:
    truth = np.array([[0.0, 0.0, 10.0, 10.0]])
    found = np.array([[5.0, 0.0, 15.0, 10.0], [20.0, 20.0, 30.0, 30.0], [3.0, 3.0, 3.0, 8.0]])
    start, _, rows, iou = overlapping_boxes(np.array([0, 1]), truth, np.array([0, 3]), found)
    assert start.tolist() == [0, 1]
    assert rows.tolist() == [0]
    assert iou.tolist() == pytest.approx([1 / 3])
