"""Overlap of boxes that are already paired."""

from __future__ import annotations

import numpy as np

from vbench.types import F64


def paired_iou(one_xyxy: F64, other_xyxy: F64) -> F64:
    """(N,) IoU of boxes (N, 4) with as many others or with one (4,); 0 where nothing overlaps."""
    one, other = one_xyxy.T, other_xyxy.T
    width = np.minimum(one[2], other[2]) - np.maximum(one[0], other[0])
    height = np.minimum(one[3], other[3]) - np.maximum(one[1], other[1])
    inter = np.maximum(width, 0.0) * np.maximum(height, 0.0)
    union = _area(one) + _area(other) - inter
    iou: F64 = np.divide(inter, union, out=np.zeros_like(inter), where=inter > 0)
    return iou


def _area(corners: F64) -> F64:
    area: F64 = (corners[2] - corners[0]) * (corners[3] - corners[1])
    return area
