"""vbench: golden-truth benchmarking of computer-vision pipelines.

The Python API is loaded when it is first used, so ``import vbench`` stays light::

    evaluation = vbench.evaluate_coco("gt.json", "dt.json")
    evaluation.stats["AP50"]
    vbench.evaluate_mot("gt.txt", "results.txt")["HOTA"]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vbench.bench.evaluate_coco import evaluate_coco
    from vbench.bench.evaluate_mot import evaluate_mot
    from vbench.metrics.mot import MotEvaluation
    from vbench.types.coco import CocoEvaluation, CocoResults, CocoTruth

__version__ = "0.1.0"

__all__ = [
    "CocoEvaluation",
    "CocoResults",
    "CocoTruth",
    "MotEvaluation",
    "__version__",
    "evaluate_coco",
    "evaluate_mot",
]

_HOME = {
    "CocoEvaluation": "vbench.types.coco",
    "CocoResults": "vbench.types.coco",
    "CocoTruth": "vbench.types.coco",
    "MotEvaluation": "vbench.metrics.mot",
    "evaluate_coco": "vbench.bench.evaluate_coco",
    "evaluate_mot": "vbench.bench.evaluate_mot",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
