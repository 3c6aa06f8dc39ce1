"""The settings that pin what a value means."""

from __future__ import annotations

from functools import cache

from vbench.metrics.definitions import METRICS
from vbench.types import OperatingPoint

PER_CLASS = "per class"

ONE_BY_ONE = "mode:latency|stages:one after the other, decode included"
OVERLAPPED = "mode:throughput|stages:all at once, decode included"
"""Of throughput, by how times were taken."""

_AP_IOU = {"ap": "0.5:0.05:0.95", "ap50": "0.5", "ap75": "0.75"}


def score_text(operating_point: OperatingPoint, class_name: str | None) -> str:
    """Score threshold of a class; of all classes `PER_CLASS` where they differ."""
    if class_name is not None:
        return f"{operating_point.score_for(class_name):g}"
    values = {score for _, score in operating_point.scores}
    return f"{values.pop():g}" if len(values) == 1 else PER_CLASS


@cache
def signature(name: str, iou: float, score: str, all_classes: bool, partly_known: bool) -> str:
    """``match:coco|iou:0.5|score:0.3``: equal signatures can be compared.

    Args:
        name: metric.
        iou: operating IoU.
        score: operating score as text.
        all_classes: a row over all classes; says how they were put together.
        partly_known: false positives could be known in a part of the footage only.
    """
    family = METRICS[name].family
    point = [f"iou:{iou:g}", f"score:{score}"]
    if family == "latency":
        return "mode:latency|from:decoded frame|percentile:linear"
    if family == "throughput":
        return ONE_BY_ONE
    if family == "average precision":
        parts = ["ap:coco101", f"iou:{_AP_IOU[name]}", "score:all stored", "max_dets:all"]
        together = "macro"
    elif family == "hota":
        parts = ["hota:trackeval", "iou:0.05:0.05:0.95", point[1]]
        together = "pooled"
    elif family in ("clear", "identity"):
        parts = [f"{family}:trackeval", *point]
        together = "pooled"
    elif family == "calibration":
        parts = ["ece:10 bins", *point]
        together = "pooled"
    elif family == "error cost":
        parts = ["errors:tide", point[0], "background_iou:0.1", "score:all stored"]
        together = "macro"
    elif family == "time":
        parts = ["objects:truth tracks", "match:coco", *point]
        together = "pooled"
    elif family == "events":
        parts = ["events:first alert in the event's time"]
        together = "pooled"
    else:
        parts = ["match:coco", *point]
        together = "micro"
    if all_classes:
        parts.append(f"classes:{together}")
    if partly_known:
        parts.append("exhaustive:in part")
    return "|".join(parts)
