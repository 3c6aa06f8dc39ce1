"""``pipelines/NAME.yaml`` as written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from vbench.config.golden_file import Name
from vbench.config.model_file import FileModel, ModelFile, read_model

PIPELINE_SCHEMA = "vbench.pipeline/v1"

Score = Annotated[float, Field(ge=0.0, le=1.0, strict=False)]
Triple = Annotated[tuple[float, float, float], Field(strict=False)]
SCORE_FLOOR = 0.01
"""Detections below it are not stored, unless the pipeline file says otherwise."""


class ClassesEntry(FileModel):
    """The model's class list and how it maps to the golden set's taxonomy."""

    file: str | None = None
    names: list[str] | None = None
    map: dict[str, str] = Field(default_factory=dict)
    """Model class -> taxonomy class."""
    drop: list[str] | Literal["others"] = Field(default_factory=list)
    """Model classes to leave out; ``others`` leaves out all that the taxonomy does not know."""

    @model_validator(mode="after")
    def _one_source(self) -> ClassesEntry:
        if (self.file is None) == (self.names is None):
            raise ValueError("give either `file` or `names`")
        return self


class OnnxRuntimeEntry(FileModel):
    """``engine: {type: onnxruntime, ...}``."""

    type: Literal["onnxruntime"]
    model: str
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    providers: list[str] = Field(default_factory=lambda: ["cpu"], min_length=1)
    threads: int = Field(default=1, ge=1)


class ReplayEntry(FileModel):
    """``engine: {type: replay, ...}``: another system's stored results."""

    type: Literal["replay"]
    format: Literal["mot", "coco", "vbench"]
    path: str
    """May hold ``{clip}``, replaced with each clip's id."""
    frame_base: Literal[0, 1] | None = None
    """Number of the first frame in the results; by default 1 for mot, 0 otherwise."""
    alerts: str | None = None
    """What the system's rules raised, as JSON; ``{clip}`` as in `path`."""


Engine = Annotated[OnnxRuntimeEntry | ReplayEntry, Field(discriminator="type")]


class InputEntry(FileModel):
    """From a decoded frame to the model's input tensor; every choice is explicit."""

    size: Annotated[tuple[int, int], Field(strict=False)]
    """(width, height) in pixels."""
    color: Literal["bgr", "rgb"]
    resize: Literal["letterbox", "stretch"] = "letterbox"
    anchor: Literal["top_left", "center"] = "center"
    interpolation: Literal["nearest", "linear", "area", "cubic"] = "linear"
    pad: int = Field(default=114, ge=0, le=255)
    scale: float = Field(default=1.0, gt=0, strict=False)
    """Multiplies the 0..255 pixel values, before mean and std."""
    mean: Triple = (0.0, 0.0, 0.0)
    std: Triple = (1.0, 1.0, 1.0)
    layout: Literal["nchw", "nhwc"] = "nchw"
    dtype: Literal["float32", "float16", "uint8"] = "float32"

    @model_validator(mode="after")
    def _sane(self) -> InputEntry:
        if min(self.size) < 1:
            raise ValueError(f"size {list(self.size)} is not positive")
        if min(self.std) <= 0:
            raise ValueError(f"std {list(self.std)} is not positive")
        changed = (self.scale, self.mean, self.std) != (1.0, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
        if self.dtype == "uint8" and changed:
            raise ValueError("a uint8 input takes pixel values as they are: no scale, mean or std")
        return self


class YoloxOutput(FileModel):
    """``adapter: yolox``: [1, N, 5 + C] raw grid values, strides 8, 16 and 32."""

    adapter: Literal["yolox"]
    strides: list[Annotated[int, Field(ge=1)]] = Field(
        default_factory=lambda: [8, 16, 32], min_length=1
    )


class YoloV8Output(FileModel):
    """``adapter: yolo_v8``: [1, 4 + C, N] centre, size and class scores."""

    adapter: Literal["yolo_v8"]


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


Output = Annotated[YoloxOutput | YoloV8Output | BoxesOutput, Field(discriminator="adapter")]


class NmsEntry(FileModel):
    """Non-maximum suppression."""

    iou: float = Field(gt=0.0, le=1.0, strict=False)
    class_aware: bool = True


class PostEntry(FileModel):
    """What happens to decoded detections."""

    score: Score = 0.3
    """The operating point."""
    score_per_class: dict[str, Score] = Field(default_factory=dict)
    """Operating points of single classes, by their name in the taxonomy."""
    floor: Score = SCORE_FLOOR
    """Detections are stored down to this score, so that thresholds can be judged again."""
    nms: NmsEntry | None = None
    top_k: int = Field(default=300, ge=1)
    """Best detections kept per frame, over all classes of the model."""

    @property
    def stored_from(self) -> float:
        """Lowest score that is stored: the floor, never above an operating point."""
        return min([self.floor, self.score, *self.score_per_class.values()])

    @model_validator(mode="after")
    def _floor_below(self) -> PostEntry:
        lowest = min([self.score, *self.score_per_class.values()])
        if "floor" in self.model_fields_set and self.floor > lowest:
            raise ValueError(f"floor {self.floor:g} is above the operating point {lowest:g}")
        return self


class DetectorStage(FileModel):
    """A detector."""

    id: Name
    kind: Literal["detector"]
    engine: Engine
    input: InputEntry | None = None
    output: Output | None = None
    post: PostEntry = Field(default_factory=PostEntry)

    @model_validator(mode="after")
    def _fits_engine(self) -> DetectorStage:
        if isinstance(self.engine, ReplayEntry):
            given = [key for key in ("input", "output") if getattr(self, key) is not None]
            if given:
                raise ValueError(f"a replay engine takes no `{given[0]}`")
            final = [key for key in ("nms", "top_k", "floor") if key in self.post.model_fields_set]
            if final:
                raise ValueError(f"a replay engine takes no `post.{final[0]}`: results are final")
        else:
            missing = [key for key in ("input", "output") if getattr(self, key) is None]
            if missing:
                raise ValueError(f"a {self.engine.type} engine needs `{missing[0]}`")
        return self


class PipelineFile(FileModel):
    """``pipelines/NAME.yaml``."""

    schema_: Literal["vbench.pipeline/v1"] = Field(alias="schema")
    name: Name
    version: Annotated[str, BeforeValidator(lambda value: str(value))]
    classes: ClassesEntry
    stages: list[DetectorStage] = Field(min_length=1, max_length=1)


def read_pipeline_file(path: Path) -> ModelFile[PipelineFile]:
    """Read a pipeline file. Raises ConfigError."""
    return read_model(path, PipelineFile, PIPELINE_SCHEMA)
