"""Detections of each class in score order, with all the ways of being right side by side.

Average precision at ten IoU thresholds, and with six kinds of errors corrected, walks the same
detections in the same order; only which of them are right, and which count, differs. Each such way
is a variant: one bit in a column of flags, so that a stored detection costs a few bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vbench.kernels.resampled_ap import Flags
from vbench.metrics.error_kinds import ERROR_KINDS, ErrorTable
from vbench.metrics.pool import Pool
from vbench.metrics.scopes import Partition
from vbench.types import I32, I64, Bool

N_IOUS = 10
"""The first variants: COCO's IoU thresholds."""
AS_IS = N_IOUS
"""At the operating IoU, nothing corrected; then one variant per kind of error."""
_ANY_IOU = np.uint32((1 << N_IOUS) - 1)
_ANY_ERROR = np.uint32(((1 << (1 + len(ERROR_KINDS))) - 1) << AS_IS)


@dataclass(frozen=True, slots=True)
class Ranking:
    """R entries, best score first: each detection, and what some would be if corrected.

    Down to the last one of each class that is right in any variant: those below it, most of what a
    detector stores, change no average precision.
    """

    detection: I32
    """(R,) ascending row of the pooled detection that the entry is, or is about."""
    is_detection: Bool
    """(R,) else it follows the detection that it is about."""
    class_id: I32
    block: I32
    right: Flags
    """(R,) bit v: a true positive in variant v."""
    counts: Flags
    """(R,) bit v: a true or false positive in variant v, where false ones can be known."""


@dataclass(frozen=True, slots=True)
class RankedCells:
    """The entries of each cell of an (S, C) table."""

    ranking: Ranking
    start: I64
    """(S * C + 1,) first of `entries` of each cell."""
    entries: I32
    """Numbers of entries, cell after cell, best first."""

    def cell(self, number: int) -> RankedCell:
        """One cell."""
        entries = self.entries[self.start[number] : self.start[number + 1]]
        ranking = self.ranking
        return RankedCell(ranking.block[entries], ranking.right[entries], ranking.counts[entries])


@dataclass(frozen=True, slots=True)
class RankedCell:
    """Entries of one scope and class, best first; columns as in `Ranking`."""

    block: I32
    right: Flags
    counts: Flags

    def same(self, first: int, second: int) -> bool:
        """Whether two variants have the same true and false positives."""
        differs = (self.right >> np.uint32(first)) ^ (self.right >> np.uint32(second))
        differs |= (self.counts >> np.uint32(first)) ^ (self.counts >> np.uint32(second))
        return not (differs & 1).any()


def ranking_of(pool: Pool, errors: ErrorTable, block: I32) -> Ranking:
    """Flags of all variants.

    The variant of missed objects has the same detections as it is, and less truth; see
    `error_costs`.

    Args:
        pool: N detections in score order, and their matches.
        errors: of the same pool.
        block: (N,) block of each detection.
    """
    n = len(block)
    right, counts = np.zeros(n, np.uint32), np.zeros(n, np.uint32)
    variants = [(t, row, np.uint32(1 << t)) for t, row in enumerate(pool.coco_rows)]
    for _, row, bits in (*variants, (AS_IS, pool.operating_row, _ANY_ERROR)):
        counting = ~pool.ignored[row]
        counts[counting] |= bits
        right[counting & (pool.truth_row[row] >= 0)] |= bits
    known = pool.exhaustive[pool.detection_clip, pool.detection_class]
    counts[~known] = 0
    right[~known] = 0
    wrong = np.flatnonzero((errors.kind >= 0) & ~pool.ignored[pool.operating_row])
    bit = np.uint32(1) << (AS_IS + 1 + errors.kind[wrong]).astype(np.uint32)
    counts[wrong] &= ~bit
    truth = errors.corrected_truth[wrong]
    corrected = np.flatnonzero(truth >= 0)
    found = truth[corrected]
    corrected = corrected[pool.exhaustive[pool.truth_clip[found], pool.truth_class[found]]]
    wrong, bit, truth = wrong[corrected], bit[corrected], truth[corrected]
    class_of = pool.truth_class[truth].astype(np.int32)
    kept = _down_to_last_right(pool, right, wrong, class_of)
    ranking = Ranking(
        detection=kept,
        is_detection=np.ones(len(kept), np.bool_),
        class_id=pool.detection_class[kept],
        block=block[kept],
        right=right[kept],
        counts=counts[kept],
    )
    del right, counts
    added = _Added(
        at=np.searchsorted(kept, wrong, side="right"),
        detection=wrong.astype(np.int32),
        class_id=class_of,
        block=block[wrong],
        bits=bit,
    )
    return _inserted(ranking, added)[0]


def _down_to_last_right(pool: Pool, right: Flags, corrected: I64, class_of: I32) -> I32:
    """Detections, without those of each class below the last one that is right in any variant.

    Args:
        pool: N detections in score order.
        right: (N,) bit v: a true positive in variant v.
        corrected: ascending detections that are right in some variant as another class ...
        class_of: ... and which.
    """
    last = np.full(pool.n_classes, -1, np.int64)
    rows = np.flatnonzero(right)
    last[pool.detection_class[rows]] = rows
    np.maximum.at(last, class_of, corrected)
    below = np.arange(len(right), dtype=np.int32) <= last.astype(np.int32)[pool.detection_class]
    return np.flatnonzero(below).astype(np.int32)


def clip_cells(
    pool: Pool, partition: Partition, ranking: Ranking, clip_of_block: I64
) -> RankedCells:
    """Entries by class and by scopes of whole clips."""
    member = partition.membership > 0
    group = np.where(member.any(axis=0), member.argmax(axis=0), -1).astype(np.int32)
    return _cells(ranking, group[clip_of_block][ranking.block], len(partition.scopes), pool)


def box_cells(pool: Pool, partition: Partition, ranking: Ranking) -> RankedCells:
    """The same by scopes of boxes, without the variants of errors.

    A match is in the scope of its truth, and any other detection in that of its own box.

    Raises:
        ValueError: detections cannot be told apart by the scopes' tag.
    """
    if partition.detection_group is None:
        raise ValueError("average precision needs detections in scopes")
    n_scopes = len(partition.scopes)
    whole, of_entry = _told_apart(
        pool, partition.detection_group, partition.truth_group, ranking, n_scopes
    )
    return _cells(whole, of_entry, n_scopes, pool)


def _told_apart(
    pool: Pool, detection_group: I32, truth_group: I64, ranking: Ranking, n_scopes: int
) -> tuple[Ranking, I32]:
    """The ranking with matches in the scopes of their truth, and the scope of each entry."""
    entry_of = np.flatnonzero(ranking.is_detection)
    detection = ranking.detection[entry_of]
    scope = np.full(len(ranking.block), -1, np.int32)
    scope[entry_of] = detection_group[detection]
    right, counts = ranking.right & _ANY_IOU, ranking.counts & _ANY_IOU
    moved: list[tuple[I64, I64, Flags]] = []
    for t, row in enumerate(pool.coco_rows):
        matched = pool.truth_row.detection[row]
        ranked = np.isin(matched, detection, assume_unique=True)
        entry = entry_of[np.searchsorted(detection, matched[ranked])]
        of_truth = truth_group[pool.truth_row.truth[row][ranked]]
        bit = np.uint32(1 << t)
        moves = (of_truth != scope[entry]) & (counts[entry] & bit > 0)
        entry, of_truth = entry[moves], of_truth[moves]
        right[entry] &= ~bit
        counts[entry] &= ~bit
        inside = of_truth >= 0
        moved.append((entry[inside], of_truth[inside], np.full(int(inside.sum()), bit)))
    entry, moved_to, bits = (np.concatenate(columns) for columns in zip(*moved, strict=True))
    pairs, of_pair = np.unique(entry * n_scopes + moved_to, return_inverse=True)
    pair_bits = np.zeros(len(pairs), np.uint32)
    np.bitwise_or.at(pair_bits, of_pair, bits)
    entry = pairs // n_scopes
    left = replace(ranking, right=right, counts=counts)
    whole, added = _inserted(
        left,
        _Added(
            at=entry + 1,
            detection=ranking.detection[entry],
            class_id=ranking.class_id[entry],
            block=ranking.block[entry],
            bits=pair_bits,
        ),
    )
    of_entry = np.empty(len(whole.block), np.int32)
    of_entry[~added], of_entry[added] = scope, pairs % n_scopes
    return whole, of_entry


@dataclass(frozen=True, slots=True)
class _Added:
    """True positives to be added to a ranking."""

    at: I64
    """Before which entry, ascending."""
    detection: I32
    class_id: I32
    block: I32
    bits: Flags


def _inserted(ranking: Ranking, added: _Added) -> tuple[Ranking, Bool]:
    """The ranking with true positives added; and which they are."""
    at = added.at
    is_added = np.insert(np.zeros(len(ranking.block), np.bool_), at, True)
    if not len(at):
        return ranking, is_added
    whole = Ranking(
        detection=np.insert(ranking.detection, at, added.detection),
        is_detection=np.insert(ranking.is_detection, at, False),
        class_id=np.insert(ranking.class_id, at, added.class_id),
        block=np.insert(ranking.block, at, added.block),
        right=np.insert(ranking.right, at, added.bits),
        counts=np.insert(ranking.counts, at, added.bits),
    )
    return whole, is_added


def _cells(ranking: Ranking, scope: I32, n_scopes: int, pool: Pool) -> RankedCells:
    """Sort entries (R,) by scope, -1 for none, and class."""
    n_cells = n_scopes * pool.n_classes
    cell = scope * np.int32(pool.n_classes)
    cell += ranking.class_id
    cell[(scope < 0) | (ranking.counts == 0)] = n_cells
    n_in_cell = np.bincount(cell, minlength=n_cells + 1)[:n_cells]
    start = np.concatenate([[0], np.cumsum(n_in_cell)]).astype(np.int64)
    # Numbers of 16 bits are sorted in a single pass, and take half the room.
    key = cell.astype(np.int16) if n_cells < 2**15 else cell
    del cell
    order = np.argsort(key, kind="stable")
    return RankedCells(ranking, start, order[: start[-1]].astype(np.int32))
