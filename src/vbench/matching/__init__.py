"""Detections against truth."""

from vbench.kernels.match import COCO_IOU_THRESHOLDS
from vbench.matching.match import MatchRule, iou_thresholds_with, match_clip, never_false

__all__ = ["COCO_IOU_THRESHOLDS", "MatchRule", "iou_thresholds_with", "match_clip", "never_false"]
