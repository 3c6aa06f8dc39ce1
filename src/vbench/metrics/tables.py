"""All counts of one partition, and the values of each of its scopes and classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vbench.metrics.counts import (
    DetectionCounts,
    coco_average_precision,
    detection_counts,
    scope_frame_counts,
)
from vbench.metrics.definitions import METRICS
from vbench.metrics.frames import FrameCounts
from vbench.metrics.pool import Pool
from vbench.metrics.scopes import Partition
from vbench.metrics.track_counts import TrackCounts
from vbench.metrics.tracks import ClipTracks
from vbench.metrics.values import (
    AP_NAMES,
    FRAME_NAMES,
    TRACK_NAMES,
    Cell,
    Subject,
    Value,
    average_precision_values,
    detection_values,
    frame_values,
    track_values,
    undefined,
)
from vbench.types import F64, Bool

_FOOTAGE_NAMES = tuple(
    name
    for name, definition in METRICS.items()
    if definition.family
    not in ("calibration", "error cost", "time", "events", "latency", "throughput")
)
_POSITION = {name: position for position, name in enumerate(METRICS)}


@dataclass(frozen=True, slots=True)
class Tables:
    """Counts of S scopes and C classes, with all classes together in the last column."""

    partition: Partition
    detections: DetectionCounts
    partly_known: Bool
    """(S, C + 1) false positives can be known in a part of the footage only."""
    frames: FrameCounts | None
    """None where boxes were divided, not footage."""
    ap: F64 | None
    """(T, S, C + 1); None where detections cannot be told apart by the scopes' tag."""
    tracks: TrackCounts | None
    """None where boxes were divided, not footage."""
    known_tracks: TrackCounts | None
    """The part where false positives can be known."""
    track_faults: tuple[str, ...]
    """Per scope why tracking numbers mean nothing, else empty."""


def tables_of(
    pool: Pool, partition: Partition, per_clip: Sequence[FrameCounts], tracks: ClipTracks
) -> Tables:
    """Count everything that the scopes of a partition need."""
    detections = detection_counts(pool, partition)
    partly_known = detections.known_frames < detections.n_frames[:, None]
    partly_known[:, -1] = partly_known[:, :-1].any(axis=1)
    return Tables(
        partition=partition,
        detections=detections,
        partly_known=partly_known,
        frames=scope_frame_counts(pool, partition, per_clip) if partition.by_clip else None,
        ap=None if partition.detection_group is None else coco_average_precision(pool, partition),
        tracks=tracks.counts.summed(partition.membership) if partition.by_clip else None,
        known_tracks=tracks.counts.where(pool.exhaustive).summed(partition.membership)
        if partition.by_clip
        else None,
        track_faults=tuple(tracks.fault(members > 0) for members in partition.membership),
    )


def values_of(tables: Tables, at: Cell, subject: Subject) -> list[Value]:
    """Every value of one scope and class that has to do with what was found."""
    counts = tables.detections
    n_frames, n_truth = int(counts.n_frames[at[0]]), int(counts.n_truth[at])
    if n_frames == 0:
        names = [n for n in _FOOTAGE_NAMES if tables.tracks is not None or n not in TRACK_NAMES]
        return undefined(names, f"no annotated frames{subject.place}")
    unknown_fp = unknown_fp_of(tables, at, subject)
    values = detection_values(counts, at, subject, unknown_fp)
    if tables.frames is None:
        reason = f"a slice by {' and '.join(tables.partition.keys)} divides boxes, not frames"
        values += undefined(FRAME_NAMES, reason, n_frames)
    elif unknown_fp:
        values += undefined(FRAME_NAMES, unknown_fp, n_frames)
    else:
        values += frame_values(tables.frames, at, int(counts.known_frames[at]), subject)
    if tables.ap is None or unknown_fp:
        values += undefined(AP_NAMES, unknown_fp, n_truth)
    else:
        ap = tables.ap[:, at[0], at[1]]
        values += average_precision_values(ap, int(counts.known_truth[at]), subject)
    values += _track_values(tables, at, subject, unknown_fp)
    return sorted(values, key=lambda value: _POSITION[value.name])


def _track_values(tables: Tables, at: Cell, subject: Subject, unknown_fp: str) -> list[Value]:
    if tables.tracks is None or tables.known_tracks is None:
        return []
    fault = tables.track_faults[at[0]]
    if fault:
        return undefined(TRACK_NAMES, fault, int(tables.detections.n_truth[at]))
    return track_values(tables.tracks, tables.known_tracks, at, subject, unknown_fp)


def unknown_fp_of(tables: Tables, at: Cell, subject: Subject) -> str:
    """Why false positives cannot be known; empty where they can."""
    if tables.detections.known_fp is None:
        return tables.partition.unknown_fp
    if tables.detections.known_frames[at] == 0:
        name = subject.class_name
        which = "no class is" if name is None else f"class {name} is not"
        return f"{which} annotated exhaustively{subject.place}: false positives cannot be known"
    return ""
