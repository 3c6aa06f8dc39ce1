"""The best overlaps of detections against an obvious twin."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernels.test_match import twin_overlap
from vbench.kernels.best_overlap import best_overlaps
from vbench.types import F64, I64

Side = tuple[I64, I64, F64]


@st.composite
def sides(draw: st.DrawFn) -> Side:
    n = draw(st.integers(0, 8))
    frames = sorted(draw(st.integers(0, 2)) for _ in range(n))
    classes = [draw(st.integers(0, 1)) for _ in range(n)]
    rows = [[draw(st.integers(0, 4)) for _ in range(4)] for _ in range(n)]
    xywh = np.array(rows, np.float64).reshape(-1, 4)
    boxes = np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)
    return np.array(frames, np.int64), np.array(classes, np.int64), boxes


def twin(found: Side, truth: Side, k: int, same: bool) -> tuple[int, float]:
    best, best_iou = -1, 0.0
    for j in range(len(truth[0])):
        if truth[0][j] == found[0][k] and (truth[1][j] == found[1][k]) == same:
            iou = twin_overlap(found[2][k], truth[2][j], False)
            if iou > best_iou:
                best, best_iou = j, iou
    return best, best_iou


@settings(deadline=None)
@given(sides(), sides())
def test_equals_twin(found: Side, truth: Side) -> None:
    same_row, same_iou, other_row, other_iou = best_overlaps(*found, *truth)
    for k in range(len(found[0])):
        assert (same_row[k], same_iou[k]) == twin(found, truth, k, True)
        assert (other_row[k], other_iou[k]) == twin(found, truth, k, False)


def test_the_first_of_equal_boxes_is_taken() -> None:
    box = np.array([[0.0, 0.0, 10.0, 10.0]])
    zero = np.zeros(1, np.int64)
    zeros = np.zeros(2, np.int64)
    same_row, same_iou, other_row, other_iou = best_overlaps(
        zero, zero, box, zeros, zeros, np.repeat(box, 2, axis=0)
    )
    assert (same_row[0], same_iou[0]) == (0, 1.0)
    assert (other_row[0], other_iou[0]) == (-1, 0.0)
