"""Frames of a clip that show the same errors: a parked car that is missed for an hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbench.report.evidence import FALSE_ALARM, ClipEvidence
from vbench.types import F64, I64, Bool, Clip

SAME_OBJECT_IOU = 0.5
"""Errors of one kind and class whose boxes overlap as much are the same object."""


@dataclass(frozen=True, slots=True)
class ClipErrorBoxes:
    """E misses and false alarms of one pipeline on one clip of F frames."""

    n_in_frame: I64
    """(F,)"""
    frame_index: I64
    """(E,)"""
    is_false: Bool
    """(E,) false alarms; else misses."""
    class_id: I64
    """(E,)"""
    boxes_xyxy: F64
    """(E, 4) pixels."""

    @classmethod
    def of(cls, clip: Clip, item: ClipEvidence) -> ClipErrorBoxes:
        """The errors at the operating point."""
        truth, found = clip.truth, item.detections
        missed, false = np.flatnonzero(item.missed), np.flatnonzero(item.truth_index == FALSE_ALARM)
        frame_index = np.concatenate([truth.frame_index[missed], found.frame_index[false]])
        return cls(
            n_in_frame=np.bincount(frame_index, minlength=clip.facts.n_frames).astype(np.int64),
            frame_index=frame_index,
            is_false=np.arange(len(frame_index)) >= len(missed),
            class_id=np.concatenate([truth.class_id[missed], found.class_id[false]]),
            boxes_xyxy=np.concatenate([truth.boxes_xyxy[missed], found.boxes_xyxy[false]]),
        )

    def frames_like(self, frame: int) -> Bool:
        """(F,) frames with errors that are all among those of one frame; it is one of them."""
        known = np.zeros(len(self.frame_index), np.bool_)
        for row in np.flatnonzero(self.frame_index == frame):
            same = (self.is_false == self.is_false[row]) & (self.class_id == self.class_id[row])
            rows = np.flatnonzero(same & ~known)
            overlaps = _iou(self.boxes_xyxy[rows], self.boxes_xyxy[row]) >= SAME_OBJECT_IOU
            known[rows[overlaps]] = True
            # Also a box without an area is like itself.
            known[row] = True
        n_known = np.bincount(self.frame_index[known], minlength=len(self.n_in_frame))
        alike: Bool = (self.n_in_frame > 0) & (n_known == self.n_in_frame)
        return alike


def _iou(boxes_xyxy: F64, box_xyxy: F64) -> F64:
    """(R,) overlap of boxes (R, 4) with one box (4,)."""
    low = np.maximum(boxes_xyxy[:, :2], box_xyxy[:2])
    high = np.minimum(boxes_xyxy[:, 2:], box_xyxy[2:])
    both = np.prod(np.maximum(high - low, 0.0), axis=1)
    areas = np.prod(boxes_xyxy[:, 2:] - boxes_xyxy[:, :2], axis=1)
    either = areas + float(np.prod(box_xyxy[2:] - box_xyxy[:2])) - both
    iou: F64 = np.divide(both, either, out=np.zeros(len(both)), where=either > 0)
    return iou
