"""From sample planes to an input tensor by the fused kernel, where that is OpenCV's to the bit.

Builds of OpenCV differ between platforms, so the kernel is held against the reference on noise
before it is used, once per process for each input entry, picture size and kind of planes.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from vbench.kernels.fused_preprocess import PixelValues, Placement, fill
from vbench.kernels.resize_taps import Resampling, resampling
from vbench.kernels.yuv_image import convert_planes
from vbench.pipeline.input_tensor import InputTensor, TensorLayout
from vbench.pipeline.reference_input import ReferenceInput
from vbench.types.arrays import F32, F64, U8
from vbench.types.planes import Planes, YuvCoefficients

_SEED = 0

_PlanesKind: TypeAlias = tuple[int, int, YuvCoefficients]
"""Chroma shift in x and y, coefficients."""

_agrees: dict[tuple[str, tuple[int, int], _PlanesKind], bool] = {}
"""Input entry, (width, height) px of the source and kind of planes -> the kernel may be used."""


class FusedInput:
    """Fills tensors with pictures of one size."""

    def __init__(
        self, layout: TensorLayout, source_size: tuple[int, int], resampled: Resampling
    ) -> None:
        """Prepare for pictures of (width, height) px, resampled to what the layout asks for."""
        self._layout = layout
        self._source_size = source_size
        self._resampled = resampled
        entry = layout.entry
        bgr = entry.color == "bgr"
        gain = np.broadcast_to(entry.scale / np.array(entry.std), 3)
        order = slice(None, None, -1 if bgr else 1)
        self._values = pixel_values(layout.table[:, order], gain[order])
        (width, height), (x, y) = layout.tensor_size, layout.offset
        if entry.layout == "nchw":
            self._place = Placement(y * width + x, width * height, width, bgr)
        else:
            self._place = Placement(3 * (y * width + x), 1, 3 * width, bgr)
        # Entries that differ in constants for other inputs alone go the same way.
        self._entry_key = entry.model_dump_json(exclude={"extra"})
        self._known: dict[_PlanesKind, bool] = {}

    @classmethod
    def of(cls, layout: TensorLayout, source_size: tuple[int, int]) -> FusedInput | None:
        """None where the kernel does not know the interpolation."""
        resampled = resampling(layout.entry.interpolation, source_size, layout.picture_size)
        return None if resampled is None else cls(layout, source_size, resampled)

    def agrees(self, planes: Planes) -> bool:
        """Whether planes of this kind may be filled in; tries it where nobody has."""
        kind = (planes.chroma_shift_x, planes.chroma_shift_y, planes.coefficients)
        known = self._known.get(kind)
        if known is None:
            key = (self._entry_key, self._source_size, kind)
            if key not in _agrees:
                _agrees[key] = self._try(_noise(self._source_size, kind))
            known = self._known[kind] = _agrees[key]
        return known

    def fill(self, planes: Planes, tensor: InputTensor) -> None:
        """Write a picture into a C-contiguous tensor."""
        flat = tensor.reshape(-1)
        if flat.dtype == np.float16:
            flat = flat.view(np.uint16)
        fill(planes, self._resampled, self._values, flat, self._place)

    def _try(self, planes: Planes) -> bool:
        """Whether the kernel and the reference make the same tensor, to the bit."""
        fused, expected = self._layout.padded(), self._layout.padded()
        self.fill(planes, fused)
        image: U8 = np.empty((*planes.y.shape, 3), np.uint8)
        convert_planes(planes, image, bgr=True)
        ReferenceInput(self._layout).fill(image, "bgr", expected)
        return fused.tobytes() == expected.tobytes()


def pixel_values(table: InputTensor, gain: F64) -> PixelValues:
    """What the kernel makes of pixel values: the quickest way that gives the table to the bit.

    Args:
        table: (256, 3) input value of each value of red, green and blue.
        gain: (3,) what a pixel value is multiplied by where nothing is added.
    """
    by_channel = np.ascontiguousarray(table.T)
    value: F32 = np.arange(256, dtype=np.float32)
    # Of 16 bits, so that the product with a pixel value is exact; then the rest.
    first = (gain.astype(np.float32).view(np.uint32) & np.uint32(0xFFFFFF00)).view(np.float32)
    factors: F32 = np.stack([first, (gain - first).astype(np.float32)], axis=1)
    if table.dtype == np.float16:
        return PixelValues(by_channel.view(np.uint16), factors, "looked up")
    if (by_channel == value).all():
        return PixelValues(by_channel, factors, "as they are")
    products = value * factors[:, :1] + value * factors[:, 1:]
    rule = "scaled" if by_channel.tobytes() == products.tobytes() else "looked up"
    return PixelValues(by_channel, factors, rule)


def _noise(size: tuple[int, int], kind: _PlanesKind) -> Planes:
    """Planes of (width, height) px of noise, the same each time."""
    width, height = size
    shift_x, shift_y, coefficients = kind
    numbers = np.random.default_rng(_SEED)
    chroma = -(-height >> shift_y), -(-width >> shift_x)
    y, u, v = (
        numbers.integers(0, 256, shape, np.uint8) for shape in ((height, width), chroma, chroma)
    )
    return Planes(y, u, v, shift_x, shift_y, coefficients)
