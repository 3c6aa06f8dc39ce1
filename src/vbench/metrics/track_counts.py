"""Track counts that can be summed over blocks, clips and classes, and their ratios."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from vbench.types import F64, I32, I64, Bool

HOTA_ALPHAS: F64 = np.arange(0.05, 0.99, 0.05)
"""0.05, 0.10, ..., 0.95, the very floats of TrackEval."""
HOTA_ALPHAS.flags.writeable = False

Column = TypeVar("Column", I64, F64)


@dataclass(frozen=True, slots=True)
class TrackScores:
    """Track counts; a ratio that divides by nothing is None. A = 19 thresholds of HOTA."""

    n_truth: int
    """Truth boxes."""
    n_detections: int
    """Boxes of the tracker."""
    clear: I64
    """(7,) as `vbench.kernels.tracking.clear_counts`."""
    distance: float
    """Sum of 1 - IoU over CLEAR matches."""
    idtp: int
    """Boxes that agree when each truth track is given at most one track (Ristani et al. 2016)."""
    hota_matches: I64
    """(A,)"""
    association: F64
    """(A,) sum over HOTA matches of TPA / (TPA + FPA + FNA)."""
    location: F64
    """(A,) sum of IoU over HOTA matches."""

    @property
    def tp(self) -> int:
        """CLEAR matches."""
        return int(self.clear[0])

    @property
    def fp(self) -> int:
        """Boxes of the tracker without a CLEAR match."""
        return self.n_detections - self.tp

    @property
    def fn(self) -> int:
        """Truth boxes without a CLEAR match."""
        return self.n_truth - self.tp

    @property
    def identity_switches(self) -> int:
        """Matches whose truth track was last matched with another track."""
        return int(self.clear[1])

    @property
    def fragmentations(self) -> int:
        """Times a truth track is resumed after it was lost."""
        return int(self.clear[2])

    @property
    def mostly_tracked(self) -> int:
        """Truth tracks matched in more than 80 % of their boxes."""
        return int(self.clear[3])

    @property
    def partially_tracked(self) -> int:
        """Truth tracks matched in 20 % to 80 % of their boxes."""
        return int(self.clear[4])

    @property
    def mostly_lost(self) -> int:
        """Truth tracks matched in less than 20 % of their boxes."""
        return int(self.clear[5])

    @property
    def mota(self) -> float | None:
        """1 - (FN + FP + IDSW) / truth boxes."""
        return _quotient(self.n_truth - self.fn - self.fp - self.identity_switches, self.n_truth)

    @property
    def motp(self) -> float | None:
        """Mean of 1 - IoU over CLEAR matches: a distance."""
        return _quotient(self.distance, self.tp)

    @property
    def idf1(self) -> float | None:
        """2 IDTP / (truth boxes + boxes of the tracker)."""
        return _quotient(2 * self.idtp, self.n_truth + self.n_detections)

    @property
    def idp(self) -> float | None:
        """IDTP / boxes of the tracker."""
        return _quotient(self.idtp, self.n_detections)

    @property
    def idr(self) -> float | None:
        """IDTP / truth boxes."""
        return _quotient(self.idtp, self.n_truth)

    @property
    def deta_per_alpha(self) -> F64:
        """(A,) TP / (TP + FP + FN): boxes of both sides, matched pairs once."""
        n_boxes = self.n_truth + self.n_detections - self.hota_matches
        return np.asarray(self.hota_matches / np.maximum(n_boxes, 1), np.float64)

    @property
    def assa_per_alpha(self) -> F64:
        """(A,) mean association of the matches; 0 at thresholds without a match."""
        return np.asarray(self.association / np.maximum(self.hota_matches, 1), np.float64)

    @property
    def loca_per_alpha(self) -> F64:
        """(A,) mean IoU of the matches; 1 at thresholds without a match, as in TrackEval."""
        some = self.hota_matches > 0
        return np.where(some, self.location / np.maximum(self.hota_matches, 1), 1.0)

    @property
    def hota_per_alpha(self) -> F64:
        """(A,) sqrt(DetA x AssA) at each threshold."""
        return np.asarray(np.sqrt(self.deta_per_alpha * self.assa_per_alpha), np.float64)

    @property
    def hota(self) -> float | None:
        """Mean of `hota_per_alpha`; None without truth."""
        return float(self.hota_per_alpha.mean()) if self.n_truth else None

    @property
    def deta(self) -> float | None:
        """Mean of `deta_per_alpha`; None without truth."""
        return float(self.deta_per_alpha.mean()) if self.n_truth else None

    @property
    def assa(self) -> float | None:
        """Mean of `assa_per_alpha`; None without truth."""
        return float(self.assa_per_alpha.mean()) if self.n_truth else None

    @property
    def loca(self) -> float | None:
        """Mean of `loca_per_alpha`; None without a match at any threshold."""
        return float(self.loca_per_alpha.mean()) if self.hota_matches.any() else None


@dataclass(frozen=True, slots=True)
class TrackCounts:
    """Sums over groups of footage (G, C): blocks or clips at first, scopes after `summed`.

    A alphas. Of a single class, groups alone: (G,).
    """

    n_truth: I64
    """Truth boxes with a track id."""
    n_detections: I64
    """Detections with a track id."""
    clear: I64
    """(G, C, 7) as `vbench.kernels.tracking.clear_counts`."""
    distance: F64
    """Sum of 1 - IoU over CLEAR matches."""
    idtp: I64
    hota_matches: I64
    """(G, C, A)"""
    association: F64
    """(G, C, A) sum over HOTA matches of TPA / (TPA + FPA + FNA)."""
    location: F64
    """(G, C, A) sum of IoU over HOTA matches."""

    def at(self, cell: tuple[int, ...]) -> TrackScores:
        """The counts of one group and class, with their ratios."""
        return TrackScores(
            n_truth=int(self.n_truth[cell]),
            n_detections=int(self.n_detections[cell]),
            clear=self.clear[cell],
            distance=float(self.distance[cell]),
            idtp=int(self.idtp[cell]),
            hota_matches=self.hota_matches[cell],
            association=self.association[cell],
            location=self.location[cell],
        )

    def merged(self, group: I32 | I64, n_groups: int) -> TrackCounts:
        """(n_groups, C) sums of the groups with the same number.

        Args:
            group: (G,) new number of each group, ascending; -1 for those left out.
            n_groups: how many new groups there are.
        """
        rows = np.flatnonzero(group >= 0)
        starts = np.flatnonzero(np.diff(group[rows], prepend=-1))

        def total(column: Column) -> Column:
            sums = np.zeros((n_groups, *column.shape[1:]), column.dtype)
            if len(starts) == len(rows):
                sums[group[rows]] = column[rows]
            else:
                sums[group[rows[starts]]] = np.add.reduceat(column[rows], starts, axis=0)
            return sums

        return TrackCounts(
            n_truth=total(self.n_truth),
            n_detections=total(self.n_detections),
            clear=total(self.clear),
            distance=total(self.distance),
            idtp=total(self.idtp),
            hota_matches=total(self.hota_matches),
            association=total(self.association),
            location=total(self.location),
        )

    def put(self, groups: slice, c: int, counts: TrackCounts) -> None:
        """Fill the counts of one class in for some groups."""
        self.n_truth[groups, c] = counts.n_truth
        self.n_detections[groups, c] = counts.n_detections
        self.clear[groups, c] = counts.clear
        self.distance[groups, c] = counts.distance
        self.idtp[groups, c] = counts.idtp
        self.hota_matches[groups, c] = counts.hota_matches
        self.association[groups, c] = counts.association
        self.location[groups, c] = counts.location

    def summed(self, membership: F64) -> TrackCounts:
        """(S, C + 1) sums by a (S, G) matrix of 0 and 1; the last column is all classes."""

        def total(column: I64 | F64) -> F64:
            groups = np.tensordot(membership, column, axes=1)
            return np.append(groups, groups.sum(axis=1, keepdims=True), axis=1)

        def count(column: I64) -> I64:
            return np.rint(total(column)).astype(np.int64)

        return TrackCounts(
            n_truth=count(self.n_truth),
            n_detections=count(self.n_detections),
            clear=count(self.clear),
            distance=total(self.distance),
            idtp=count(self.idtp),
            hota_matches=count(self.hota_matches),
            association=total(self.association),
            location=total(self.location),
        )

    def where(self, cells: Bool) -> TrackCounts:
        """(G, C) the same counts, zero outside the marked cells."""
        deep = cells[:, :, None]
        return TrackCounts(
            n_truth=self.n_truth * cells,
            n_detections=self.n_detections * cells,
            clear=self.clear * deep,
            distance=self.distance * cells,
            idtp=self.idtp * cells,
            hota_matches=self.hota_matches * deep,
            association=self.association * deep,
            location=self.location * deep,
        )

    @classmethod
    def zeros(cls, n_groups: int, n_classes: int) -> TrackCounts:
        """Nothing counted yet."""
        shape = (n_groups, n_classes)
        return cls(
            n_truth=np.zeros(shape, np.int64),
            n_detections=np.zeros(shape, np.int64),
            clear=np.zeros((*shape, 7), np.int64),
            distance=np.zeros(shape),
            idtp=np.zeros(shape, np.int64),
            hota_matches=np.zeros((*shape, len(HOTA_ALPHAS)), np.int64),
            association=np.zeros((*shape, len(HOTA_ALPHAS))),
            location=np.zeros((*shape, len(HOTA_ALPHAS))),
        )


def _quotient(numerator: float, denominator: float) -> float | None:
    return numerator / denominator if denominator else None
