"""Models with an NMS plug-in at their end: how many, boxes, scores and classes.

Source of the layout: the outputs of TensorRT's EfficientNMS and BatchedNMS plug-ins
(github.com/NVIDIA/TensorRT, plugin/efficientNMSPlugin and plugin/batchedNMSPlugin): num [1, 1],
boxes [1, K, 4] corners, scores [1, K], classes [1, K]; rows past `num` are padding.
"""

from __future__ import annotations

from vbench.config.output_entries import NmsPluginOutput
from vbench.pipeline.adapters.adapter import ModelFacts
from vbench.pipeline.adapters.finished import FinishedBoxes, FinishedForm, FinishedNames


class NmsPluginAdapter(FinishedBoxes):
    """Finished boxes, best first; rows past the count do not count."""

    def __init__(self, entry: NmsPluginOutput, facts: ModelFacts) -> None:
        """Remember the tensors' names."""
        names = FinishedNames(entry.boxes, entry.scores, entry.classes, entry.count)
        super().__init__("nms_plugin", names, FinishedForm(entry.normalized), facts)
