"""Orders of detections that a COCO evaluation needs, by counting and radix sorts.

A cell is one class in one image. In cell order rows stand by class, then image, then file order;
`position` is a place there. `sequence` is a place in the score order of a class, which has the same
slice of places.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from vbench.types import F64, I32, I64

U64 = npt.NDArray[np.uint64]

_DIGIT_BITS = 11
_N_DIGITS = 6
_N_BUCKETS = 1 << _DIGIT_BITS
_BUCKET_MASK = np.uint64(_N_BUCKETS - 1)
_SIGN = np.uint64(1 << 63)
_ALL_ONES = np.uint64((1 << 64) - 1)


@njit(cache=True, nogil=True)
def cell_order(
    class_index: I32, image_index: I32, n_classes: int, n_images: int
) -> tuple[I32, I32, I64]:
    """Stable order by class, then image (two counting sorts).

    Args:
        class_index: (N,) 0 to n_classes - 1.
        image_index: (N,) 0 to n_images - 1.
        n_classes: number of classes.
        n_images: number of images.

    Returns:
        (N,) row at each position, (N,) image at each position, and (n_classes + 1,) first
        position of each class.
    """
    n = len(class_index)
    image_start = np.zeros(n_images + 1, np.int64)
    class_start = np.zeros(n_classes + 1, np.int64)
    for row in range(n):
        image_start[image_index[row] + 1] += 1
        class_start[class_index[row] + 1] += 1
    for image in range(n_images):
        image_start[image + 1] += image_start[image]
    for k in range(n_classes):
        class_start[k + 1] += class_start[k]
    by_image = np.empty(n, np.int32)
    for row in range(n):
        place = image_start[image_index[row]]
        image_start[image_index[row]] = place + 1
        by_image[place] = row
    order = np.empty(n, np.int32)
    image_at = np.empty(n, np.int32)
    filled = class_start[:-1].copy()
    for i in range(n):
        row = by_image[i]
        place = filled[class_index[row]]
        filled[class_index[row]] = place + 1
        order[place] = row
        image_at[place] = image_index[row]
    return order, image_at, class_start


@njit(cache=True, nogil=True)
def score_order(
    first: int,
    last: int,
    scores: F64,
    order: I32,
    image_at: I32,
    row_at: I32,
    rank_at: I32,
    sequence_of: I32,
) -> None:
    """Order one class by score, best first, equal scores by position, NaN last.

    Args:
        first: first position of the class.
        last: one past its last position.
        scores: (N,) by row.
        order: (N,) row at each position.
        image_at: (N,) image at each position.
        row_at: (N,) filled: row at each place of the sequence.
        rank_at: (N,) filled: rank of that detection within its cell, from 0.
        sequence_of: (N,) filled: place in the sequence, for cells in cell order and ranks
            ascending within them.
    """
    n = last - first
    by_score = _radix_order(_falling_keys(scores, order, first, last))
    cell_start = np.empty(n, np.int64)
    for i in range(n):
        new = i == 0 or image_at[first + i] != image_at[first + i - 1]
        cell_start[i] = i if new else cell_start[i - 1]
    n_ranked = np.zeros(n, np.int32)
    for i in range(n):
        cell = cell_start[by_score[i]]
        rank = n_ranked[cell]
        n_ranked[cell] = rank + 1
        row_at[first + i] = order[first + by_score[i]]
        rank_at[first + i] = rank
        sequence_of[first + cell + rank] = first + i


@njit(cache=True, nogil=True)
def _falling_keys(scores: F64, order: I32, first: int, last: int) -> U64:
    """Integers that rise as scores fall: the bits of IEEE 754 numbers, negative ones turned."""
    falling = np.empty(last - first)
    for i in range(last - first):
        # Subtraction makes one zero of the two, which compare equal.
        falling[i] = 0.0 - scores[order[first + i]]
    keys = falling.view(np.uint64)
    for i in range(len(keys)):
        if np.isnan(falling[i]):
            keys[i] = _ALL_ONES
        elif keys[i] & _SIGN:
            keys[i] = ~keys[i]
        else:
            keys[i] |= _SIGN
    return keys


@njit(cache=True, nogil=True)
def _radix_order(keys: U64) -> I32:
    """Stable ascending order of integers, digit by digit from the lowest.

    A digit that all share (the low ones of 32-bit scores) costs nothing.
    """
    n = len(keys)
    order = np.arange(n).astype(np.int32)
    if n == 0:
        return order
    counts = np.zeros((_N_DIGITS, _N_BUCKETS), np.int64)
    for i in range(n):
        for digit in range(_N_DIGITS):
            counts[digit, (keys[i] >> np.uint64(digit * _DIGIT_BITS)) & _BUCKET_MASK] += 1
    other_keys = np.empty_like(keys)
    other_order = np.empty_like(order)
    for digit in range(_N_DIGITS):
        shift = np.uint64(digit * _DIGIT_BITS)
        start = counts[digit]
        if start[(keys[0] >> shift) & _BUCKET_MASK] == n:
            continue
        total = 0
        for bucket in range(_N_BUCKETS):
            count = start[bucket]
            start[bucket] = total
            total += count
        for i in range(n):
            bucket = (keys[i] >> shift) & _BUCKET_MASK
            place = start[bucket]
            start[bucket] = place + 1
            other_keys[place] = keys[i]
            other_order[place] = order[i]
        keys, other_keys = other_keys, keys
        order, other_order = other_order, order
    return order
