"""What every adapter looks like, and what it makes of a model's output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from vbench.engines.protocol import Tensor, TensorInfo
from vbench.errors import EngineError, ModelError
from vbench.types.arrays import F32, I64, check_column

Shape: TypeAlias = tuple[int | None, ...]

Size: TypeAlias = tuple[int, int]
"""(width, height) px."""


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
    input_size: Size
    """(width, height) px of the input tensor."""
    place: str
    """``file:line: key`` of the output entry, for messages."""


class Adapter(Protocol):
    """Decodes the outputs of one model family."""

    @property
    def finite_checked(self) -> frozenset[int]:
        """Positions of the outputs that `decode` itself refuses where a number is not finite.

        They are large, and `decode` reads all of them anyway. The others were looked at before.
        """

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        """Compare the model's declared outputs with what is expected, before the first `decode`.

        Raises ModelError where they do not fit, ConfigError where a key names an output that the
        model does not have.
        """

    def decode(self, outputs: Sequence[Tensor], floor: float) -> Candidates:
        """Candidates with a score of at least `floor` from one frame's outputs.

        Raises:
            ModelError: a shape that the model left open turns out not to fit.
            EngineError: the numbers cannot be decoded, or one of `finite_checked` is not finite.
        """


NONE_CHECKED: frozenset[int] = frozenset()
"""`finite_checked` of adapters that pick few numbers from small outputs."""


def not_finite(output: str) -> EngineError:
    """The error for an output of this name that holds NaN or infinity."""
    return EngineError(
        f'output "{output}" holds NaN or infinity',
        hint="check the model and its input's scale, mean and std; float16 overflows early",
    )


def only_output(outputs: Sequence[TensorInfo], adapter: str, place: str) -> TensorInfo:
    """The model's single output; raises ModelError where there are more."""
    if len(outputs) != 1:
        found = "; ".join(item.text() for item in outputs)
        raise ModelError(
            f"the model has {len(outputs)} outputs ({found}); {adapter} takes one",
            where=place,
            hint="choose the adapter of the model's family, or export it with one output",
        )
    return outputs[0]


def misfit(shape: Shape, needs: str, place: str, hint: str = "") -> ModelError:
    """The error for an output of another shape than an adapter needs."""
    return ModelError(
        f"the model's output is {shape_text(shape)}; {needs}",
        where=place,
        hint=hint or "name the adapter that fits the model, and as many classes as it has",
    )


def shape_text(shape: Sequence[int | None]) -> str:
    """``[1, ?, 85]``."""
    return f"[{', '.join('?' if axis is None else str(axis) for axis in shape)}]"


def differs(axis: int | None, expected: int) -> bool:
    """Whether an axis has a length, and another one than expected."""
    return axis is not None and axis != expected


def fits(shape: Shape, *pattern: int | None) -> bool:
    """Whether a shape can be that of a pattern; None accepts any length on both sides."""
    return len(shape) == len(pattern) and all(
        want is None or not differs(have, want) for have, want in zip(shape, pattern, strict=True)
    )


def xyxy_from_cxcywh(cx: F32, cy: F32, w: F32, h: F32) -> F32:
    """(N, 4) corner boxes from (N,) centres and sizes."""
    half_w, half_h = w / np.float32(2), h / np.float32(2)
    return np.stack([cx - half_w, cy - half_h, cx + half_w, cy + half_h], axis=1)


def in_pixels(boxes: F32, size: Size) -> F32:
    """(N, 4) boxes in 0..1 as px of a (width, height)."""
    width, height = size
    return boxes * np.array([width, height, width, height], np.float32)


def class_indices(numbers: Tensor, n_classes: int, base: int = 0) -> I64:
    """(N,) indices into the class list from (N,) class numbers, which count from `base`.

    Raises EngineError for a number that is not whole or not in the list.
    """
    class_index = numbers.astype(np.int64) - base
    wrong = (class_index + base != numbers) | (class_index < 0) | (class_index >= n_classes)
    if wrong.any():
        raise EngineError(
            f"the model gave class {numbers[wrong][0]:g}; the pipeline file lists "
            f"{n_classes} classes, numbered from {base}",
            hint="check which output or column holds the class, and that `classes` lists the "
            "model's own classes, all of them",
        )
    return class_index
