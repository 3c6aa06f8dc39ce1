"""Track counts per clip and class, which can be summed over any part of a golden set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.metrics.frames import counting_detections
from vbench.metrics.track_scores import HOTA_ALPHAS, TrackScores, score_tracks
from vbench.types import (
    F64,
    I64,
    Bool,
    Clip,
    Detections,
    GoldenSet,
    Matches,
    OperatingPoint,
    Tracks,
    Truth,
)


@dataclass(frozen=True, slots=True)
class TrackCounts:
    """Sums over groups of footage (G, C): clips at first, scopes after `summed`; A alphas."""

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

    def at(self, cell: tuple[int, int]) -> TrackScores:
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


@dataclass(frozen=True, slots=True)
class ClipTracks:
    """Track counts per clip, and why there are none."""

    counts: TrackCounts
    absent: str
    """Why the whole set has no tracking numbers; empty where it has."""
    faults: tuple[str, ...]
    """Per clip why its tracks mean nothing; empty where they are sound."""

    def fault(self, clips: Bool) -> str:
        """Why the marked clips (n_clips,) have no tracking numbers; empty where they have."""
        first = (fault for fault, member in zip(self.faults, clips, strict=True) if member)
        return self.absent or next(filter(None, first), "")


def track_counts(
    golden_set: GoldenSet,
    detections: Sequence[Detections],
    matches: Sequence[Matches],
    operating_point: OperatingPoint,
) -> ClipTracks:
    """Count CLEAR, identity and HOTA per clip and class; tracks never change class.

    Truth that does not count and truth without a track id take no part, nor does a detection that
    the match table ignores or gives to such truth, nor one without a track id: it is no part of a
    tracker's answer. An id that is twice in one frame makes a clip's tracks meaningless.
    """
    n_classes = len(golden_set.taxonomy.classes)
    counts = TrackCounts.zeros(len(golden_set.clips), n_classes)
    faults = []
    for g, clip in enumerate(golden_set.clips):
        truth, found = _tracked(clip, detections[g], matches[g], operating_point)
        fault = _duplicate(truth, "truth") or _duplicate(found, "detections")
        faults.append(f"{fault} of clip {clip.id}" if fault else "")
        if not fault:
            truth_rows = _rows_by_class(truth.class_id, n_classes)
            found_rows = _rows_by_class(found.class_id, n_classes)
            for c, (of_truth, of_found) in enumerate(zip(truth_rows, found_rows, strict=True)):
                _count_class(
                    counts, (g, c), truth.take(of_truth), found.take(of_found), operating_point.iou
                )
    return ClipTracks(counts, _no_tracking(golden_set, detections), tuple(faults))


def _no_tracking(golden_set: GoldenSet, detections: Sequence[Detections]) -> str:
    """Why there can be no tracking numbers at all; empty where there can."""
    if not any((clip.truth.track_id >= 0).any() for clip in golden_set.clips):
        return "truth has no track ids"
    if not any((found.track_id >= 0).any() for found in detections):
        return "pipeline gives no track ids"
    return ""


def _tracked(
    clip: Clip, detections: Detections, matches: Matches, operating_point: OperatingPoint
) -> tuple[Truth, Detections]:
    """The truth and the detections that take part."""
    has_track = clip.truth.track_id >= 0
    truth_index = matches.truth_index[matches.row(operating_point.iou)]
    counting = counting_detections(detections, matches, operating_point)
    without_track = matches.truth_counts & ~has_track
    # Unmatched detections look up the appended value.
    counting &= ~np.append(without_track, False)[truth_index]
    return (
        clip.truth.take(matches.truth_counts & has_track),
        detections.take(counting & (detections.track_id >= 0)),
    )


def _rows_by_class(class_id: I64, n_classes: int) -> list[I64]:
    """Row numbers of each class, in stored order."""
    order = np.argsort(class_id, kind="stable")
    first = np.searchsorted(class_id[order], np.arange(1, n_classes))
    return np.split(order, first)


def _duplicate(rows: Truth | Detections, side: str) -> str:
    """Which track of a class is twice in one frame; empty where none is."""
    order = np.lexsort((rows.track_id, rows.class_id, rows.frame_index))
    columns = np.stack([rows.frame_index, rows.class_id, rows.track_id])[:, order]
    repeated = np.flatnonzero((np.diff(columns, axis=1) == 0).all(axis=0))
    if not len(repeated):
        return ""
    frame, _, track = columns[:, repeated[0]]
    return f"the {side} have track id {track} twice in frame {frame}"


def _count_class(
    counts: TrackCounts,
    cell: tuple[int, int],
    truth: Truth,
    detections: Detections,
    iou_threshold: float,
) -> None:
    """Fill one clip and class in."""
    if not len(truth) and not len(detections):
        return
    scores = score_tracks(_tracks(truth), _tracks(detections), iou_threshold)
    counts.n_truth[cell] = scores.n_truth
    counts.n_detections[cell] = scores.n_detections
    counts.clear[cell] = scores.clear
    counts.distance[cell] = scores.distance
    counts.idtp[cell] = scores.idtp
    counts.hota_matches[cell] = scores.hota_matches
    counts.association[cell] = scores.association
    counts.location[cell] = scores.location


def _tracks(rows: Truth | Detections) -> Tracks:
    return Tracks(rows.frame_index, rows.track_id, rows.boxes_xyxy)
