"""What to say where a model's outputs are of no known form."""

from __future__ import annotations

from vbench.engines.protocol import TensorInfo
from vbench.errors import ModelError
from vbench.pipeline.adapters.adapter import fits
from vbench.pipeline.suggest.model import ModelSummary

_FORMS = (
    ("yolo_v5", 1, "[1, N, 5 + C]"),
    ("yolo_v8", 1, "[1, 4 + C, N]"),
    ("yolo_end2end", 1, "[1, N, 6]"),
    ("yolox", 1, "[1, N, 5 + C]"),
    ("nanodet", 1, "[1, N, C + 32]"),
    ("boxes", 1, "[1, N, K], columns named in the file"),
    ("detr", 2, "logits [1, N, C + 1], boxes [1, N, 4]"),
    ("rtdetr", 2, "logits [1, N, C], boxes [1, N, 4]"),
    ("retinanet", 2, "scores [1, N, C], boxes [1, N, 4]"),
    ("ssd", 2, "boxes [1, N, 4], scores [1, N, 1 + C]"),
    ("rtmdet", 2, "dets [1, N, 5], labels [1, N]"),
    ("rtdetr", 3, "labels [1, N], boxes [1, N, 4], scores [1, N]"),
    ("centernet", 3, "heatmap [1, C, h, w], size and offset [1, 2, h, w]"),
    ("nms_plugin", 4, "count [1, 1], boxes [1, N, 4], scores [1, N], classes [1, N]"),
    ("ssd", 4, "boxes [1, N, 4], scores [1, N], classes [1, N], count [1]"),
)
"""Adapter, number of outputs, what they look like."""


def unknown_outputs(model: ModelSummary) -> ModelError:
    """The error for outputs that no adapter knows; names the closest ones."""
    found = "; ".join(item.text() for item in model.outputs)
    if len(model.outputs) == 1 and _is_classifier(model.outputs[0]):
        n_classes = model.outputs[0].shape[1]
        return ModelError(
            f"the model is a classifier of {n_classes} classes, no detector: {found}",
            hint="use it as a `kind: classifier` stage behind a detector, with "
            "`output: {adapter: classifier}`; see docs/reference/pipeline.md",
        )
    # As many outputs as the model has, or as close to it as there is.
    distance = min(abs(n - len(model.outputs)) for _, n, _ in _FORMS)
    close = [
        f"{adapter} ({form})"
        for adapter, n, form in _FORMS
        if abs(n - len(model.outputs)) == distance
    ]
    return ModelError(
        f"outputs of unknown form: {found}",
        hint=f"closest adapters: {'; '.join(close)}. Export the model in one of these forms, end "
        "it in finished boxes and name their columns (`adapter: boxes`), or run your own code "
        "with a `python` or `command` engine",
    )


def _is_classifier(output: TensorInfo) -> bool:
    return fits(output.shape, 1, None) or fits(output.shape, 1, None, 1, 1)
