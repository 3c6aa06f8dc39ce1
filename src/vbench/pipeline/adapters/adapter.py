"""What every adapter looks like, and what it makes of a model's output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from vbench.engines.protocol import Tensor, TensorInfo
from vbench.errors import ConfigError
from vbench.types.arrays import F32, I64, check_column

Shape: TypeAlias = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Candidates:
    """N boxes of one frame as the model gave them: any order, before NMS."""

    boxes_xyxy: F32
    """(N, 4) px of the model's input, unclipped."""
    scores: F32
    """(N,) 0..1."""
    class_index: I64
    """(N,) index into the model's own class list."""

    def __post_init__(self) -> None:
        n = len(self.scores)
        check_column("Candidates", "boxes_xyxy", self.boxes_xyxy, np.float32, (n, 4))
        check_column("Candidates", "scores", self.scores, np.float32, (n,))
        check_column("Candidates", "class_index", self.class_index, np.int64, (n,))

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, rows: I64) -> Candidates:
        """The rows of an index array, in its order."""
        return Candidates(self.boxes_xyxy[rows], self.scores[rows], self.class_index[rows])


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What an adapter needs to know about the model it serves."""

    n_classes: int
    input_size: tuple[int, int]
    """(width, height) px."""
    place: str
    """``file:line: key`` of the output entry, for messages."""


class Adapter(Protocol):
    """Decodes the outputs of one model family."""

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        """Compare the model's declared outputs with what is expected. Raises ConfigError."""

    def decode(self, outputs: Sequence[Tensor], floor: float) -> Candidates:
        """Candidates with a score of at least `floor` from one frame's outputs.

        Raises ConfigError where a shape that the model left open turns out not to fit, and
        EngineError where the numbers cannot be decoded.
        """


def only_output(outputs: Sequence[TensorInfo], adapter: str, place: str) -> TensorInfo:
    """The model's single output; raises ConfigError where there are more."""
    if len(outputs) != 1:
        found = "; ".join(item.text() for item in outputs)
        raise ConfigError(
            f"the model has {len(outputs)} outputs ({found}); {adapter} takes one",
            where=place,
            hint="choose the adapter of the model's family, or export it with one output",
        )
    return outputs[0]


def shape_text(shape: Sequence[int | None]) -> str:
    """``[1, ?, 85]``."""
    return f"[{', '.join('?' if axis is None else str(axis) for axis in shape)}]"


def differs(axis: int | None, expected: int) -> bool:
    """Whether an axis has a length, and another one than expected."""
    return axis is not None and axis != expected


def xyxy_from_cxcywh(cx: F32, cy: F32, w: F32, h: F32) -> F32:
    """(N, 4) corner boxes from (N,) centres and sizes."""
    half_w, half_h = w / np.float32(2), h / np.float32(2)
    return np.stack([cx - half_w, cy - half_h, cx + half_w, cy + half_h], axis=1)
