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
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from vbench.config.input_entry import InputEntry
from vbench.types.arrays import F32, F64, U8
from vbench.types.frame import Frame

InputTensor: TypeAlias = npt.NDArray[np.floating[Any] | np.integer[Any]]
"""A model's input in the dtype of its input entry."""

_INTERPOLATION: Mapping[str, int] = {
    "nearest": cv2.INTER_NEAREST,
    "linear": cv2.INTER_LINEAR,
    "area": cv2.INTER_AREA,
    "cubic": cv2.INTER_CUBIC,
}


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
    """Fills one input tensor again and again, for frames of one size; allocates nothing large."""

    def __init__(self, entry: InputEntry, source_size: tuple[int, int]) -> None:
        """Prepare buffers for frames of (width, height) px."""
        self.geometry = fit(entry, source_size)
        self._color = entry.color
        self._planar = entry.layout == "nchw"
        self._interpolation = _INTERPOLATION[entry.interpolation]
        # (1, 256, 3): what each pixel value becomes in each channel of the model's order.
        self._table = _pixel_table(entry)
        self._tables = [np.ascontiguousarray(self._table[:, :, c]) for c in range(3)]
        self._tensor, self._image = _padded_tensor(entry, self._table, source_size)
        width, height = self._resized_size = _placed(entry, source_size)[0]
        self._resized: U8 = np.empty((height, width, 3), np.uint8)
        self._planes: list[U8] = [np.empty((height, width), np.uint8) for _ in range(3)]

    def __call__(self, frame: Frame) -> InputTensor:
        """The (1, 3, H, W) or (1, H, W, 3) tensor of a frame; valid until the next call.

        Raises:
            ValueError: the frame has another size than the one prepared for.
        """
        height, width = frame.image.shape[:2]
        if (width, height) != self.geometry.source_size:
            expected = self.geometry.source_size
            raise ValueError(f"frame {frame.index} is {width}x{height}, prepared for {expected}")
        pixels = frame.image
        if self._resized_size != (width, height):
            pixels = self._resized
            cv2.resize(
                frame.image,
                self._resized_size,
                dst=pixels,
                interpolation=self._interpolation,
            )
        swap = frame.color_order != self._color
        if self._planar or swap:
            cv2.split(pixels, self._planes)
        planes = self._planes[::-1] if swap else self._planes
        if self._planar:
            for plane, table, channel in zip(planes, self._tables, self._image, strict=True):
                cv2.LUT(plane, table, dst=channel)
            return self._tensor
        if swap:
            pixels = self._resized
            cv2.merge(planes, dst=pixels)
        cv2.LUT(pixels, self._table, dst=self._image)
        return self._tensor


def _pixel_table(entry: InputEntry) -> InputTensor:
    """(1, 256, 3) input value of each pixel value, per channel of the model's colour order."""
    values = np.arange(256, dtype=np.float64)[None, :, None]
    table = (values * entry.scale - np.array(entry.mean)) / np.array(entry.std)
    return np.asarray(table, np.dtype(entry.dtype))


def _padded_tensor(
    entry: InputEntry, table: InputTensor, source_size: tuple[int, int]
) -> tuple[InputTensor, InputTensor]:
    """The whole tensor filled with padding, and its view where the image goes."""
    width, height = tensor_size(entry, source_size)
    (w, h), (x, y) = _placed(entry, source_size)
    pad = table[0, entry.pad]
    if entry.layout == "nchw":
        tensor = np.empty((1, 3, height, width), table.dtype)
        tensor[...] = pad[:, None, None]
        return tensor, tensor[0, :, y : y + h, x : x + w]
    tensor = np.empty((1, height, width, 3), table.dtype)
    tensor[...] = pad
    return tensor, tensor[0, y : y + h, x : x + w]
