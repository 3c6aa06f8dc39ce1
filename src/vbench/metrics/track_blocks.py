"""Tracking under resampling; `track_counts` compares whole clips and counts block by block."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vbench.metrics.object_blocks import per
from vbench.metrics.resampled import Replicate
from vbench.metrics.track_counts import HOTA_ALPHAS, TrackCounts
from vbench.types import F64, I64

_EDGES = np.cumsum([1, 1, 1, 1, 7, len(HOTA_ALPHAS), len(HOTA_ALPHAS)])
"""Where the columns of `_Sums` end when they stand side by side; `location` is the rest."""


@dataclass(frozen=True, slots=True)
class _Sums:
    """Track counts of one class or of all: per unit of footage, or per resample (n,)."""

    truth: F64
    found: F64
    distance: F64
    idtp: F64
    clear: F64
    """(n, 7)"""
    matches: F64
    """(n, A) of HOTA, like the next two."""
    association: F64
    location: F64

    @classmethod
    def of(cls, counts: TrackCounts, at_class: int | None) -> _Sums:
        """Per unit of the counts (U, C)."""

        def column(table: I64 | F64) -> F64:
            chosen = table.sum(axis=1) if at_class is None else table[:, at_class]
            return chosen.astype(np.float64)

        return cls(
            column(counts.n_truth),
            column(counts.n_detections),
            column(counts.distance),
            column(counts.idtp),
            column(counts.clear),
            column(counts.hota_matches),
            column(counts.association),
            column(counts.location),
        )

    def drawn(self, weights: F64) -> _Sums:
        """Per resample, under weights (B, U)."""
        columns = np.column_stack(
            [
                self.truth,
                self.found,
                self.distance,
                self.idtp,
                self.clear,
                self.matches,
                self.association,
                self.location,
            ]
        )
        some = columns.any(axis=1)
        truth, found, distance, idtp, clear, matches, association, location = np.split(
            weights[:, some] @ columns[some], _EDGES, axis=1
        )
        return _Sums(
            truth[:, 0], found[:, 0], distance[:, 0], idtp[:, 0], clear, matches, association,
            location,
        )  # fmt: skip

    @property
    def boxes(self) -> F64:
        """(n, A) boxes of both sides, matched pairs once."""
        return (self.truth + self.found)[:, None] - self.matches

    @property
    def deta(self) -> F64:
        """(n, A) detection accuracy."""
        return self.matches / np.maximum(self.boxes, 1.0)

    @property
    def assa(self) -> F64:
        """(n, A) association accuracy, 0 at thresholds without a match."""
        return self.association / np.maximum(self.matches, 1.0)

    @property
    def loca(self) -> F64:
        """(n, A) localisation accuracy, 1 at thresholds without a match."""
        return np.where(self.matches > 0, self.location / np.maximum(self.matches, 1.0), 1.0)


def track_replicates(
    counts: TrackCounts, known: TrackCounts, at_class: int | None, weights: F64
) -> list[Replicate]:
    """Every tracking metric under resampling, defined where `track_values` defines it.

    Args:
        counts: (U, C) per unit of footage: block or clip; see `TrackCounts.merged`.
        known: (U, C) the part where false positives can be known.
        at_class: None for all classes together.
        weights: (B, U) how often each unit is drawn.
    """
    whole, sure = _Sums.of(counts, at_class), _Sums.of(known, at_class)
    return [
        *_replicates(whole, whole.drawn(weights)),
        *_replicates_with_fp(sure, sure.drawn(weights)),
    ]


def _replicates(units: _Sums, drawn: _Sums) -> list[Replicate]:
    """Metrics that need no false positives."""
    matched = drawn.matches.any(axis=1)
    tracks = units.clear[:, 6]
    replicates = [
        Replicate("motp", per(drawn.distance, drawn.clear[:, 0]), units.clear[:, 0]),
        Replicate(
            "loca", np.where(matched, drawn.loca.mean(axis=1), np.nan), units.matches.mean(axis=1)
        ),
        Replicate("idr", per(drawn.idtp, drawn.truth), units.truth),
        Replicate("idsw", drawn.clear[:, 1], units.truth),
        Replicate("fragmentations", drawn.clear[:, 2], units.truth),
        Replicate("mostly_tracked", drawn.clear[:, 3], tracks),
        Replicate("partially_tracked", drawn.clear[:, 4], tracks),
        Replicate("mostly_lost", drawn.clear[:, 5], tracks),
    ]
    return [_with_truth(one, drawn.truth) for one in replicates]


def _replicates_with_fp(units: _Sums, drawn: _Sums) -> list[Replicate]:
    """Metrics that need false positives, of the part where they can be known."""
    tp = drawn.clear[:, 0]
    errors = (drawn.truth - tp) + (drawn.found - tp) + drawn.clear[:, 1]
    boxes = units.truth + units.found
    both = units.boxes.mean(axis=1)
    hota = np.sqrt(drawn.deta * drawn.assa)
    replicates = [
        Replicate("mota", per(drawn.truth - errors, drawn.truth), units.truth),
        Replicate("idf1", per(2 * drawn.idtp, drawn.truth + drawn.found), boxes),
        Replicate("idp", per(drawn.idtp, drawn.found), units.found),
        Replicate("hota", hota.mean(axis=1), both),
        Replicate("deta", drawn.deta.mean(axis=1), both),
        Replicate("assa", drawn.assa.mean(axis=1), units.matches.mean(axis=1)),
    ]
    return [_with_truth(one, drawn.truth) for one in replicates]


def _with_truth(replicate: Replicate, truth: F64) -> Replicate:
    """Undefined wherever no truth was drawn."""
    return replace(replicate, values=np.where(truth > 0, replicate.values, np.nan))
