"""The full COCO box evaluation, from columns to the summary numbers."""

from vbench.metrics.coco.evaluation import evaluate
from vbench.metrics.coco.stats import class_stats

__all__ = ["class_stats", "evaluate"]
