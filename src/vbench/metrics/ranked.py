"""Detections of each class in score order, with all the ways of being right side by side.

Average precision at ten IoU thresholds, and with six kinds of errors corrected, walks the same
detections in the same order; only which of them are right, and which count, differs. Each such way
is a variant: one bit in a column of flags, so that a stored detection costs a few bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from vbench.metrics.error_kinds import ERROR_KINDS, ErrorTable
from vbench.metrics.pool import Pool
from vbench.metrics.scopes import Partition
from vbench.types import I32, I64, Bool

Flags: TypeAlias = npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Ranking:
    """R entries, each a detection as one of a class; V variants."""

    detection: I32
    """(R,) row among the pooled detections; better scores have lower rows."""
    class_id: I32
    right: Flags
    """(R,) bit v: a true positive in variant v."""
    counts: Flags
    """(R,) bit v: a true or false positive in variant v."""
    scope: I32 | None = None
    """(R,) where scopes divide boxes; None: its clip decides."""

    def joined(self, other: Ranking) -> Ranking:
        """The entries of both."""
        scopes = None
        if self.scope is not None and other.scope is not None:
            scopes = np.concatenate([self.scope, other.scope])
        return Ranking(
            np.concatenate([self.detection, other.detection]),
            np.concatenate([self.class_id, other.class_id]),
            np.concatenate([self.right, other.right]),
            np.concatenate([self.counts, other.counts]),
            scopes,
        )


@dataclass(frozen=True, slots=True)
class RankedCells:
    """Entries of each cell of an (S, C) table, best first."""

    start: I64
    """(S * C + 1,) first entry of each cell."""
    block: I32
    """(R,)"""
    right: Flags
    counts: Flags

    def cell(self, number: int) -> RankedCells:
        """The entries of one cell."""
        rows = slice(int(self.start[number]), int(self.start[number + 1]))
        n = rows.stop - rows.start
        return RankedCells(np.array([0, n]), self.block[rows], self.right[rows], self.counts[rows])


def coco_ranking(pool: Pool) -> Ranking:
    """Variant t: COCO's t-th IoU threshold, where false positives can be known."""
    n = len(pool.detection_score)
    right, counts = np.zeros(n, np.uint16), np.zeros(n, np.uint16)
    for t, row in enumerate(pool.coco_rows):
        counting = ~pool.ignored[row]
        _set_bit(counts, t, counting)
        _set_bit(right, t, counting & (pool.truth_row[row] >= 0))
    known = pool.exhaustive[pool.detection_clip, pool.detection_class]
    rows = np.flatnonzero(known & (counts > 0))
    return Ranking(rows.astype(np.int32), pool.detection_class[rows], right[rows], counts[rows])


def box_ranking(pool: Pool, partition: Partition, ranking: Ranking) -> Ranking:
    """The same by scopes of boxes: a match is in the scope of its truth, the rest in its own.

    Raises:
        ValueError: detections cannot be told apart by the scopes' tag.
    """
    if partition.detection_group is None:
        raise ValueError("average precision needs detections in scopes")
    own: I32 = partition.detection_group[ranking.detection].astype(np.int32, copy=False)
    right, counts = ranking.right.copy(), ranking.counts.copy()
    entry_of = np.full(len(pool.detection_score), -1, np.int64)
    entry_of[ranking.detection] = np.arange(len(ranking.detection))
    moved_entry, moved_scope, moved_bit = [], [], []
    for t, row in enumerate(pool.coco_rows):
        entry = entry_of[pool.truth_row.detection[row]]
        scope = partition.truth_group[pool.truth_row.truth[row]]
        entry, scope = entry[entry >= 0], scope[entry >= 0]
        moves = scope != own[entry]
        entry, scope = entry[moves], scope[moves]
        stays = (scope >= 0) & ((ranking.counts[entry] >> t) & 1 == 1)
        moved_entry.append(entry[stays])
        moved_scope.append(scope[stays])
        moved_bit.append(np.full(int(stays.sum()), 1 << t, np.uint16))
        right[entry] &= np.uint16(0xFFFF ^ (1 << t))
        counts[entry] &= np.uint16(0xFFFF ^ (1 << t))
    n_scopes = max(len(partition.scopes), 1)
    key = np.concatenate(moved_entry) * n_scopes + np.concatenate(moved_scope)
    pairs, of_pair = np.unique(key, return_inverse=True)
    bits = np.zeros(len(pairs), np.uint16)
    np.bitwise_or.at(bits, of_pair, np.concatenate(moved_bit))
    entry, moved_to = pairs // n_scopes, (pairs % n_scopes).astype(np.int32)
    stay = Ranking(ranking.detection, ranking.class_id, right, counts, own)
    return stay.joined(
        Ranking(ranking.detection[entry], ranking.class_id[entry], bits, bits, moved_to)
    )


def error_ranking(pool: Pool, errors: ErrorTable) -> Ranking:
    """At the operating IoU. Variant 0: as it is; k + 1: errors of kind k corrected.

    The variant of missed objects is as it is: it has less truth; see `error_costs`.
    """
    row = pool.operating_row
    every = np.uint16((1 << (len(ERROR_KINDS) + 1)) - 1)
    hit, counting = pool.truth_row[row] >= 0, ~pool.ignored[row]
    known = pool.exhaustive[pool.detection_clip, pool.detection_class]
    right = np.where(hit & counting, every, np.uint16(0))
    counts = np.where(counting & known, every, np.uint16(0))
    wrong = np.flatnonzero(counting & (errors.kind >= 0))
    bit = (np.uint16(1) << (errors.kind[wrong] + 1).astype(np.uint16)).astype(np.uint16)
    counts[wrong] &= ~bit
    rows = np.flatnonzero(counts > 0)
    as_is = Ranking(rows.astype(np.int32), pool.detection_class[rows], right[rows], counts[rows])
    corrected = errors.corrected_truth[wrong] >= 0
    wrong, bit = wrong[corrected], bit[corrected]
    truth = errors.corrected_truth[wrong]
    truth_known = pool.exhaustive[pool.truth_clip[truth], pool.truth_class[truth]]
    wrong, bit, truth = wrong[truth_known], bit[truth_known], truth[truth_known]
    found = Ranking(wrong.astype(np.int32), pool.truth_class[truth].astype(np.int32), bit, bit)
    return as_is.joined(found)


def ranked_cells(
    pool: Pool, partition: Partition, ranking: Ranking, block_of_detection: I32
) -> RankedCells:
    """Sort the entries by scope and class; those in no scope are left out."""
    scope = ranking.scope
    if scope is None:
        scope = clip_group(partition)[pool.detection_clip[ranking.detection]]
    n_cells = len(partition.scopes) * pool.n_classes
    taken = np.flatnonzero((scope >= 0) & (ranking.counts > 0))
    # Best first: entries that were added come after all others. Whole numbers of 16 bits are
    # sorted in one go.
    taken = taken[np.argsort(ranking.detection[taken], kind="stable")]
    cell = scope[taken] * np.int32(pool.n_classes) + ranking.class_id[taken]
    small = cell.astype(np.int16) if n_cells < 2**15 else cell
    order = np.argsort(small, kind="stable")
    taken = taken[order]
    start = np.searchsorted(cell[order], np.arange(n_cells + 1)).astype(np.int64)
    return RankedCells(
        start,
        block_of_detection[ranking.detection[taken]],
        ranking.right[taken],
        ranking.counts[taken],
    )


def clip_group(partition: Partition) -> I32:
    """(n_clips,) scope of each clip in a partition by clips, -1 for none."""
    member = partition.membership > 0
    return np.where(member.any(axis=0), member.argmax(axis=0), -1).astype(np.int32)


def _set_bit(flags: Flags, bit: int, rows: Bool) -> None:
    flags |= rows.astype(np.uint16) << np.uint16(bit)
