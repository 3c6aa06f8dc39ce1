"""From a decoded frame to the model's input tensor, and the way back for boxes.

Resize rule: letterbox scales both axes by ``min(W / w, H / h)`` and rounds each side half up to
whole pixels, at least 1; stretch takes (W, H). With ``rectangular: m`` the tensor is then only as
large as the next multiple of m from each side; else it is W x H. A centred image starts at
``(tensor width - w') // 2``, so an odd rest goes right and below. Boxes return by the scale that
each axis really got, ``w' / w``.
Pixel rule: ``(value * scale - mean) / std`` per channel in the model's colour order, in float64,
rounded once to the input's dtype. Padding is a pixel value and goes the same way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vbench.config.input_entry import InputEntry
from vbench.pipeline.fused_input import FusedInput
from vbench.pipeline.input_tensor import InputTensor, TensorLayout, pixel_table
from vbench.pipeline.reference_input import ReferenceInput
from vbench.types.arrays import F32, F64
from vbench.types.frame import Frame
from vbench.types.planes import Planes

__all__ = ["FUSED", "Geometry", "InputTensor", "Preprocessor", "fit", "tensor_size"]

FUSED = "fused"
"""`Preprocessor.path` of a tensor that the fused kernel made."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """Where a source frame lies in the input image."""

    source_size: tuple[int, int]
    """(width, height) px of the frame."""
    resized_size: tuple[float, float]
    """(width, height) px it takes up in the input; whole unless the user's own code says else."""
    offset: tuple[float, float]
    """(x, y) px of its top left corner in the input; whole as above."""

    def to_source(self, boxes_xyxy: F32) -> F64:
        """(N, 4) boxes in input pixels as (N, 4) float64 boxes in source pixels, unclipped."""
        shift = np.array(self.offset * 2, np.float64)
        return (boxes_xyxy - shift) * self._source_per_input()

    def _source_per_input(self) -> F64:
        ratio = [a / b for a, b in zip(self.source_size, self.resized_size, strict=True)]
        return np.array(ratio * 2, np.float64)


def tensor_size(entry: InputEntry, source_size: tuple[int, int]) -> tuple[int, int]:
    """(width, height) px of the input tensor for a source frame of (width, height) px."""
    if entry.rectangular is None:
        return entry.size
    width, height = _resized(entry, source_size)
    multiple = entry.rectangular
    return -(-width // multiple) * multiple, -(-height // multiple) * multiple


def fit(entry: InputEntry, source_size: tuple[int, int]) -> Geometry:
    """Geometry of a source frame of (width, height) px under a pipeline's input entry."""
    return Geometry(source_size, *_placed(entry, source_size))


def _placed(
    entry: InputEntry, source_size: tuple[int, int]
) -> tuple[tuple[int, int], tuple[int, int]]:
    """(width, height) and (x, y) px of the resized frame in the tensor."""
    resized = _resized(entry, source_size)
    if entry.anchor == "top_left":
        return resized, (0, 0)
    width, height = tensor_size(entry, source_size)
    return resized, ((width - resized[0]) // 2, (height - resized[1]) // 2)


def _resized(entry: InputEntry, source_size: tuple[int, int]) -> tuple[int, int]:
    width, height = entry.size
    if entry.resize == "stretch":
        return entry.size
    ratio = min(width / source_size[0], height / source_size[1])
    return (
        min(width, max(1, math.floor(source_size[0] * ratio + 0.5))),
        min(height, max(1, math.floor(source_size[1] * ratio + 0.5))),
    )


class Preprocessor:
    """Makes input tensors from frames of one size; not for several threads at once.

    By the fused kernel where a frame has sample planes and the kernel does what is asked for, else
    by the reference: convert, resize, look up. Both make the same tensor to the bit.
    """

    def __init__(self, entry: InputEntry, source_size: tuple[int, int]) -> None:
        """Prepare for frames of (width, height) px."""
        self.geometry = fit(entry, source_size)
        self.path = ""
        """How the newest tensor was made: ``fused``, or ``reference:`` and why."""
        self._layout = TensorLayout(
            entry, pixel_table(entry), tensor_size(entry, source_size), *_placed(entry, source_size)
        )
        self._own: InputTensor | None = None

    def new_tensor(self) -> InputTensor:
        """A (1, 3, H, W) or (1, H, W, 3) tensor for `fill`, with its padding, C-contiguous."""
        return self._layout.padded()

    def __call__(self, frame: Frame) -> InputTensor:
        """The tensor of a frame, always the same one; valid until the next call.

        Raises:
            ValueError: the frame has another size than the one prepared for.
        """
        if self._own is None:
            self._own = self.new_tensor()
        self.fill(frame, self._own)
        return self._own

    def fill(self, frame: Frame, tensor: InputTensor) -> None:
        """Write a frame into a tensor of `new_tensor`; allocates nothing large after the first.

        Raises:
            ValueError: the frame has another size than the one prepared for.
        """
        if frame.size != self.geometry.source_size:
            width, height = frame.size
            expected = self.geometry.source_size
            raise ValueError(f"frame {frame.index} is {width}x{height}, prepared for {expected}")
        fused = self._fused_for(frame.planes)
        if fused is None or frame.planes is None:
            self._reference.fill(frame.image, frame.color_order, tensor)
        else:
            fused.fill(frame.planes, tensor)

    def _fused_for(self, planes: Planes | None) -> FusedInput | None:
        """What takes planes of this kind, None for the reference; `path` says which, and why."""
        if planes is None:
            self.path = "reference: the picture has no 8-bit planes"
            return None
        if self._fused is None:
            name = self._layout.entry.interpolation
            self.path = f"reference: interpolation {name} is not fused"
            return None
        if not self._fused.agrees(planes):
            self.path = "reference: the fused kernel differs from OpenCV here"
            return None
        self.path = FUSED
        return self._fused

    # Both are made when they are first needed: most clips need one of them, single crops no more.

    @cached_property
    def _fused(self) -> FusedInput | None:
        return FusedInput.of(self._layout, self.geometry.source_size)

    @cached_property
    def _reference(self) -> ReferenceInput:
        return ReferenceInput(self._layout)
