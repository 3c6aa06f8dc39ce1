"""Numbers from the match table."""

from vbench.metrics.box_properties import BOX_PROPERTIES, OF_TRUTH_ALONE
from vbench.metrics.definitions import METRICS, MetricDefinition
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
    "LOSS_WORDS",
    "METRICS",
    "OF_TRUTH_ALONE",
    "FrameOutcomes",
    "MetricDefinition",
    "MinuteSeries",
    "SliceKeys",
    "WorstSlice",
    "WorstSlices",
    "check_slice_keys",
    "combined_keys",
    "evaluate_pipeline",
    "frame_outcomes",
    "minute_series",
    "ordered_values",
    "slice_keys",
    "worst_slices",
]
