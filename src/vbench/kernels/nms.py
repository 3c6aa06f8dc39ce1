"""Greedy non-maximum suppression."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from numba import njit

from vbench.types.arrays import F32, I64

U64: TypeAlias = npt.NDArray[np.uint64]

_SIGN = np.uint32(0x8000_0000)
_ALL_BUT_SIGN = np.uint32(0x7FFF_FFFF)
_ROW = np.uint64(0xFFFF_FFFF)
_NONE = np.int64(-1)


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
    All candidates are sorted, none is left out beforehand; comparing ends with the `top_k`-th box
    kept. So the answer is exact, and costs at most N times `top_k` comparisons.

    Args:
        boxes_xyxy: (N, 4) float32 px.
        scores: (N,) float32, finite.
        class_index: (N,) int64, from 0.
        iou_threshold: suppress above it.
        class_aware: whether boxes of different classes leave each other alone.
        top_k: keep at most so many.

    Returns:
        (K,) int64 rows, K <= top_k.
    """
    # Columns of a table would be compiled for anew, which takes seconds.
    boxes_xyxy, scores = np.ascontiguousarray(boxes_xyxy), np.ascontiguousarray(scores)
    return greedy_nms(boxes_xyxy, scores, class_index, iou_threshold, class_aware, top_k)


@njit(cache=True, nogil=True)
def greedy_nms(
    boxes_xyxy: F32,
    scores: F32,
    class_index: I64,
    iou_threshold: float,
    class_aware: bool,
    top_k: int,
) -> I64:
    """Kernel of `nms`."""
    order = _best_first(scores)
    limit = min(order.shape[0], top_k)
    kept = np.empty(limit, np.int64)
    # The kept boxes side by side, with their areas, those of a class linked from best to worst: a
    # candidate is compared with these alone, and most end there early.
    kept_boxes = np.empty((limit, 5), np.float64)
    n_lists = class_index.max() + 1 if class_aware and limit else 1
    first, last = np.full(n_lists, _NONE), np.full(n_lists, _NONE)
    following = np.full(limit, _NONE)
    n_kept = 0
    for position in range(order.shape[0]):
        if n_kept == limit:
            break
        row = np.int64(order[position] & _ROW)
        x1 = np.float64(boxes_xyxy[row, 0])
        y1 = np.float64(boxes_xyxy[row, 1])
        x2 = np.float64(boxes_xyxy[row, 2])
        y2 = np.float64(boxes_xyxy[row, 3])
        area = (x2 - x1) * (y2 - y1)
        label = class_index[row] if class_aware else 0
        k = first[label]
        suppressed = False
        while k != _NONE:
            width = min(x2, kept_boxes[k, 2]) - max(x1, kept_boxes[k, 0])
            height = min(y2, kept_boxes[k, 3]) - max(y1, kept_boxes[k, 1])
            if width > 0.0 and height > 0.0:
                intersection = width * height
                if intersection / (area + kept_boxes[k, 4] - intersection) > iou_threshold:
                    suppressed = True
                    break
            # Without classes there is one list, in order: no trip to memory for the next.
            k = following[k] if class_aware else (k + 1 if k + 1 < n_kept else _NONE)
        if suppressed:
            continue
        kept_boxes[n_kept] = (x1, y1, x2, y2, area)
        kept[n_kept] = row
        if first[label] == _NONE:
            first[label] = n_kept
        else:
            following[last[label]] = n_kept
        last[label] = n_kept
        n_kept += 1
    return kept[:n_kept].copy()


@njit(cache=True, nogil=True)
def _best_first(scores: F32) -> U64:
    """(N,) numbers that hold a row in their low half, in descending order of scores, then by row.

    Each starts with bits that fall as the score rises, and no two are equal: so a plain sort of
    whole numbers, the fastest there is, keeps the order of equal scores.
    """
    keys = np.empty(scores.shape[0], np.uint64)
    bits = (scores + np.float32(0)).view(np.uint32)  # -0 becomes 0, which is equal to it
    for row in range(scores.shape[0]):
        falling = bits[row] if bits[row] >= _SIGN else bits[row] ^ _ALL_BUT_SIGN
        keys[row] = (np.uint64(falling) << np.uint64(32)) | np.uint64(row)
    keys.sort()
    return keys
