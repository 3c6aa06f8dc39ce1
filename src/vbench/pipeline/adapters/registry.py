"""Which adapter decodes a pipeline file's output entry."""

from __future__ import annotations

from typing import assert_never

from vbench.config.pipeline_file import BoxesOutput, Output, YoloV8Output, YoloxOutput
from vbench.pipeline.adapters.adapter import Adapter, ModelFacts
from vbench.pipeline.adapters.boxes import BoxesAdapter
from vbench.pipeline.adapters.yolo_v8 import YoloV8Adapter
from vbench.pipeline.adapters.yolox import YoloxAdapter


def make_adapter(entry: Output, facts: ModelFacts) -> Adapter:
    """The adapter of an output entry. Raises ConfigError where the entry cannot fit the model."""
    match entry:
        case YoloxOutput():
            return YoloxAdapter(entry, facts)
        case YoloV8Output():
            return YoloV8Adapter(entry, facts)
        case BoxesOutput():
            return BoxesAdapter(entry, facts)
        case _:
            assert_never(entry)
