"""Track counts of a golden set per clip, block and class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.metrics.frames import counting_detections
from vbench.metrics.resampled import Blocks
from vbench.metrics.track_counts import TrackCounts
from vbench.metrics.track_scores import score_blocks
from vbench.types import (
    I32,
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
class ClipTracks:
    """Track counts per clip, and why there are none."""

    counts: TrackCounts
    """(n_clips, C)"""
    block_counts: TrackCounts
    """(K, C) the same per block of frames; per clip where the clips were not cut."""
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
    blocks: Blocks | None = None,
) -> ClipTracks:
    """Count CLEAR, identity and HOTA per clip and class; tracks never change class.

    Truth that does not count and truth without a track id take no part, nor does a detection that
    the match table ignores or gives to such truth, nor one without a track id: it is no part of a
    tracker's answer. An id that is twice in one frame makes a clip's tracks meaningless. With
    `blocks`, each clip is still compared as a whole, and counted block by block.
    """
    n_classes = len(golden_set.taxonomy.classes)
    n_clips = len(golden_set.clips)
    counts = TrackCounts.zeros(n_clips if blocks is None else len(blocks), n_classes)
    faults = []
    for g, clip in enumerate(golden_set.clips):
        truth, found = _tracked(clip, detections[g], matches[g], operating_point)
        fault = _duplicate(truth, "truth") or _duplicate(found, "detections")
        faults.append(f"{fault} of clip {clip.id}" if fault else "")
        if not fault:
            whole = np.full(clip.facts.n_frames, g, np.int32)
            group = whole if blocks is None else blocks.of_frame[g]
            truth_rows = _rows_by_class(truth.class_id, n_classes)
            found_rows = _rows_by_class(found.class_id, n_classes)
            for c, (of_truth, of_found) in enumerate(zip(truth_rows, found_rows, strict=True)):
                if len(of_truth) or len(of_found):
                    left, right = _tracks(truth.take(of_truth)), _tracks(found.take(of_found))
                    _count_class(counts, c, left, right, group, operating_point.iou)
    absent = _no_tracking(golden_set, detections)
    if blocks is None:
        return ClipTracks(counts, counts, absent, tuple(faults))
    return ClipTracks(counts.merged(blocks.clip, n_clips), counts, absent, tuple(faults))


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
    counts: TrackCounts, c: int, truth: Tracks, found: Tracks, group: I32, iou_threshold: float
) -> None:
    """Fill one class of one clip in; `group` (F,) ascends without a hole."""
    first, n_groups = int(group[0]), int(group[-1] - group[0]) + 1
    scores = score_blocks(truth, found, iou_threshold, group - first, n_groups)
    counts.put(slice(first, first + n_groups), c, scores)


def _tracks(rows: Truth | Detections) -> Tracks:
    return Tracks(rows.frame_index, rows.track_id, rows.boxes_xyxy)
