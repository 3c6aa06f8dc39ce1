"""``engine: {type: tensorrt, ...}``."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field, model_validator

from vbench.config.engines.shared import Sha256, Takes
from vbench.config.model_file import FileModel

Shape: TypeAlias = Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1)]
"""Lengths of a tensor's axes."""


class ShapeRange(FileModel):
    """The shapes that an input with free axes may have; `opt` is what the engine is tuned for."""

    min: Shape
    opt: Shape
    max: Shape

    @model_validator(mode="after")
    def _ordered(self) -> ShapeRange:
        if not len(self.min) == len(self.opt) == len(self.max):
            raise ValueError("min, opt and max need equally many axes")
        axes = zip(self.min, self.opt, self.max, strict=True)
        if any(not low <= best <= high for low, best, high in axes):
            raise ValueError("min <= opt <= max must hold on every axis")
        return self


class TensorRtEntry(FileModel):
    """A TensorRT engine file, pinned by its digest, or one built from an ONNX file and cached."""

    takes: ClassVar[Takes] = "tensors"
    repeatable: ClassVar[bool] = True

    type: Literal["tensorrt"]
    plan: str | None = None
    """A built engine, ``.engine`` or ``.plan``; `sha256` must pin it."""
    model: str | None = None
    """The ONNX file to build from."""
    sha256: Sha256 | None = None
    """Digest of the file named."""
    device_id: int = Field(default=0, ge=0)
    """Which GPU, as CUDA numbers them."""
    cuda_graph: bool = False
    """Launch the whole inference as one captured graph."""
    plugins: list[str] = Field(default_factory=list)
    """Libraries with TensorRT plugins, loaded first."""
    profile: dict[str, ShapeRange | Shape] = Field(default_factory=dict)
    """Shapes of inputs with free axes: one shape, or a range."""
    tf32: bool = False
    """Let float32 layers compute with a 10-bit mantissa."""
    workspace_mib: int | None = Field(default=None, ge=1)
    """Most scratch memory that a layer may use; by default all of the GPU's."""
    optimization_level: int = Field(default=3, ge=0, le=5)
    """How long the builder searches."""

    @model_validator(mode="after")
    def _one_file(self) -> TensorRtEntry:
        if (self.plan is None) == (self.model is None):
            raise ValueError("give either `plan` or `model`")
        if self.plan is not None and self.sha256 is None:
            raise ValueError("`plan` needs `sha256`: a built engine holds code of its builder")
        of_the_build = {"profile", "tf32", "workspace_mib", "optimization_level"}
        for key in sorted(of_the_build & self.model_fields_set):
            if self.plan is not None:
                raise ValueError(f"`{key}` says how to build from `model`; a `plan` is built")
        return self
