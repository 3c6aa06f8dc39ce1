"""What happened frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbench.metrics.pool import check_clip, operating_scores
from vbench.types import I32, I64, Bool, Clip, Detections, Matches, OperatingPoint


@dataclass(frozen=True, slots=True)
class FrameOutcomes:
    """Counts per frame of one clip, all classes together, at the operating point."""

    tp: I64
    """(F,) objects found."""
    fp: I64
    """(F,) false alarms."""
    fn: I64
    """(F,) objects missed."""


@dataclass(frozen=True, slots=True)
class FrameCounts:
    """Frames of one clip per class (C,), by truth and answer; unannotated frames left out.

    Of groups of frames or of scopes (G, C).
    """

    tp: I64
    """Frames that have a truth box that counts and a detection that counts."""
    fp: I64
    """Frames that have a detection only."""
    fn: I64
    """Frames that have truth only."""
    tn: I64
    """Frames that have neither."""


def frame_outcomes(
    clip: Clip, detections: Detections, matches: Matches, operating_point: OperatingPoint
) -> FrameOutcomes:
    """Found, false and missed objects in each frame of a clip.

    Raises:
        ValueError: the match table is of other detections or truth.
        KeyError: the match table lacks the operating IoU.
    """
    check_clip(clip, detections, matches)
    counting = counting_detections(detections, matches, operating_point)
    truth_index = matches.truth_index[matches.row(operating_point.iou)]
    hit = counting & (truth_index >= 0)
    found = np.zeros(len(clip.truth), np.bool_)
    found[truth_index[hit]] = True
    n_frames = clip.facts.n_frames

    def per_frame(frame_index: I64) -> I64:
        return np.bincount(frame_index, minlength=n_frames).astype(np.int64)

    return FrameOutcomes(
        tp=per_frame(detections.frame_index[hit]),
        fp=per_frame(detections.frame_index[counting & (truth_index < 0)]),
        fn=per_frame(clip.truth.frame_index[matches.truth_counts & ~found]),
    )


def frame_counts(
    clip: Clip, detections: Detections, matches: Matches, operating_point: OperatingPoint
) -> FrameCounts:
    """How often 'this class is in the frame' was answered right, per class.

    A frame is positive when it has a truth box that counts, and predicted positive when it has a
    detection that counts, wherever in the frame either of them is.
    """
    whole = np.zeros(clip.facts.n_frames, np.int32)
    table = grouped_frame_counts(clip, detections, matches, operating_point, whole, 1)
    return FrameCounts(tp=table.tp[0], fp=table.fp[0], fn=table.fn[0], tn=table.tn[0])


def grouped_frame_counts(
    clip: Clip,
    detections: Detections,
    matches: Matches,
    operating_point: OperatingPoint,
    group: I32 | I64,
    n_groups: int,
) -> FrameCounts:
    """As `frame_counts`, (n_groups, C), by the group (F,) of each frame."""
    n_classes = len(clip.exhaustive)
    counting = counting_detections(detections, matches, operating_point)
    truth, counts = clip.truth, matches.truth_counts
    positive = np.unique(truth.frame_index[counts] * n_classes + truth.class_id[counts])
    predicted = np.unique(
        detections.frame_index[counting] * n_classes + detections.class_id[counting]
    )

    def table(key: I64) -> I64:
        cell = group[key // n_classes] * n_classes + key % n_classes
        counted = np.bincount(cell, minlength=n_groups * n_classes).astype(np.int64)
        return counted.reshape(n_groups, n_classes)

    n_positive, n_predicted = table(positive), table(predicted)
    n_annotated = np.bincount(group[clip.annotated], minlength=n_groups).astype(np.int64)
    tp = table(np.intersect1d(positive, predicted, assume_unique=True))
    fp, fn = n_predicted - tp, n_positive - tp
    return FrameCounts(tp=tp, fp=fp, fn=fn, tn=n_annotated[:, None] - tp - fp - fn)


def counting_detections(
    detections: Detections, matches: Matches, operating_point: OperatingPoint
) -> Bool:
    """(N,) detections at the operating point that are true or false positives."""
    thresholds = operating_scores(operating_point)
    row = matches.row(operating_point.iou)
    counting: Bool = (detections.scores >= thresholds[detections.class_id]) & ~matches.ignored[row]
    return counting
