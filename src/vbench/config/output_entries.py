"""``output:`` of a detector or classifier, one entry per adapter.

`N` is the number of candidates, `C` the number of classes that the pipeline file lists. A key that
names an output tensor may be left out where the model's names or shapes leave no doubt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, TypeAdapter, model_validator

from vbench.config.model_file import FileModel
from vbench.config.yaml_text import Plain

Activation: TypeAlias = Literal["none", "sigmoid", "softmax"]
"""What still has to be done to the model's class values to make them scores."""

Stride: TypeAlias = Annotated[int, Field(ge=1)]
Positive: TypeAlias = Annotated[float, Field(gt=0.0, strict=False)]


class YoloxOutput(FileModel):
    """``adapter: yolox``: [1, N, 5 + C] raw grid values, strides 8, 16 and 32."""

    adapter: Literal["yolox"]
    strides: list[Stride] = Field(default_factory=lambda: [8, 16, 32], min_length=1)


class YoloV5Output(FileModel):
    """``adapter: yolo_v5``: [1, N, 5 + C] centre, size, objectness and class scores."""

    adapter: Literal["yolo_v5"]


class YoloV8Output(FileModel):
    """``adapter: yolo_v8``: [1, 4 + C, N] centre, size and class scores."""

    adapter: Literal["yolo_v8"]


class YoloEnd2EndOutput(FileModel):
    """``adapter: yolo_end2end``: [1, N, 6] corners, score and class; needs no NMS."""

    adapter: Literal["yolo_end2end"]


class NmsPluginOutput(FileModel):
    """``adapter: nms_plugin``: count, boxes, scores and classes of an NMS inside the model."""

    adapter: Literal["nms_plugin"]
    count: str | None = None
    boxes: str | None = None
    scores: str | None = None
    classes: str | None = None
    normalized: bool = False
    """Coordinates in 0..1 of the input size instead of input pixels."""


class SsdOutput(FileModel):
    """``adapter: ssd``: finished boxes, or boxes and scores of every prior."""

    adapter: Literal["ssd"]
    boxes: str | None = None
    scores: str | None = None
    classes: str | None = None
    count: str | None = None
    priors: str | None = None
    """Output with prior boxes, normalised centre and size; `boxes` then hold offsets to them."""
    variances: Annotated[tuple[Positive, Positive], Field(strict=False)] = (0.1, 0.2)
    """Of centre and size, for offsets to priors."""
    corners: Literal["xyxy", "yxyx"] = "yxyx"
    normalized: bool = True
    activation: Activation = "none"
    class_base: int = Field(default=1, ge=0)
    """Number of the first listed class; those below it are background."""


class DetrOutput(FileModel):
    """``adapter: detr``: logits [1, N, C + 1], the last "no object"; boxes [1, N, 4]."""

    adapter: Literal["detr"]
    logits: str | None = None
    boxes: str | None = None


class RtDetrOutput(FileModel):
    """``adapter: rtdetr``: logits and boxes, or labels, boxes and scores."""

    adapter: Literal["rtdetr"]
    logits: str | None = None
    boxes: str | None = None
    scores: str | None = None
    labels: str | None = None


class RetinanetOutput(FileModel):
    """``adapter: retinanet``: class values and box deltas of every anchor, or finished boxes."""

    adapter: Literal["retinanet"]
    scores: str | None = None
    boxes: str | None = None
    labels: str | None = None
    activation: Literal["none", "sigmoid"] = "sigmoid"
    """Of raw class values; finished scores need none."""
    strides: list[Stride] = Field(default_factory=lambda: [8, 16, 32, 64, 128], min_length=1)
    anchor_sizes: list[Positive] = Field(
        default_factory=lambda: [32.0, 64.0, 128.0, 256.0, 512.0], min_length=1
    )
    """Side of a square anchor in px, one per stride."""
    anchor_scales: list[Positive] = Field(
        default_factory=lambda: [1.0, 2 ** (1 / 3), 2 ** (2 / 3)], min_length=1
    )
    anchor_ratios: list[Positive] = Field(default_factory=lambda: [0.5, 1.0, 2.0], min_length=1)
    """Height / width."""
    anchor_offset: float = Field(default=0.0, ge=0.0, lt=1.0, strict=False)
    """Where in its cell an anchor's centre lies, in strides."""
    delta_std: Annotated[tuple[Positive, Positive, Positive, Positive], Field(strict=False)] = (
        1.0,
        1.0,
        1.0,
        1.0,
    )
    """Multiplies the deltas dx, dy, dw, dh."""
    class_base: int = Field(default=0, ge=0)
    """Number of the first listed class."""

    @model_validator(mode="after")
    def _one_size_per_stride(self) -> RetinanetOutput:
        if len(self.anchor_sizes) != len(self.strides):
            raise ValueError(
                f"{len(self.anchor_sizes)} anchor_sizes for {len(self.strides)} strides"
            )
        return self


class NanodetOutput(FileModel):
    """``adapter: nanodet``: class scores and distance distributions of every cell."""

    adapter: Literal["nanodet"]
    strides: list[Stride] = Field(default_factory=lambda: [8, 16, 32, 64], min_length=1)
    reg_max: int = Field(default=7, ge=1)
    """Largest distance in strides; each side is a distribution over reg_max + 1 of them."""
    centers: Literal["corner", "middle"] = "corner"
    """Where in its cell a centre lies: NanoDet-Plus in the corner, NanoDet in the middle."""


class RtmdetOutput(FileModel):
    """``adapter: rtmdet``: dets [1, N, 5] and labels [1, N]."""

    adapter: Literal["rtmdet"]
    dets: str | None = None
    labels: str | None = None


class CenternetOutput(FileModel):
    """``adapter: centernet``: heatmap, size and offset maps."""

    adapter: Literal["centernet"]
    heatmap: str | None = None
    size: str | None = None
    offset: str | None = None
    stride: Stride = 4
    activation: Literal["none", "sigmoid"] = "sigmoid"


class BoxesOutput(FileModel):
    """``adapter: boxes``: rows of finished boxes, columns named here."""

    adapter: Literal["boxes"]
    output: str | None = None
    """Name of the output tensor; by default the model's only one."""
    columns: list[Literal["x1", "y1", "x2", "y2", "cx", "cy", "w", "h", "score", "class", "skip"]]
    normalized: bool = False
    """Coordinates in 0..1 of the input size instead of input pixels."""

    @model_validator(mode="after")
    def _complete(self) -> BoxesOutput:
        have = set(self.columns)
        corner_forms = ({"x1", "y1", "x2", "y2"}, {"cx", "cy", "w", "h"}, {"x1", "y1", "w", "h"})
        if not any(form <= have for form in corner_forms):
            raise ValueError("columns must hold x1 y1 x2 y2, or cx cy w h, or x1 y1 w h")
        if "score" not in have:
            raise ValueError("columns must hold score")
        for name in sorted(have - {"skip"}):
            if self.columns.count(name) > 1:
                raise ValueError(f"columns hold {name} twice; name columns to leave out skip")
        return self


OutputEntry: TypeAlias = Annotated[
    YoloxOutput
    | YoloV5Output
    | YoloV8Output
    | YoloEnd2EndOutput
    | NmsPluginOutput
    | SsdOutput
    | DetrOutput
    | RtDetrOutput
    | RetinanetOutput
    | NanodetOutput
    | RtmdetOutput
    | CenternetOutput
    | BoxesOutput,
    Field(discriminator="adapter"),
]
"""Adapters of detectors."""

_DETECTORS: TypeAdapter[OutputEntry] = TypeAdapter(OutputEntry)


def make_output_entry(values: Mapping[str, Plain]) -> OutputEntry:
    """The entry of an ``output`` mapping that is not in a file; raises ValueError."""
    return _DETECTORS.validate_python(values)


class ClassifierOutput(FileModel):
    """``adapter: classifier``, of a classifier stage: [1, C] logits or probabilities."""

    adapter: Literal["classifier"]
    output: str | None = None
    """Name of the output tensor; by default the model's only one."""
    activation: Activation = "softmax"
