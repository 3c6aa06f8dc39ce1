"""What happened minute by minute."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbench.metrics.frames import counting_detections
from vbench.metrics.pool import check_clip
from vbench.types import F64, I64, Bool, Clip, Detections, Matches, OperatingPoint

MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class MinuteSeries:
    """Counts of one clip per minute of footage (K,) and class (C,), at the operating point.

    Sums over minutes are the counts that the clip's metrics are made of. Of a class that is not
    annotated exhaustively, `tp`, `fn`, `frames_tp` and `frames_fn` mean something, the rest does
    not: false positives cannot be known.
    """

    start_s: F64
    """(K,) 0, 60, 120, ... The last minute ends with the clip."""
    n_frames: I64
    """(K,) annotated frames; 0 where nothing counts."""
    tp: I64
    """(K, C) objects found."""
    fp: I64
    """(K, C) false alarms."""
    fn: I64
    """(K, C) objects missed."""
    frames_tp: I64
    """(K, C) frames that have a truth box that counts and a detection that counts."""
    frames_fp: I64
    """(K, C) frames that have a detection only."""
    frames_fn: I64
    """(K, C) frames that have truth only."""
    frames_tn: I64
    """(K, C) frames that have neither."""
    exhaustive: Bool
    """(C,) classes whose false positives can be known."""


def minute_series(
    clip: Clip, detections: Detections, matches: Matches, operating_point: OperatingPoint
) -> MinuteSeries:
    """Counts of objects and of frames per minute of a clip and class.

    Frame k is at k times the clip's mean frame duration: where the frame rate varies, a frame
    close to the full minute may be counted in the minute beside.

    Raises:
        ValueError: the match table is of other detections or truth.
        KeyError: the match table lacks the operating IoU.
    """
    check_clip(clip, detections, matches)
    facts, n_classes = clip.facts, len(clip.exhaustive)
    frame_s = facts.duration_s / facts.n_frames if facts.n_frames else 0.0
    minute = (np.arange(facts.n_frames) * frame_s // MINUTE_S).astype(np.int64)
    n_minutes = int(minute[-1]) + 1 if len(minute) else 0

    def table(frame_index: I64, class_id: I64) -> I64:
        cell = minute[frame_index] * n_classes + class_id
        return np.bincount(cell, minlength=n_minutes * n_classes).reshape(n_minutes, n_classes)

    def frame_table(key: I64) -> I64:
        return table(key // n_classes, key % n_classes)

    truth, counts = clip.truth, matches.truth_counts
    counting = counting_detections(detections, matches, operating_point)
    truth_index = matches.truth_index[matches.row(operating_point.iou)]
    hit, alarm = counting & (truth_index >= 0), counting & (truth_index < 0)
    found = truth_index[hit]
    missed = counts.copy()
    missed[found] = False
    positive = np.unique(truth.frame_index[counts] * n_classes + truth.class_id[counts])
    predicted = np.unique(
        detections.frame_index[counting] * n_classes + detections.class_id[counting]
    )
    frames_tp = frame_table(np.intersect1d(positive, predicted, assume_unique=True))
    frames_fp, frames_fn = frame_table(predicted) - frames_tp, frame_table(positive) - frames_tp
    n_frames = np.bincount(minute[clip.annotated], minlength=n_minutes).astype(np.int64)
    return MinuteSeries(
        start_s=np.arange(n_minutes, dtype=np.float64) * MINUTE_S,
        n_frames=n_frames,
        tp=table(truth.frame_index[found], truth.class_id[found]),
        fp=table(detections.frame_index[alarm], detections.class_id[alarm]),
        fn=table(truth.frame_index[missed], truth.class_id[missed]),
        frames_tp=frames_tp,
        frames_fp=frames_fp,
        frames_fn=frames_fn,
        frames_tn=n_frames[:, None] - frames_tp - frames_fp - frames_fn,
        exhaustive=clip.exhaustive,
    )
