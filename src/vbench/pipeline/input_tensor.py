"""The input tensor that an input entry asks for: its numbers, its layout, its padding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from vbench.config.input_entry import InputEntry

InputTensor: TypeAlias = npt.NDArray[np.floating[Any] | np.integer[Any]]
"""A model's input in the dtype of its input entry."""


@dataclass(frozen=True, slots=True)
class TensorLayout:
    """Where a picture lies in the tensors of an input entry."""

    entry: InputEntry
    table: InputTensor
    """(256, 3) input value of each pixel value, per channel of the model's colour order."""
    tensor_size: tuple[int, int]
    """(width, height) px."""
    picture_size: tuple[int, int]
    """(width, height) px of the picture in it."""
    offset: tuple[int, int]
    """(x, y) px of the picture's top left corner."""

    def padded(self) -> InputTensor:
        """A new (1, 3, H, W) or (1, H, W, 3) tensor, C-contiguous, padding wherever one looks."""
        width, height = self.tensor_size
        pad = self.table[self.entry.pad]
        if self.entry.layout == "nchw":
            tensor = np.empty((1, 3, height, width), self.table.dtype)
            tensor[...] = pad[:, None, None]
        else:
            tensor = np.empty((1, height, width, 3), self.table.dtype)
            tensor[...] = pad
        return tensor

    def picture(self, tensor: InputTensor) -> InputTensor:
        """The view of a tensor that the picture fills, (3, h, w) or (h, w, 3)."""
        (w, h), (x, y) = self.picture_size, self.offset
        if self.entry.layout == "nchw":
            return tensor[0, :, y : y + h, x : x + w]
        return tensor[0, y : y + h, x : x + w]


def pixel_table(entry: InputEntry) -> InputTensor:
    """(256, 3) input value of each pixel value, per channel of the model's colour order."""
    values = np.arange(256, dtype=np.float64)[:, None]
    table = (values * entry.scale - np.array(entry.mean)) / np.array(entry.std)
    return np.asarray(table, np.dtype(entry.dtype))
