"""The crowding kernels against obvious twins."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vbench.kernels.crowding import covered_share, nearest_truth
from vbench.types import F64, I64, Bool

Columns = tuple[I64, F64, Bool]


def twin_intersection(a: F64, b: F64) -> float:
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    return float(width * height)


def area(box: F64) -> float:
    return float((box[2] - box[0]) * (box[3] - box[1]))


@st.composite
def boxes_by_frame(draw: st.DrawFn) -> Columns:
    """Coarse boxes, so that ties, equal boxes and boxes without area are common."""
    n = draw(st.integers(0, 8))
    frame = sorted(draw(st.integers(0, 2)) for _ in range(n))
    xywh = [[draw(st.integers(0, 3)) for _ in range(4)] for _ in range(n)]
    boxes = np.array(xywh, np.float64).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    counts = np.array([draw(st.booleans()) for _ in range(n)], np.bool_)
    return np.array(frame, np.int64), boxes, counts


@settings(max_examples=200, deadline=None)
@given(boxes_by_frame())
def test_covered_share(columns: Columns) -> None:
    frame, boxes, counts = columns
    expected = []
    for i, box in enumerate(boxes):
        others = [
            twin_intersection(box, boxes[j])
            for j in range(len(boxes))
            if j != i and frame[j] == frame[i] and counts[j]
        ]
        expected.append(max(others, default=0.0) / area(box) if area(box) else 0.0)
    assert covered_share(frame, boxes, counts).tolist() == expected


@settings(max_examples=200, deadline=None)
@given(boxes_by_frame(), boxes_by_frame())
def test_nearest_truth(found: Columns, truth: Columns) -> None:
    frame, boxes, _ = found
    truth_frame, truth_boxes, counts = truth
    expected = []
    for i, box in enumerate(boxes):
        best, row = 0.0, -1
        for j, other in enumerate(truth_boxes):
            inter = twin_intersection(box, other)
            if truth_frame[j] == frame[i] and counts[j] and inter > 0.0:
                iou = inter / (area(box) + area(other) - inter)
                if iou > best:
                    best, row = iou, j
        expected.append(row)
    assert nearest_truth(frame, boxes, truth_frame, truth_boxes, counts).tolist() == expected


def test_a_small_box_in_front_of_a_large_one_covers_little_of_it() -> None:
    frame = np.zeros(2, np.int64)
    boxes = np.array([[0.0, 0.0, 100.0, 100.0], [10.0, 10.0, 30.0, 60.0]])
    assert covered_share(frame, boxes, np.ones(2, np.bool_)).tolist() == [0.1, 1.0]
