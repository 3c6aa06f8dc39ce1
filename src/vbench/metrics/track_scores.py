"""CLEAR MOT, identity and HOTA of one clip and class: counts that can be summed, and their ratios.

Definitions and conventions are TrackEval's (github.com/JonathonLuiten/TrackEval, 1.3.0), except
that MOTP is a distance (mean of 1 - IoU), as py-motmetrics and the MOT Challenge's first years
print it; TrackEval prints 1 - MOTP.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbench.kernels.identity import heaviest_matching
from vbench.kernels.numbering import number_values, repeated_in_frame
from vbench.kernels.overlap import overlapping_boxes, track_alignment
from vbench.kernels.tracking import clear_counts, hota_counts
from vbench.types import F64, I64, Tracks

HOTA_ALPHAS: F64 = np.arange(0.05, 0.99, 0.05)
"""0.05, 0.10, ..., 0.95, the very floats of TrackEval."""
HOTA_ALPHAS.flags.writeable = False


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
class _Overlaps:
    """P pairs of overlapping boxes, and the K pairs of tracks that they belong to."""

    truth_start: I64
    found_start: I64
    truth_track: I64
    found_track: I64
    n_truth_tracks: int
    n_found_tracks: int
    pair_start: I64
    pair_truth: I64
    pair_found: I64
    pair_iou: F64
    pair_tracks: I64
    """(P,) number of the pair of tracks."""
    of_truth: I64
    """(K,) truth track of each pair of tracks."""
    of_found: I64
    """(K,) track of each pair of tracks."""


def score_tracks(truth: Tracks, found: Tracks, iou_threshold: float) -> TrackScores:
    """Compare the tracks of one clip and class with the truth.

    Args:
        truth: boxes that count.
        found: boxes of the tracker that count.
        iou_threshold: of CLEAR and identity, above 0; HOTA has its own.

    Raises:
        ValueError: a track is twice in one frame.
    """
    overlaps = _overlaps(truth, found)
    clear, distance = clear_counts(
        overlaps.truth_start,
        overlaps.truth_track,
        overlaps.found_start,
        overlaps.found_track,
        overlaps.pair_start,
        overlaps.pair_truth,
        overlaps.pair_found,
        overlaps.pair_iou,
        overlaps.n_truth_tracks,
        iou_threshold,
    )
    hota_matches, association, location = _hota(overlaps)
    return TrackScores(
        n_truth=len(truth),
        n_detections=len(found),
        clear=clear,
        distance=distance,
        idtp=_idtp(overlaps, iou_threshold),
        hota_matches=hota_matches,
        association=association,
        location=location,
    )


def _overlaps(truth: Tracks, found: Tracks) -> _Overlaps:
    truth_start, found_start = frame_starts(truth, found)
    truth_track, truth_first = _numbered(truth, truth_start)
    found_track, found_first = _numbered(found, found_start)
    pair_start, pair_truth, pair_found, pair_iou = overlapping_boxes(
        truth_start,
        np.ascontiguousarray(truth.boxes_xyxy),
        found_start,
        np.ascontiguousarray(found.boxes_xyxy),
    )
    both = truth_track[pair_truth] * len(found_first) + found_track[pair_found]
    pair_tracks, first = number_values(both)
    return _Overlaps(
        truth_start=truth_start,
        found_start=found_start,
        truth_track=truth_track,
        found_track=found_track,
        n_truth_tracks=len(truth_first),
        n_found_tracks=len(found_first),
        pair_start=pair_start,
        pair_truth=pair_truth,
        pair_found=pair_found,
        pair_iou=pair_iou,
        pair_tracks=pair_tracks,
        of_truth=truth_track[pair_truth[first]],
        of_found=found_track[pair_found[first]],
    )


def _idtp(overlaps: _Overlaps, iou_threshold: float) -> int:
    near = overlaps.pair_tracks[overlaps.pair_iou >= iou_threshold]
    agreeing = np.bincount(near, minlength=len(overlaps.of_truth))
    some = agreeing > 0
    _, total = heaviest_matching(
        overlaps.of_truth[some],
        overlaps.of_found[some],
        agreeing[some].astype(np.float64),
        overlaps.n_truth_tracks,
        overlaps.n_found_tracks,
    )
    return int(total)


def _hota(overlaps: _Overlaps) -> tuple[I64, F64, F64]:
    n_truth_boxes = np.bincount(overlaps.truth_track, minlength=1).astype(np.int64)
    n_found_boxes = np.bincount(overlaps.found_track, minlength=1).astype(np.int64)
    n_boxes = n_truth_boxes[overlaps.of_truth] + n_found_boxes[overlaps.of_found]
    alignment = track_alignment(
        overlaps.truth_start,
        overlaps.found_start,
        overlaps.pair_start,
        overlaps.pair_truth,
        overlaps.pair_found,
        overlaps.pair_iou,
        overlaps.pair_tracks,
        n_boxes,
    )
    return hota_counts(
        overlaps.truth_start,
        overlaps.found_start,
        overlaps.pair_start,
        overlaps.pair_truth,
        overlaps.pair_found,
        overlaps.pair_iou,
        overlaps.pair_tracks,
        alignment,
        n_boxes,
        # A copy, because numba would compile once more for a read-only array.
        HOTA_ALPHAS.copy(),
    )


def frame_starts(truth: Tracks, found: Tracks) -> tuple[I64, I64]:
    """(F + 1,) first row of each frame on either side, for the frames that have any box."""
    frames = np.union1d(_distinct(truth.frame_index), _distinct(found.frame_index))
    return (
        np.append(np.searchsorted(truth.frame_index, frames), len(truth)),
        np.append(np.searchsorted(found.frame_index, frames), len(found)),
    )


def _distinct(ascending: I64) -> I64:
    return ascending[np.append(True, np.diff(ascending) > 0)] if len(ascending) else ascending


def _numbered(tracks: Tracks, start: I64) -> tuple[I64, I64]:
    """Tracks as 0, 1, ... and the first row of each; refuses a track twice in one frame."""
    number, first = number_values(np.ascontiguousarray(tracks.track_id))
    row = repeated_in_frame(start, number, len(first))
    if row >= 0:
        raise ValueError(
            f"track {tracks.track_id[row]} is twice in frame {tracks.frame_index[row]}"
        )
    return number, first


def _quotient(numerator: float, denominator: float) -> float | None:
    return numerator / denominator if denominator else None
