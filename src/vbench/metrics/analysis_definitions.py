"""Definitions of the metrics that say why detections are wrong, and how far scores are right."""

from __future__ import annotations

from vbench.metrics.definition import MetricDefinition

_TIDE = "AP at the operating IoU if these were corrected, less AP as it is (Bolya et al. 2020)"


def _cost(kind: str, meaning: str) -> MetricDefinition:
    return MetricDefinition(f"ap_cost_{kind}", "error cost", "ratio", "lower", meaning, _TIDE)


ANALYSIS_DEFINITIONS = (
    MetricDefinition(
        "ece",
        "calibration",
        "ratio",
        "lower",
        "How far scores are from the share of detections that are right; 0: a score of 0.7 means"
        " that 7 of 10 are right.",
        "expected calibration error: mean over detections at the operating point of |precision -"
        " mean score| of their bin; 10 bins of equal width (Guo et al. 2017)",
    ),
    _cost("classification", "AP lost to boxes in the right place with the wrong class."),
    _cost("localisation", "AP lost to boxes of the right class in a bad place."),
    _cost("both", "AP lost to boxes of the wrong class in a bad place."),
    _cost("duplicate", "AP lost to objects that were reported more than once."),
    _cost("background", "AP lost to alarms where nothing is."),
    _cost("missed", "AP lost to objects that no detection comes near."),
)
