from __future__ import annotations

import numpy as np

from vbench.pipeline.detections import clipped


def test_boxes_are_cut_at_the_frame() -> None:
    boxes = np.array([[-5, -5, 70, 20], [70, 50, 80, 60]], np.float64)
    assert clipped(boxes, (64, 48)).tolist() == [[0, 0, 64, 20], [64, 48, 64, 48]]
