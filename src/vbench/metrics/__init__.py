"""Numbers from the match table."""

from vbench.metrics.analysis import DetectionAnalysis, analyse_detections
from vbench.metrics.box_properties import BOX_PROPERTIES, OF_TRUTH_ALONE
from vbench.metrics.calibration import Reliability
from vbench.metrics.confusion import ConfusionCell, ConfusionMatrix
from vbench.metrics.curves import ScoreCurve
from vbench.metrics.definitions import METRICS, MetricDefinition
from vbench.metrics.error_kinds import ERROR_KINDS, ErrorCosts
from vbench.metrics.evaluate import evaluate_pipeline
from vbench.metrics.frames import FrameOutcomes, frame_outcomes
from vbench.metrics.latency import DECODE_STAGE
from vbench.metrics.scopes import (
    SliceKeys,
    check_slice_keys,
    combined_keys,
    ordered_values,
    slice_keys,
)
from vbench.metrics.series import MinuteSeries, minute_series
from vbench.metrics.worst_slices import (
    DEFAULT_MIN_SUPPORT,
    LOSS_WORDS,
    WorstSlice,
    WorstSlices,
    worst_slices,
)

__all__ = [
    "BOX_PROPERTIES",
    "DECODE_STAGE",
    "DEFAULT_MIN_SUPPORT",
    "ERROR_KINDS",
    "LOSS_WORDS",
    "METRICS",
    "OF_TRUTH_ALONE",
    "ConfusionCell",
    "ConfusionMatrix",
    "DetectionAnalysis",
    "ErrorCosts",
    "FrameOutcomes",
    "MetricDefinition",
    "MinuteSeries",
    "Reliability",
    "ScoreCurve",
    "SliceKeys",
    "WorstSlice",
    "WorstSlices",
    "analyse_detections",
    "check_slice_keys",
    "combined_keys",
    "evaluate_pipeline",
    "frame_outcomes",
    "minute_series",
    "ordered_values",
    "slice_keys",
    "worst_slices",
]
