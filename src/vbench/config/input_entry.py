"""``input:`` of a detector: from a decoded frame to the model's input tensor."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from vbench.config.model_file import FileModel

Triple = Annotated[tuple[float, float, float], Field(strict=False)]

Number: TypeAlias = int | float
Numbers: TypeAlias = Number | list[Number] | list[list[Number]] | list[list[list[Number]]]
"""A constant tensor of up to three axes."""

_OF_THE_FUNCTION = ("interpolation", "pad", "scale", "mean", "std")
"""What the user's own preprocessing decides."""


class InputEntry(FileModel):
    """From a decoded frame to the model's input tensor; every choice is explicit."""

    size: Annotated[tuple[int, int], Field(strict=False)]
    """(width, height) in pixels; the largest, where `rectangular` is given."""
    color: Literal["bgr", "rgb"]
    """Order of the tensor's channels; with `python`, of the image that the function is given."""
    resize: Literal["letterbox", "stretch"] = "letterbox"
    anchor: Literal["top_left", "center"] = "center"
    rectangular: Annotated[int, Field(ge=1)] | None = None
    """Pad each axis only up to a multiple of this many pixels instead of up to `size`."""
    interpolation: Literal["nearest", "linear", "area", "cubic"] = "linear"
    pad: int = Field(default=114, ge=0, le=255)
    scale: float = Field(default=1.0, gt=0, strict=False)
    """Multiplies the 0..255 pixel values, before mean and std."""
    mean: Triple = (0.0, 0.0, 0.0)
    std: Triple = (1.0, 1.0, 1.0)
    layout: Literal["nchw", "nhwc"] = "nchw"
    dtype: Literal["float32", "float16", "uint8"] = "float32"
    python: Annotated[str, Field(pattern=r"^[\w.]+:\w+$")] | None = None
    """``module:function`` of the user's own preprocessing."""
    extra: dict[str, Numbers] = Field(default_factory=dict)
    """Constants for the model's further inputs, by name."""

    @model_validator(mode="after")
    def _sane(self) -> InputEntry:
        if min(self.size) < 1:
            raise ValueError(f"size {list(self.size)} is not positive")
        if min(self.std) <= 0:
            raise ValueError(f"std {list(self.std)} is not positive")
        changed = (self.scale, self.mean, self.std) != (1.0, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
        if self.dtype == "uint8" and changed:
            raise ValueError("a uint8 input takes pixel values as they are: no scale, mean or std")
        for name, numbers in self.extra.items():
            if not _is_regular(numbers):
                raise ValueError(f"extra {name}: the inner lists differ in length")
        return self

    @model_validator(mode="after")
    def _one_rule(self) -> InputEntry:
        if self.rectangular is not None:
            if self.resize != "letterbox":
                raise ValueError("`rectangular` goes with `resize: letterbox`")
            if any(length % self.rectangular for length in self.size):
                raise ValueError(
                    f"size {list(self.size)} is no multiple of `rectangular: {self.rectangular}`"
                )
        given = [key for key in _OF_THE_FUNCTION if key in self.model_fields_set]
        if self.python is not None and given:
            raise ValueError(f"`{given[0]}` is up to the function that `python` names")
        return self


def _is_regular(numbers: Numbers) -> bool:
    """Whether lists on the same level are of the same length."""
    if not isinstance(numbers, list):
        return True
    lengths = {len(one) if isinstance(one, list) else -1 for one in numbers}
    return len(lengths) <= 1 and all(_is_regular(one) for one in numbers)
