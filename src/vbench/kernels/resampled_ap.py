"""Average precision under resampling: the footage drawn again, B times, without repeating rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from numba import njit

from vbench.kernels.resampled_chunks import N_LANES, distinct_rows, each_chunk, lanes
from vbench.types import F64, I32, I64, Bool

Flags: TypeAlias = npt.NDArray[np.uint32]
_Events: TypeAlias = tuple[I32, I32, Bool, F64, F64, F64]

_RECALL_POINTS = np.linspace(0.0, 1.0, 101)
_REACHED_AT_EQUAL = np.arange(101) / 100 >= _RECALL_POINTS
"""(101,) whether a recall of exactly p / 100 reaches point p: some points are an ulp above it."""


def resampled_average_precision(
    block: I32, true_positive: Bool, counts: Bool, n_truth: I64, weights: F64
) -> F64:
    """COCO 101-point average precision of one group at one IoU threshold under B weight rows.

    Under a row, every detection and truth box occurs as often as the row says of its block; the
    definition is that of `average_precision`. Equal to it, to the last bit, on rows repeated so
    (repeats next to each other), while counts stay below 90 million.

    Args:
        block: (N,) block of each detection, 0 to K - 1; detections in score order, best first.
        true_positive: (N,) detections matched with a truth box.
        counts: (N,) detections of the group that are not ignored.
        n_truth: (K,) truth boxes of the group in each block.
        weights: (B, K) whole numbers, 0 or more. F-ordered is fastest: any other order is copied
            in each call.

    Returns:
        (B,) average precision; NaN under rows without truth.
    """
    right, counting = true_positive.astype(np.uint32), counts.astype(np.uint32)
    of_variants = resampled_average_precisions(block, right, counting, (0,), n_truth, weights)
    one: F64 = of_variants[0]
    return one


def resampled_average_precisions(
    block: I32,
    true_positive: Flags,
    counts: Flags,
    variants: Sequence[int],
    n_truth: I64,
    weights: F64,
) -> F64:
    """`resampled_average_precision` of the same detections and truth, right in several ways.

    Args:
        block: (N,) as there, like `n_truth` and `weights`.
        true_positive: (N,) bit v: matched with a truth box in variant v.
        counts: (N,) bit v: not ignored in variant v.
        variants: V numbers of bits.
        n_truth: (K,)
        weights: (B, K)

    Returns:
        (V, B) average precision; NaN under rows without truth.
    """
    rows, of_row = distinct_rows(weights)
    by_block = lanes(rows)
    drawn_truth = n_truth.astype(np.float64) @ by_block
    wanted = _true_positives_wanted(drawn_truth)
    result = np.empty((len(variants), len(rows)))
    for variant, of_variant in zip(variants, result, strict=True):
        events = _until_last_hit(block, true_positive, counts, np.uint32(variant), len(n_truth))
        each_chunk(len(rows), len(events[1]), partial(_fill, events, by_block, wanted, of_variant))
    result[:, drawn_truth == 0] = np.nan
    return np.take(result, of_row, axis=1)


def _fill(events: _Events, by_block: F64, wanted: F64, result: F64, first: int, last: int) -> None:
    _lanes(*events, by_block, wanted, first, last, result)


@njit(cache=True, nogil=True)
def _until_last_hit(
    block: I32, true_positive: Flags, counts: Flags, variant: np.uint32, n_blocks: int
) -> _Events:
    """What a chunk walks over: counting detections of a variant, down to the last true positive.

    In a run of true positives, or of false ones, only sums matter: those of one block are a single
    event.

    Returns:
        used: (U,) blocks that have truth or such detections.
        place: (E,) where in `used` the block of each event is.
        is_tp: (E,) true positives.
        n_alike: (E,) how many detections it stands for.
        n_tp: (U,) true positives per block.
        n_fp: (U,) false positives per block.
    """
    bit = np.uint32(1) << variant
    n_rows = len(block)
    while n_rows > 0 and not (counts[n_rows - 1] & true_positive[n_rows - 1] & bit):
        n_rows -= 1
    all_tp = np.zeros(n_blocks)
    all_fp = np.zeros(n_blocks)
    n_counting = 0
    for row in range(n_rows):
        if counts[row] & bit:
            n_counting += 1
            if true_positive[row] & bit:
                all_tp[block[row]] += 1
            else:
                all_fp[block[row]] += 1
    place_of = np.empty(n_blocks, np.int32)
    used = np.empty(n_blocks, np.int32)
    n_used = 0
    for k in range(n_blocks):
        if all_tp[k] > 0 or all_fp[k] > 0:
            used[n_used] = k
            place_of[k] = n_used
            n_used += 1
    used = used[:n_used].copy()
    place = np.empty(n_counting, np.int32)
    is_tp = np.empty(n_counting, np.bool_)
    n_alike = np.empty(n_counting)
    event_of = np.full(n_used, -1, np.int64)
    n_events, run, in_run = 0, 0, False
    for row in range(n_rows):
        if not counts[row] & bit:
            continue
        is_hit = (true_positive[row] & bit) != 0
        if is_hit != in_run:
            run, in_run = n_events, is_hit
        u = place_of[block[row]]
        event = event_of[u]
        if event < run:
            event = n_events
            event_of[u] = event
            place[event], is_tp[event], n_alike[event] = u, in_run, 0.0
            n_events += 1
        n_alike[event] += 1.0
    events = place[:n_events].copy(), is_tp[:n_events].copy(), n_alike[:n_events].copy()
    return used, *events, all_tp[used], all_fp[used]


@njit(cache=True, nogil=True)
def _lanes(
    used: I32,
    place: I32,
    is_tp: Bool,
    n_alike: F64,
    n_tp: F64,
    n_fp: F64,
    by_block: F64,
    wanted: F64,
    first: int,
    last: int,
    result: F64,
) -> None:
    """Average precision under the resamples `first` to `last`, at most `N_LANES` side by side."""
    for start in range(first, last, N_LANES):
        end = min(start + N_LANES, last)
        weights = np.empty((len(used), end - start))
        for u in range(len(used)):
            weights[u] = by_block[used[u]][start:end]
        result[start:end] = _chunk(place, is_tp, n_alike, n_tp, n_fp, weights, wanted[start:end])


@njit(cache=True, nogil=True)
def _chunk(
    place: I32, is_tp: Bool, n_alike: F64, n_tp: F64, n_fp: F64, weights: F64, wanted: F64
) -> F64:
    """(lanes,) average precision under weights (U, lanes), one resample in each lane.

    From the worst detection up: `tp` and `fp` are what is left at a place, and the best precision
    seen so far is the one that a recall point gets when `tp` falls below it. In a run of true
    positives, and in repeats of one, precision is highest at the worst end; so each run is looked
    at once.
    """
    n_lanes = len(wanted)
    tp, fp = np.zeros(n_lanes), np.zeros(n_lanes)
    for u in range(len(weights)):
        _add(tp, weights[u], n_tp[u])
        _add(fp, weights[u], n_fp[u])
    next_wanted = wanted[:, 101].copy()
    n_points = np.full(n_lanes, 101)
    # Every point is set in the end: each wants a true positive, and none is left then.
    precision = np.empty((101, n_lanes))
    # Nothing is best yet: points that even all true positives do not reach get a precision of 0.
    best_tp, best_fp = np.zeros(n_lanes), np.ones(n_lanes)
    event = len(place) - 1
    while event >= 0:
        if _any_below(tp, next_wanted):
            _set_points(tp, best_tp, best_fp, wanted, precision, n_points, next_wanted)
        _raise_best(tp, fp, best_tp, best_fp)
        while event >= 0 and is_tp[event]:
            _take(tp, weights[place[event]], n_alike[event])
            event -= 1
        while event >= 0 and not is_tp[event]:
            _take(fp, weights[place[event]], n_alike[event])
            event -= 1
    _set_points(tp, best_tp, best_fp, wanted, precision, n_points, next_wanted)
    total = np.zeros(n_lanes)
    for point in range(101):
        _add(total, precision[point], 1.0)
    return total / 101


@njit(cache=True, nogil=True)
def _add(sums: F64, weights: F64, count: float) -> None:
    for lane in range(len(sums)):
        sums[lane] += count * weights[lane]


@njit(cache=True, nogil=True)
def _take(sums: F64, weights: F64, count: float) -> None:
    for lane in range(len(sums)):
        sums[lane] -= count * weights[lane]


@njit(cache=True, nogil=True)
def _any_below(tp: F64, wanted: F64) -> bool:
    n_below = 0
    for lane in range(len(tp)):
        n_below += tp[lane] < wanted[lane]
    return n_below > 0


@njit(cache=True, nogil=True)
def _raise_best(tp: F64, fp: F64, best_tp: F64, best_fp: F64) -> None:
    """Keep the higher precision; cross-multiplied, which is exact for whole numbers."""
    for lane in range(len(tp)):
        better = tp[lane] * best_fp[lane] > best_tp[lane] * fp[lane]
        best_tp[lane] = tp[lane] if better else best_tp[lane]
        best_fp[lane] = fp[lane] if better else best_fp[lane]


@njit(cache=True, nogil=True)
def _true_positives_wanted(n_truth: F64) -> F64:
    """(lanes, 102) in column p, the fewest true positives that reach p of the 101 recall points.

    Whole numbers decide as `tp / n_truth >= point` does in floating point: where 100 tp and
    p n_truth differ, so do the quotients tp / n_truth and p / 100; where they are equal, the
    quotient is p / 100. Even a recall of 0 takes one true positive.
    """
    wanted = np.zeros((len(n_truth), 102))
    for lane in range(len(n_truth)):
        row = wanted[lane][1:]
        for point in range(101):
            hundredfold = point * n_truth[lane]
            whole = np.floor(hundredfold / 100.0)
            enough = whole * 100.0 == hundredfold and _REACHED_AT_EQUAL[point]
            row[point] = max(whole if enough else whole + 1.0, 1.0)
    return wanted


@njit(cache=True, nogil=True)
def _set_points(
    tp: F64,
    best_tp: F64,
    best_fp: F64,
    wanted: F64,
    precision: F64,
    n_points: I64,
    next_wanted: F64,
) -> None:
    """Give the recall points that `tp` no longer reaches the best precision so far."""
    for lane in range(len(tp)):
        if tp[lane] >= next_wanted[lane]:
            continue
        best = best_tp[lane] / (best_tp[lane] + best_fp[lane])
        point = n_points[lane]
        while tp[lane] < wanted[lane, point]:
            point -= 1
            precision[point, lane] = best
        n_points[lane] = point
        next_wanted[lane] = wanted[lane, point]
