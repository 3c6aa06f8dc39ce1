"""Numbers from the match table."""

from vbench.metrics.definitions import METRICS, MetricDefinition
from vbench.metrics.evaluate import evaluate_pipeline

__all__ = ["METRICS", "MetricDefinition", "evaluate_pipeline"]
