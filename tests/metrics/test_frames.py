"""Outcomes frame by frame."""

from __future__ import annotations

import numpy as np
import pytest

from tests.metrics.scenes import FAR, A, B, clip, detections, point, table, truth
from vbench.metrics.frames import frame_outcomes
from vbench.types import Detections


def test_counts_per_frame() -> None:
    annotated = np.array([True, True, True, False])
    one = clip(truth([(0, A), (0, B), (2, A), (3, A)], ignore=[1]), annotated=annotated)
    rows = [(0, A), (0, B), (1, A), (1, B), (2, FAR), (3, A)]
    found = detections([*((frame, box, 0.9) for frame, box in rows), (1, FAR, 0.1)])
    outcomes = frame_outcomes(one, found, table(one, found), point(0.3))
    assert outcomes.tp.tolist() == [1, 0, 0, 0]
    assert outcomes.fp.tolist() == [0, 2, 1, 0]
    assert outcomes.fn.tolist() == [0, 0, 1, 0]


def test_thresholds_are_per_class() -> None:
    one = clip(truth([]), exhaustive=(True, True))
    found = detections([(0, A, 0.5), (1, A, 0.5)], class_id=[0, 1])
    outcomes = frame_outcomes(
        one, found, table(one, found), point(0.4, 0.6, classes=("person", "forklift"))
    )
    assert outcomes.fp.tolist() == [1, 0, 0, 0]


def test_refuses_a_table_of_other_detections() -> None:
    one = clip(truth([]))
    with pytest.raises(ValueError, match="other detections"):
        frame_outcomes(one, detections([(0, A, 0.5)]), table(one, Detections.empty()), point(0.3))
