"""Numbers from the match table."""

from vbench.metrics.definitions import METRICS, MetricDefinition
from vbench.metrics.evaluate import evaluate_pipeline
from vbench.metrics.frames import FrameOutcomes, frame_outcomes
from vbench.metrics.latency import DECODE_STAGE
from vbench.metrics.scopes import check_slice_keys, slice_keys

__all__ = [
    "DECODE_STAGE",
    "METRICS",
    "FrameOutcomes",
    "MetricDefinition",
    "check_slice_keys",
    "evaluate_pipeline",
    "frame_outcomes",
    "slice_keys",
]
