"""The greedy matching kernel against an obvious twin."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vbench.kernels.match import match_greedy
from vbench.types import COCO_IOU_THRESHOLDS, F64, I64, Bool

Columns = tuple[I64, F64, I64, F64, Bool, Bool]


def twin_overlap(detection: F64, truth: F64, crowd: bool) -> float:
    width = max(0.0, min(detection[2], truth[2]) - max(detection[0], truth[0]))
    height = max(0.0, min(detection[3], truth[3]) - max(detection[1], truth[1]))
    inter = width * height
    if inter == 0.0:
        return 0.0
    area = (detection[2] - detection[0]) * (detection[3] - detection[1])
    other = (truth[2] - truth[0]) * (truth[3] - truth[1])
    return float(inter / (area if crowd else area + other - inter))


def twin_match(columns: Columns, threshold: float) -> tuple[list[int], list[float]]:
    """One detection after the other: best free truth that counts, else best that does not."""
    detection_group, boxes, truth_group, truth_boxes, ignored, crowd = columns
    free = [True] * len(truth_group)
    rows, ious = [], []
    for group, box in zip(detection_group, boxes, strict=True):
        chosen, chosen_iou = -1, 0.0
        for wants_ignored in (False, True):
            candidates = [
                (twin_overlap(box, truth_boxes[j], bool(crowd[j])), j)
                for j in range(len(truth_group))
                if truth_group[j] == group and ignored[j] == wants_ignored
                if free[j] or crowd[j]
            ]
            fitting = [pair for pair in candidates if pair[0] >= min(threshold, 1.0 - 1e-10)]
            if fitting:
                chosen_iou, chosen = max(fitting)
                free[chosen] = False
                break
        rows.append(chosen)
        ious.append(chosen_iou)
    return rows, ious


@st.composite
def scenes(draw: st.DrawFn) -> Columns:
    """Coarse boxes, so that ties, equal boxes and boxes without area are common."""
    coordinate = st.integers(0, 4)
    side = st.integers(0, 3)

    def boxes(n: int) -> F64:
        rows = [[draw(coordinate), draw(coordinate), draw(side), draw(side)] for _ in range(n)]
        xywh = np.array(rows, np.float64).reshape(-1, 4)
        return np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)

    detection_group = np.sort(draw(st.lists(st.integers(0, 3), max_size=8)))
    truth_group = np.sort(draw(st.lists(st.integers(0, 3), max_size=8)))
    m = len(truth_group)
    crowd = np.array([draw(st.booleans()) for _ in range(m)], np.bool_)
    ignored = crowd | np.array([draw(st.booleans()) for _ in range(m)], np.bool_)
    order = np.lexsort((ignored, truth_group))
    return (
        detection_group.astype(np.int64),
        boxes(len(detection_group)),
        truth_group.astype(np.int64),
        boxes(m),
        ignored[order],
        crowd[order],
    )


@settings(deadline=None, max_examples=300, derandomize=True)
@given(scenes())
def test_equals_twin(columns: Columns) -> None:
    thresholds = np.array([0.2, 0.5, 0.75, 1.0])
    rows, ious = match_greedy(*columns, thresholds)
    for t, threshold in enumerate(thresholds):
        expected_rows, expected_ious = twin_match(columns, float(threshold))
        assert rows[t].tolist() == expected_rows
        np.testing.assert_allclose(ious[t], expected_ious, rtol=1e-15)


def test_many_truth_boxes_in_one_frame() -> None:
    m = 50
    boxes = np.array([[20.0 * k, 0.0, 20.0 * k + 10.0, 10.0] for k in range(m)])
    group = np.zeros(m, np.int64)
    nothing = np.zeros(m, np.bool_)
    rows, _ = match_greedy(
        group, boxes[::-1].copy(), group, boxes, nothing, nothing, np.array([0.5])
    )
    assert rows[0].tolist() == list(range(m))[::-1]


def test_coco_thresholds_are_read_only() -> None:
    assert COCO_IOU_THRESHOLDS.tolist() == np.linspace(0.5, 0.95, 10).tolist()
    assert not COCO_IOU_THRESHOLDS.flags.writeable
