"""Detections against truth."""

from vbench.matching.match import MatchRule, iou_thresholds_with, match_clip, never_false

__all__ = ["MatchRule", "iou_thresholds_with", "match_clip", "never_false"]
