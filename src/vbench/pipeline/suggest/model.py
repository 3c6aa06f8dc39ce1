"""What a proposal starts from, and what it is made of."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from vbench.config.yaml_text import Plain
from vbench.engines.protocol import TensorInfo

Sure: TypeAlias = Literal["certain", "likely", "guess"]
"""Read from the file; the family's published convention; or one of several possibilities."""

Keys: TypeAlias = tuple[tuple[str, Plain], ...]
"""Keys of ``output`` besides the adapter, in the order of the file."""

_UNKNOWN_SIDE_PX = 640


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """What can be read from a model without running it."""

    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    metadata: Mapping[str, str]
    """What the exporter wrote into the file."""
    class_names: tuple[str, ...] | None
    """Classes that the user named."""

    @property
    def image(self) -> TensorInfo | None:
        """The input that takes the picture: the only one of four axes."""
        found = [item for item in self.inputs if len(item.shape) == 4]
        return found[0] if len(found) == 1 else None

    @property
    def layout(self) -> Literal["nchw", "nhwc"]:
        """Where the channels are; ``nchw`` where nothing says otherwise."""
        shape = () if self.image is None else self.image.shape
        return "nhwc" if len(shape) == 4 and shape[3] == 3 and shape[1] != 3 else "nchw"

    @property
    def fixed_size(self) -> tuple[int, int] | None:
        """(width, height) px of the input; None where the model leaves one of them open."""
        if self.image is None:
            return None
        axes = self.image.shape
        height, width = (axes[2], axes[3]) if self.layout == "nchw" else (axes[1], axes[2])
        return None if width is None or height is None else (width, height)

    @property
    def stated_size(self) -> tuple[int, int] | None:
        """(width, height) px that the exporter wrote into the file, as Ultralytics does."""
        found = _literal(self.metadata.get("imgsz"))
        if isinstance(found, list) and len(found) == 2:
            height, width = found
            if isinstance(height, int) and isinstance(width, int):
                return width, height
        return None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) px: the model's, the exporter's, or a usual one."""
        return self.fixed_size or self.stated_size or (_UNKNOWN_SIDE_PX, _UNKNOWN_SIDE_PX)

    @property
    def stated_names(self) -> tuple[str, ...] | None:
        """Class names that the exporter wrote into the file, as Ultralytics does."""
        found = _literal(self.metadata.get("names"))
        if isinstance(found, list):
            return tuple(str(name) for name in found) or None
        if isinstance(found, dict):
            return tuple(str(found[key]) for key in sorted(found)) or None
        return None

    @property
    def names(self) -> tuple[str, ...] | None:
        """Class names, where they are known."""
        return self.class_names or self.stated_names

    @property
    def from_ultralytics(self) -> bool:
        """Whether Ultralytics' exporter wrote the file."""
        return "ultralytics" in self.metadata.get("author", "").lower() or (
            {"names", "stride", "task"} <= set(self.metadata)
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """A key of the proposed file."""

    key: str
    """Dotted, inside the stage: ``input.color``; or ``classes``."""
    value: Plain
    sure: Sure
    why: str


@dataclass(frozen=True, slots=True)
class Convention:
    """How a family prepares its input."""

    color: Literal["bgr", "rgb"]
    resize: Literal["letterbox", "stretch"]
    why: str
    anchor: Literal["top_left", "center"] = "center"
    pad: int = 114
    scale: float = 1.0
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Match:
    """A family that the model's outputs fit."""

    adapter: str
    sure: Sure
    why: str
    convention: Convention
    n_classes: int | None = None
    """None where the outputs do not tell."""
    keys: Keys = ()
    nms: bool = False
    """Whether boxes of one thing still have to be thinned out."""


def _literal(text: str | None) -> object:
    """A Python literal as Ultralytics writes it; None where it is none."""
    try:
        return ast.literal_eval(text or "None")
    except (ValueError, SyntaxError):
        return None
