"""What each metric means: unit, direction, plain words, formula, source.

The report's glossary, the gates' check of metric names and the metric rows all read this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from vbench.metrics.analysis_definitions import ANALYSIS_DEFINITIONS
from vbench.metrics.definition import MetricDefinition
from vbench.metrics.time_definitions import EVENT_DEFINITIONS, TIME_DEFINITIONS

__all__ = ["METRICS", "MetricDefinition"]

_CLEAR = "Bernardin and Stiefelhagen 2008; matching as in TrackEval"
_IDENTITY = "Ristani et al. 2016"
_HOTA = "Luiten et al. 2020, mean over IoU 0.05, 0.10, ..., 0.95"

_DEFINITIONS = (
    MetricDefinition(
        "tp",
        "objects",
        "count",
        "higher",
        "Objects that were found.",
        "detections at the operating point matched with a truth box (true positives)",
    ),
    MetricDefinition(
        "fp",
        "objects",
        "count",
        "lower",
        "Alarms for something that is not there.",
        "detections at the operating point matched with no truth box (false positives)",
    ),
    MetricDefinition(
        "fn",
        "objects",
        "count",
        "lower",
        "Objects that were missed.",
        "truth boxes matched with no detection at the operating point (false negatives)",
    ),
    MetricDefinition(
        "precision",
        "objects",
        "ratio",
        "higher",
        "Of everything reported, the share that is really there.",
        "tp / (tp + fp)",
    ),
    MetricDefinition(
        "recall",
        "objects",
        "ratio",
        "higher",
        "Of everything that is there, the share that was found.",
        "tp / (tp + fn)",
    ),
    MetricDefinition(
        "f1",
        "objects",
        "ratio",
        "higher",
        "Precision and recall in one number; low when either is low.",
        "2 tp / (2 tp + fp + fn)",
    ),
    MetricDefinition(
        "fp_per_frame",
        "objects",
        "1/frame",
        "lower",
        "False alarms in an average frame.",
        "fp / annotated frames",
    ),
    MetricDefinition(
        "fp_per_camera_hour",
        "objects",
        "1/camera-hour",
        "lower",
        "False alarms that one camera gives in one hour of footage.",
        "fp / hours of annotated footage",
    ),
    MetricDefinition(
        "mean_iou",
        "objects",
        "ratio",
        "higher",
        "How well the boxes of found objects fit them; 1 is a perfect fit.",
        "mean IoU of the matches at the operating point",
    ),
    MetricDefinition(
        "frame_accuracy",
        "frames",
        "ratio",
        "higher",
        "Share of frames where 'something is here' was answered right.",
        "(TP + TN) / (TP + FP + FN + TN) over frames",
    ),
    MetricDefinition(
        "frame_precision",
        "frames",
        "ratio",
        "higher",
        "Of the frames reported to show something, the share that really does.",
        "TP / (TP + FP) over frames",
    ),
    MetricDefinition(
        "frame_recall",
        "frames",
        "ratio",
        "higher",
        "Of the frames that show something, the share that was reported.",
        "TP / (TP + FN) over frames",
    ),
    MetricDefinition(
        "frame_fpr",
        "frames",
        "ratio",
        "lower",
        "Of the frames that show nothing, the share with a false alarm.",
        "FP / (FP + TN) over frames",
    ),
    MetricDefinition(
        "ap",
        "average precision",
        "ratio",
        "higher",
        "Quality over all score thresholds, averaged from loose to tight box placement.",
        "COCO: 101-point average precision, mean over IoU 0.50, 0.55, ..., 0.95",
    ),
    MetricDefinition(
        "ap50",
        "average precision",
        "ratio",
        "higher",
        "Quality over all score thresholds when a rough box is good enough.",
        "COCO: 101-point average precision at IoU 0.50",
    ),
    MetricDefinition(
        "ap75",
        "average precision",
        "ratio",
        "higher",
        "Quality over all score thresholds when boxes must fit well.",
        "COCO: 101-point average precision at IoU 0.75",
    ),
    MetricDefinition(
        "mota",
        "clear",
        "ratio",
        "higher",
        "Tracking accuracy: misses, false alarms and swapped identities against all objects.",
        f"1 - (FN + FP + IDSW) / truth boxes ({_CLEAR})",
    ),
    MetricDefinition(
        "motp",
        "clear",
        "ratio",
        "lower",
        "How far tracked boxes are off the truth on average; 0 is a perfect fit.",
        f"mean of 1 - IoU over matched boxes, a distance; TrackEval prints 1 - motp ({_CLEAR})",
    ),
    MetricDefinition(
        "idf1",
        "identity",
        "ratio",
        "higher",
        "How consistently each object keeps one identity.",
        f"2 IDTP / (2 IDTP + IDFP + IDFN) ({_IDENTITY})",
    ),
    MetricDefinition(
        "idp",
        "identity",
        "ratio",
        "higher",
        "Of all tracked boxes, the share that carries the right identity.",
        f"IDTP / (IDTP + IDFP) ({_IDENTITY})",
    ),
    MetricDefinition(
        "idr",
        "identity",
        "ratio",
        "higher",
        "Of all truth boxes, the share tracked under the right identity.",
        f"IDTP / (IDTP + IDFN) ({_IDENTITY})",
    ),
    MetricDefinition(
        "hota",
        "hota",
        "ratio",
        "higher",
        "Tracking quality that weighs finding objects and keeping their identity equally.",
        f"sqrt(DetA x AssA) ({_HOTA})",
    ),
    MetricDefinition(
        "deta",
        "hota",
        "ratio",
        "higher",
        "The part of HOTA that is about finding objects.",
        f"TP / (TP + FP + FN) ({_HOTA})",
    ),
    MetricDefinition(
        "assa",
        "hota",
        "ratio",
        "higher",
        "The part of HOTA that is about keeping identities.",
        f"mean over matched boxes of TPA / (TPA + FPA + FNA) ({_HOTA})",
    ),
    MetricDefinition(
        "loca",
        "hota",
        "ratio",
        "higher",
        "How well the boxes of a tracker fit their objects.",
        f"mean IoU of matched boxes ({_HOTA}; 1 at a threshold without a match, as in TrackEval)",
    ),
    MetricDefinition(
        "idsw",
        "clear",
        "count",
        "lower",
        "How often an object was given another identity than before.",
        f"identity switches ({_CLEAR})",
    ),
    MetricDefinition(
        "fragmentations",
        "clear",
        "count",
        "lower",
        "How often the track of an object broke off and came back.",
        f"times a truth track is resumed after it was lost ({_CLEAR})",
    ),
    MetricDefinition(
        "mostly_tracked",
        "clear",
        "count",
        "higher",
        "Objects that were tracked nearly all the time.",
        f"truth tracks matched in more than 80 % of their frames ({_CLEAR})",
    ),
    MetricDefinition(
        "partially_tracked",
        "clear",
        "count",
        "neither",
        "Objects that were tracked for a part of the time.",
        f"truth tracks matched in 20 % to 80 % of their frames ({_CLEAR})",
    ),
    MetricDefinition(
        "mostly_lost",
        "clear",
        "count",
        "lower",
        "Objects that were hardly tracked at all.",
        f"truth tracks matched in less than 20 % of their frames ({_CLEAR})",
    ),
    *ANALYSIS_DEFINITIONS,
    *TIME_DEFINITIONS,
    *EVENT_DEFINITIONS,
    MetricDefinition(
        "latency_ms_p50",
        "latency",
        "ms",
        "lower",
        "Half of all frames were answered within this time.",
        "median over frames, decoded frame to final answer, one frame at a time",
    ),
    MetricDefinition(
        "latency_ms_p95",
        "latency",
        "ms",
        "lower",
        "19 of 20 frames were answered within this time.",
        "95th percentile over frames, decoded frame to final answer, one frame at a time",
    ),
    MetricDefinition(
        "latency_ms_p99",
        "latency",
        "ms",
        "lower",
        "99 of 100 frames were answered within this time.",
        "99th percentile over frames, decoded frame to final answer, one frame at a time",
    ),
    MetricDefinition(
        "throughput_fps",
        "throughput",
        "frames/s",
        "higher",
        "Frames that get through in one second, decoding included.",
        "timed frames / total time of all stages",
    ),
)

METRICS: Mapping[str, MetricDefinition] = MappingProxyType(
    {definition.name: definition for definition in _DEFINITIONS}
)
"""Every metric by name, in the order of the tables."""
