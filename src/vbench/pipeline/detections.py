"""The last step of every detector: from candidates to detections of the golden set's classes.

Candidates down to the stored floor, NMS on the model's own classes, the best `top_k`; then the
model's classes become those of the taxonomy (or are left out), and boxes, by now in source pixels,
are clipped to the frame and dropped where nothing is left.
"""

from __future__ import annotations

import numpy as np

from vbench.config.post_entry import PostEntry
from vbench.kernels.nms import nms
from vbench.pipeline.classes import DROPPED, ClassMap
from vbench.types.arrays import F32, F64, I64
from vbench.types.frame_detections import FrameDetections


def best_rows(post: PostEntry, boxes_xyxy: F32, scores: F32, class_index: I64) -> I64:
    """Rows that remain after NMS and top-k, best first.

    Args:
        post: the detector's ``post`` entry.
        boxes_xyxy: (N, 4) float32 px.
        scores: (N,) float32.
        class_index: (N,) the model's own classes.
    """
    if post.nms is None:
        return np.argsort(-scores, kind="stable")[: post.top_k]
    return nms(
        boxes_xyxy,
        scores,
        class_index,
        iou_threshold=post.nms.iou,
        class_aware=post.nms.class_aware,
        top_k=post.top_k,
    )


def clipped(boxes_xyxy: F64, frame_size: tuple[int, int]) -> F64:
    """(N, 4) boxes cut at the edges of a frame of (width, height) px."""
    width, height = frame_size
    return boxes_xyxy.clip(0.0, np.array([width, height, width, height], np.float64))


def in_taxonomy(
    classes: ClassMap,
    frame_size: tuple[int, int],
    boxes_xyxy: F64,
    scores: F64,
    class_index: I64,
    track_id: I64,
) -> FrameDetections:
    """Detections of a frame of (width, height) px, from rows with scores descending.

    Args:
        classes: what the model's classes become.
        frame_size: (width, height) px.
        boxes_xyxy: (N, 4) px of the source frame, unclipped.
        scores: (N,) descending.
        class_index: (N,) the model's own classes.
        track_id: (N,) identities, -1 for none.
    """
    class_id = classes.class_id[class_index]
    boxes_xyxy = clipped(boxes_xyxy, frame_size)
    left, top, right, bottom = boxes_xyxy.T
    rows = np.flatnonzero((class_id != DROPPED) & (right > left) & (bottom > top))
    return FrameDetections(boxes_xyxy[rows], scores[rows], class_id[rows], track_id[rows])
