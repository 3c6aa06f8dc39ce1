"""Detections against truth."""

from vbench.kernels.match import COCO_IOU_THRESHOLDS
from vbench.matching.match import iou_thresholds_with, match_clip

__all__ = ["COCO_IOU_THRESHOLDS", "iou_thresholds_with", "match_clip"]
