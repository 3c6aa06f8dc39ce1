"""Detections against truth."""

from vbench.matching.match import COCO_IOU_THRESHOLDS, iou_thresholds_with, match_clip

__all__ = ["COCO_IOU_THRESHOLDS", "iou_thresholds_with", "match_clip"]
