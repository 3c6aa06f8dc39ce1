"""Objects, frames and scores under resampling: per-block counts, and the ratios made of them.

Every ratio here is one of `vbench.metrics.values` or `vbench.metrics.calibration`; weighted with
ones it gives the same number, which a test checks for every metric row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vbench.metrics.calibration import N_BINS, bin_of_score
from vbench.metrics.frames import grouped_frame_counts
from vbench.metrics.pool import Pool
from vbench.metrics.resampled import Blocks, Replicate
from vbench.metrics.resampling import Draws
from vbench.types import F64, I32, I64, Bool, ClipAnswers, GoldenSet, OperatingPoint

_TRUTH, _FOUND, _IOU, KNOWN_TRUTH, _KNOWN_FOUND, _FALSE = range(6)
_KNOWN_FRAMES, _KNOWN_HOURS = range(6, 8)
N_OBJECT_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class PoolBlocks:
    """The block of each pooled truth box and detection."""

    n_blocks: int
    of_truth: I32
    """(M,)"""
    of_detection: I32
    """(N,) in score order."""


def pool_blocks(
    golden_set: GoldenSet, answers: Sequence[ClipAnswers], pool: Pool, blocks: Blocks
) -> PoolBlocks:
    """Look up the block of everything pooled, reading each block of answers once."""
    of_detection = [
        of_frame[found.frame_index]
        for of_frame, of_clip in zip(blocks.of_frame, answers, strict=True)
        for found in of_clip.detection_blocks()
    ]
    of_truth = [
        of_frame[clip.truth.frame_index]
        for of_frame, clip in zip(blocks.of_frame, golden_set.clips, strict=True)
    ]
    return PoolBlocks(
        len(blocks), np.concatenate(of_truth), np.concatenate(of_detection)[pool.detection_order]
    )


def annotated_frames(golden_set: GoldenSet, blocks: Blocks) -> F64:
    """(K,) how many frames of each block count."""
    rows = [
        of_frame[clip.annotated]
        for of_frame, clip in zip(blocks.of_frame, golden_set.clips, strict=True)
    ]
    return np.bincount(np.concatenate(rows), minlength=len(blocks)).astype(np.float64)


def footage_table(golden_set: GoldenSet, pool: Pool, blocks: Blocks) -> F64:
    """(K, C + 1, 2) annotated frames and hours where false positives can be known.

    The last column of classes is that where they can be known of any class.
    """
    frames = annotated_frames(golden_set, blocks)[:, None]
    hours_per_frame = pool.annotated_s / np.maximum(pool.n_annotated, 1) / 3600.0
    known = np.column_stack([pool.exhaustive, pool.exhaustive.any(axis=1)])[blocks.clip]
    hours = frames * hours_per_frame[blocks.clip][:, None]
    return np.stack([frames * known, hours * known], axis=2)


class ObjectBlocks:
    """What was found, missed and false, by block."""

    def __init__(self, pool: Pool, at: PoolBlocks) -> None:
        row = pool.operating_row
        truth_row = pool.truth_row[row]
        counting = pool.selected & ~pool.ignored[row]
        hits = np.flatnonzero(counting & (truth_row >= 0))
        n_truth = len(pool.truth_class)
        found, iou = np.zeros(n_truth), np.zeros(n_truth)
        found[truth_row[hits]] = 1.0
        iou[truth_row[hits]] = pool.operating_iou[hits]
        known = pool.exhaustive[pool.truth_clip, pool.truth_class]
        counts = pool.truth_counts.astype(np.float64)
        self._shape = (at.n_blocks, pool.n_classes)
        self._truth_cell = at.of_truth * np.int64(pool.n_classes) + pool.truth_class
        self._truth_columns = (counts, found, iou, counts * known, found * known)
        self.false = np.flatnonzero(counting & (truth_row < 0))
        """Rows of the false positives among the pooled detections."""
        self._false_cell = (
            at.of_detection[self.false] * np.int64(pool.n_classes)
            + pool.detection_class[self.false]
        )

    def truth_table(self, truth: Bool) -> I64:
        """(K, C) how many of the marked truth boxes (M,)."""
        n_cells = self._shape[0] * self._shape[1]
        counts = np.bincount(self._truth_cell[truth], minlength=n_cells)
        return counts.reshape(self._shape).astype(np.int64, copy=False)

    def table(self, truth: Bool | None = None, false: Bool | None = None) -> F64:
        """(K, C + 1, 6) sums over the marked truth boxes (M,) and rows of `false`; None: all."""
        truth_cell = self._truth_cell if truth is None else self._truth_cell[truth]
        false_cell = self._false_cell if false is None else self._false_cell[false]
        n_cells = self._shape[0] * self._shape[1]
        table: F64 = np.empty((n_cells, N_OBJECT_COLUMNS))
        for k, column in enumerate(self._truth_columns):
            table[:, k] = np.bincount(
                truth_cell, column if truth is None else column[truth], n_cells
            )
        table[:, _FALSE] = np.bincount(false_cell, minlength=n_cells)
        return _with_total(table.reshape(*self._shape, N_OBJECT_COLUMNS))


def object_replicates(
    objects: F64, footage: F64, draws: Draws, told_apart: bool
) -> Iterator[list[Replicate]]:
    """Counts and ratios over boxes of one scope, class by class; see `detection_values`.

    Args:
        objects: (U, C + 1, 6) sums of `ObjectBlocks.table` of each unit.
        footage: (U, C + 1, 2) sums of `footage_table` of each unit.
        draws: of the scope.
        told_apart: whether false positives can be told by the scope's slice.
    """
    columns = np.concatenate([objects, footage], axis=2)
    for c in range(columns.shape[1]):
        yield _object_replicates(columns[:, c], draws.drawn(columns[:, c]).T, told_apart)


def _object_replicates(columns: F64, drawn: F64, told_apart: bool) -> list[Replicate]:
    """Of one class, from columns per unit (U, 8) and per resample (8, B)."""
    truth, found, iou, known_truth, known_found, false, known_frames, hours = drawn
    replicates = [
        Replicate("tp", found, columns[:, _TRUTH]),
        Replicate("fn", truth - found, columns[:, _TRUTH]),
        Replicate("recall", per(found, truth), columns[:, _TRUTH]),
        Replicate("mean_iou", per(iou, found), columns[:, _FOUND]),
    ]
    if not told_apart:
        return replicates
    reported = columns[:, _KNOWN_FOUND] + columns[:, _FALSE]
    return [
        *replicates,
        Replicate("fp", false, columns[:, _KNOWN_FRAMES]),
        Replicate("precision", per(known_found, known_found + false), reported),
        Replicate(
            "f1",
            per(2 * known_found, known_found + known_truth + false),
            columns[:, KNOWN_TRUTH] + reported,
        ),
        Replicate("fp_per_frame", per(false, known_frames), columns[:, _KNOWN_FRAMES]),
        Replicate("fp_per_camera_hour", per(false, hours), columns[:, _KNOWN_HOURS]),
    ]


def frame_table(
    golden_set: GoldenSet, pool: Pool, operating_point: OperatingPoint, blocks: Blocks
) -> F64:
    """(K, C + 1, 4) frames by truth and answer (tp, fp, fn, tn) where false ones can be known."""
    edges = np.searchsorted(blocks.clip, np.arange(len(golden_set.clips) + 1)).tolist()
    table: F64 = np.zeros((len(blocks), pool.n_classes, 4))
    clips = zip(golden_set.clips, pool.at_point, blocks.of_frame, pairwise(edges), strict=True)
    for clip, (found, matches), of_frame, (first, end) in clips:
        counts = grouped_frame_counts(
            clip, found, matches, operating_point, of_frame - first, end - first
        )
        by_outcome = np.stack([counts.tp, counts.fp, counts.fn, counts.tn], axis=2)
        table[first:end] = by_outcome * clip.exhaustive[:, None]
    return _with_total(table)


def frame_replicates(frames: F64, draws: Draws) -> Iterator[list[Replicate]]:
    """Ratios over frames of one scope, class by class; see `frame_values`.

    Args:
        frames: (U, C + 1, 4) sums of `frame_table` of each unit.
        draws: of the scope.
    """
    for c in range(frames.shape[1]):
        tp, fp, fn, tn = draws.drawn(frames[:, c]).T
        of_tp, of_fp, of_fn, of_tn = frames[:, c].T
        yield [
            Replicate("frame_accuracy", per(tp + tn, tp + fp + fn + tn), frames[:, c].sum(axis=1)),
            Replicate("frame_precision", per(tp, tp + fp), of_tp + of_fp),
            Replicate("frame_recall", per(tp, tp + fn), of_tp + of_fn),
            Replicate("frame_fpr", per(fp, fp + tn), of_fp + of_tn),
        ]


def score_table(pool: Pool, at: PoolBlocks) -> F64:
    """(K, C + 1, 1 + bins) detections, and per bin true positives less the sum of scores."""
    row = pool.operating_row
    known = pool.exhaustive[pool.detection_clip, pool.detection_class]
    rows = np.flatnonzero(pool.selected & ~pool.ignored[row] & known)
    score = pool.detection_score[rows]
    inside = (score >= 0.0) & (score <= 1.0)
    rows, score = rows[inside], score[inside]
    shape = (at.n_blocks, pool.n_classes, N_BINS)
    cell: I64 = at.of_detection[rows] * np.int64(pool.n_classes) + pool.detection_class[rows]
    bin_of_cell = cell * N_BINS + bin_of_score(score)
    surplus = (pool.truth_row[row][rows] >= 0) - score
    table: F64 = np.empty((*shape[:2], 1 + N_BINS))
    table[:, :, 0] = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape[:2])
    by_bin = np.bincount(bin_of_cell, surplus, shape[0] * shape[1] * N_BINS)
    table[:, :, 1:] = by_bin.reshape(shape)
    return _with_total(table)


def score_replicates(scores: F64, draws: Draws) -> Iterator[list[Replicate]]:
    """Calibration of one scope, class by class; see `Reliability.expected_calibration_error`.

    Args:
        scores: (U, C + 1, 1 + bins) sums of `score_table` of each unit.
        draws: of the scope.
    """
    for c in range(scores.shape[1]):
        drawn = draws.drawn(scores[:, c])
        error = np.abs(drawn[:, 1:]).sum(axis=1)
        yield [Replicate("ece", per(error, drawn[:, 0]), scores[:, c, 0])]


def per(numerator: F64 | float, denominator: F64) -> F64:
    """(B,) quotients, NaN where the denominator is 0."""
    quotient: F64 = np.divide(
        numerator, denominator, out=np.full(len(denominator), np.nan), where=denominator > 0
    )
    return quotient


def _with_total(table: F64) -> F64:
    """(K, C + 1, ...) the table with the sum over classes as one more column."""
    return np.append(table, table.sum(axis=1, keepdims=True), axis=1)
