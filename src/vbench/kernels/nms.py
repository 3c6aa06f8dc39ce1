"""Greedy non-maximum suppression."""

from __future__ import annotations

import numpy as np
from numba import njit

from vbench.types.arrays import F32, I64


def nms(
    boxes_xyxy: F32,
    scores: F32,
    class_index: I64,
    *,
    iou_threshold: float,
    class_aware: bool,
    top_k: int,
) -> I64:
    """Rows that survive greedy non-maximum suppression, best first.

    In descending score order (equal scores: lower row first) a box is kept unless its IoU with a
    box kept before is greater than the threshold; class-aware, only boxes of its class count.
    IoU is computed in float64 on continuous coordinates; boxes without area suppress nothing.

    Args:
        boxes_xyxy: (N, 4) float32 px.
        scores: (N,) float32, finite.
        class_index: (N,) int64.
        iou_threshold: suppress above it.
        class_aware: whether boxes of different classes leave each other alone.
        top_k: keep at most so many.

    Returns:
        (K,) int64 rows, K <= top_k.
    """
    order = np.argsort(-scores, kind="stable")
    return greedy_nms(boxes_xyxy, class_index, order, iou_threshold, class_aware, top_k)


@njit(cache=True, nogil=True)
def greedy_nms(
    boxes_xyxy: F32,
    class_index: I64,
    order: I64,
    iou_threshold: float,
    class_aware: bool,
    top_k: int,
) -> I64:
    """Kernel of `nms`: `order` (N,) int64 lists the rows, best first."""
    n = order.shape[0]
    limit = min(n, top_k)
    kept = np.empty(limit, np.int64)
    # The kept boxes side by side: every candidate is compared with them, and most end there early.
    kept_boxes = np.empty((limit, 5), np.float64)
    kept_class = np.empty(limit, np.int64)
    n_kept = 0
    for position in range(n):
        if n_kept == limit:
            break
        row = order[position]
        x1 = np.float64(boxes_xyxy[row, 0])
        y1 = np.float64(boxes_xyxy[row, 1])
        x2 = np.float64(boxes_xyxy[row, 2])
        y2 = np.float64(boxes_xyxy[row, 3])
        area = (x2 - x1) * (y2 - y1)
        label = class_index[row]
        suppressed = False
        for k in range(n_kept):
            if class_aware and kept_class[k] != label:
                continue
            width = min(x2, kept_boxes[k, 2]) - max(x1, kept_boxes[k, 0])
            height = min(y2, kept_boxes[k, 3]) - max(y1, kept_boxes[k, 1])
            if width <= 0.0 or height <= 0.0:
                continue
            intersection = width * height
            if intersection / (area + kept_boxes[k, 4] - intersection) > iou_threshold:
                suppressed = True
                break
        if suppressed:
            continue
        kept_boxes[n_kept, 0] = x1
        kept_boxes[n_kept, 1] = y1
        kept_boxes[n_kept, 2] = x2
        kept_boxes[n_kept, 3] = y2
        kept_boxes[n_kept, 4] = area
        kept_class[n_kept] = label
        kept[n_kept] = row
        n_kept += 1
    return kept[:n_kept].copy()
