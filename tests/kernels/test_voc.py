"""VOC's matching kernel against an obvious twin."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernels.test_match import Columns, scenes
from vbench.kernels.voc import match_voc
from vbench.types import F64

THRESHOLDS = np.array([0.1, 0.5, 0.75])


def overlap(a: F64, b: F64, extra: float) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0]) + extra
    height = min(a[3], b[3]) - max(a[1], b[1]) + extra
    if width <= 0 or height <= 0:
        return 0.0
    area_a = (a[2] - a[0] + extra) * (a[3] - a[1] + extra)
    area_b = (b[2] - b[0] + extra) * (b[3] - b[1] + extra)
    return float(width * height / (area_a + area_b - width * height))


def twin(columns: Columns, extra: float, threshold: float) -> list[int]:
    """As VOCevaldet.m: the best box wins or nobody does."""
    detection_group, boxes, truth_group, truth_boxes, ignored, _ = columns
    taken: set[int] = set()
    rows = []
    for group, box in zip(detection_group, boxes, strict=True):
        best, best_iou = -1, 0.0
        for j in range(len(truth_group)):
            if truth_group[j] == group and overlap(box, truth_boxes[j], extra) > best_iou:
                best, best_iou = j, overlap(box, truth_boxes[j], extra)
        if best < 0 or best_iou < threshold or (best in taken and not ignored[best]):
            rows.append(-1)
        else:
            taken.add(best)
            rows.append(best)
    return rows


@settings(deadline=None)
@given(scenes(), st.booleans())
def test_equals_twin(columns: Columns, inclusive: bool) -> None:
    detection_group, boxes, truth_group, truth_boxes, ignored, _ = columns
    matched, iou = match_voc(
        detection_group, boxes, truth_group, truth_boxes, ignored, inclusive, THRESHOLDS
    )
    for t, threshold in enumerate(THRESHOLDS):
        assert matched[t].tolist() == twin(columns, float(inclusive), threshold)
    assert ((iou > 0) == (matched >= 0)).all()
