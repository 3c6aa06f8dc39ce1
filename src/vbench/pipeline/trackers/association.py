"""Which detection continues which track."""

from __future__ import annotations

import numpy as np

from vbench.kernels.tracking import assign
from vbench.types.arrays import F64, I64, Bool

_HAIR = 1e-12
"""What a pair of exactly the lowest similarity gains, so that it is preferred to none."""


def iou_matrix(left_xyxy: F64, right_xyxy: F64) -> F64:
    """(L, R) IoU of (L, 4) and (R, 4) boxes; 0 for boxes without an area."""
    corner = np.minimum(left_xyxy[:, None, 2:], right_xyxy[None, :, 2:])
    size = corner - np.maximum(left_xyxy[:, None, :2], right_xyxy[None, :, :2])
    inter = np.clip(size, 0.0, None).prod(axis=2)
    union = _area(left_xyxy)[:, None] + _area(right_xyxy)[None, :] - inter
    iou: F64 = np.divide(inter, union, out=np.zeros_like(inter), where=inter > 0)
    return iou


def best_pairs(similarity: F64, at_least: float) -> tuple[I64, I64]:
    """Rows and columns of the matching in which pairs exceed `at_least` by most in total.

    No pair below `at_least` is matched, nor decides which others are. This is the assignment with a
    cost limit that ByteTrack's published code takes from the ``lap`` library.

    Args:
        similarity: (R, C) higher is more alike.
        at_least: lowest similarity of a pair.

    Returns:
        (P,) rows ascending, (P,) their columns.
    """
    gain = similarity - at_least + _HAIR
    return _assigned(-np.maximum(gain, 0.0), gain > 0.0)


def best_pairs_overall(similarity: F64, at_least: float) -> tuple[I64, I64]:
    """Rows and columns of the matching most alike in total, without its pairs below `at_least`.

    Pairs below `at_least` are rejected only after the assignment (Bewley et al. 2016, section 3.3).
    """
    return _assigned(-similarity, similarity >= at_least)


def _assigned(cost: F64, allowed: Bool) -> tuple[I64, I64]:
    if 0 in cost.shape:
        none = np.zeros(0, np.int64)
        return none, none
    columns = assign(np.ascontiguousarray(cost))
    rows = np.flatnonzero(columns >= 0)
    kept = rows[allowed[rows, columns[rows]]]
    return kept, columns[kept]


def _area(boxes_xyxy: F64) -> F64:
    size: F64 = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    area: F64 = size.prod(axis=1)
    return area
