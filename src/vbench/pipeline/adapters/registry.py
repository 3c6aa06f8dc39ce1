"""Which adapter decodes a pipeline file's output entry."""

from __future__ import annotations

from typing import assert_never

from vbench.config import output_entries as entries
from vbench.config.output_entries import OutputEntry
from vbench.pipeline.adapters.adapter import Adapter, ModelFacts
from vbench.pipeline.adapters.boxes import BoxesAdapter
from vbench.pipeline.adapters.centernet import CenternetAdapter
from vbench.pipeline.adapters.detr import DetrAdapter
from vbench.pipeline.adapters.nanodet import NanodetAdapter
from vbench.pipeline.adapters.nms_plugin import NmsPluginAdapter
from vbench.pipeline.adapters.retinanet import RetinanetAdapter
from vbench.pipeline.adapters.rtdetr import RtDetrAdapter
from vbench.pipeline.adapters.rtmdet import RtmdetAdapter
from vbench.pipeline.adapters.ssd import SsdAdapter
from vbench.pipeline.adapters.yolo_end2end import YoloEnd2EndAdapter
from vbench.pipeline.adapters.yolo_v5 import YoloV5Adapter
from vbench.pipeline.adapters.yolo_v8 import YoloV8Adapter
from vbench.pipeline.adapters.yolox import YoloxAdapter


def make_adapter(entry: OutputEntry, facts: ModelFacts) -> Adapter:  # noqa: C901 one line each
    """The adapter of an output entry. Raises ConfigError where the entry cannot fit the model."""
    match entry:
        case entries.YoloxOutput():
            return YoloxAdapter(entry, facts)
        case entries.YoloV5Output():
            return YoloV5Adapter(entry, facts)
        case entries.YoloV8Output():
            return YoloV8Adapter(entry, facts)
        case entries.YoloEnd2EndOutput():
            return YoloEnd2EndAdapter(entry, facts)
        case entries.NmsPluginOutput():
            return NmsPluginAdapter(entry, facts)
        case entries.SsdOutput():
            return SsdAdapter(entry, facts)
        case entries.DetrOutput():
            return DetrAdapter(entry, facts)
        case entries.RtDetrOutput():
            return RtDetrAdapter(entry, facts)
        case entries.RetinanetOutput():
            return RetinanetAdapter(entry, facts)
        case entries.NanodetOutput():
            return NanodetAdapter(entry, facts)
        case entries.RtmdetOutput():
            return RtmdetAdapter(entry, facts)
        case entries.CenternetOutput():
            return CenternetAdapter(entry, facts)
        case entries.BoxesOutput():
            return BoxesAdapter(entry, facts)
        case _:
            assert_never(entry)
