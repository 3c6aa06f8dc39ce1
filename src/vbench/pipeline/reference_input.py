"""From an image to an input tensor, one step after the other: resize, reorder, look up.

What the fused kernel is held against, and what takes its place where it cannot go.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from vbench.pipeline.input_tensor import InputTensor, TensorLayout
from vbench.types.arrays import U8
from vbench.types.frame import ColorOrder

_INTERPOLATION: Mapping[str, int] = {
    "nearest": cv2.INTER_NEAREST,
    "linear": cv2.INTER_LINEAR,
    "area": cv2.INTER_AREA,
    "cubic": cv2.INTER_CUBIC,
}


class ReferenceInput:
    """Fills tensors with images of one size; allocates nothing large after it is made."""

    def __init__(self, layout: TensorLayout) -> None:
        self._layout = layout
        self._color = layout.entry.color
        self._planar = layout.entry.layout == "nchw"
        self._interpolation = _INTERPOLATION[layout.entry.interpolation]
        self._table = layout.table[None]
        self._tables = [np.ascontiguousarray(self._table[:, :, c]) for c in range(3)]
        width, height = layout.picture_size
        self._resized: U8 = np.empty((height, width, 3), np.uint8)
        self._planes: list[U8] = [np.empty((height, width), np.uint8) for _ in range(3)]

    def fill(self, image: U8, color_order: ColorOrder, tensor: InputTensor) -> None:
        """Write an (H, W, 3) image where the picture lies in a tensor."""
        target = self._layout.picture(tensor)
        size = self._layout.picture_size
        pixels = image
        if size != (image.shape[1], image.shape[0]):
            pixels = self._resized
            cv2.resize(image, size, dst=pixels, interpolation=self._interpolation)
        swap = color_order != self._color
        if self._planar or swap:
            cv2.split(pixels, self._planes)
        planes = self._planes[::-1] if swap else self._planes
        if self._planar:
            for plane, table, channel in zip(planes, self._tables, target, strict=True):
                cv2.LUT(plane, table, dst=channel)
            return
        if swap:
            pixels = self._resized
            cv2.merge(planes, dst=pixels)
        cv2.LUT(pixels, self._table, dst=target)
