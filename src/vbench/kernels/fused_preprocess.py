"""From 8-bit Y'CbCr planes to the picture in an input tensor, in one pass without the GIL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from vbench.kernels.resize_taps import Resampling
from vbench.types.arrays import F32
from vbench.types.planes import Planes

if TYPE_CHECKING:
    from vbench.kernels.fused_rows import Samples

_HOW = {"copied": 0, "picked": 1, "halved": 2, "weighted": 3}
_RULE = {"as they are": 0, "scaled": 1, "looked up": 2}


@dataclass(frozen=True, slots=True)
class PixelValues:
    """What becomes of the values 0..255 of red, green and blue pixels."""

    table: Samples
    """(3, 256)."""
    factors: F32
    """(3, 2) a and b."""
    rule: str
    """``as they are``; ``scaled``: value * a + value * b; ``looked up`` in the table."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an image of three channels lies in flat memory, in elements."""

    start: int
    channel_step: int
    """To the same pixel of the next channel; 1 where the channels of a pixel lie together."""
    row_step: int
    bgr: bool
    """Blue is the first channel; else red is."""

    def end(self, size: tuple[int, int]) -> int:
        """Behind the last element of an image of (width, height) px."""
        width, height = size
        row = (width - 1) * (3 if self.channel_step == 1 else 1)
        return self.start + 2 * self.channel_step + (height - 1) * self.row_step + row + 1


def fill(
    planes: Planes, resampling: Resampling, values: PixelValues, out: Samples, place: Placement
) -> None:
    """Write a picture into a tensor: converted, resized, in the tensor's numbers.

    Args:
        planes: of a picture of (H, W).
        resampling: from (H, W).
        values: in the dtype of the tensor.
        out: (N,) the tensor's memory, C-contiguous.
        place: where in it.

    Raises:
        ValueError: the planes are of another size, or the image would not lie in the tensor.
    """
    height, width = planes.y.shape
    if (width, height) != resampling.source_size:
        raise ValueError(f"planes of {width}x{height} px, prepared for {resampling.source_size}")
    if place.end(resampling.size) > len(out):
        raise ValueError(f"{place} is beyond the tensor's {len(out)} elements")
    k = planes.coefficients
    _kernel(out.dtype)(
        planes.y,
        planes.u,
        planes.v,
        planes.chroma_shift_x,
        planes.chroma_shift_y,
        (k.y_offset, k.y_scale, k.u_to_b, k.u_to_g, k.v_to_g, k.v_to_r),
        _HOW[resampling.how],
        resampling.rows.places,
        resampling.rows.weights,
        resampling.columns.places,
        resampling.columns.weights,
        _RULE[values.rule],
        values.table,
        values.factors,
        out,
        place.start,
        place.channel_step,
        place.row_step,
        place.bgr,
    )


@cache
def _kernel(dtype: np.dtype[np.generic]) -> Callable[..., None]:
    """`fill_rows` for tensors of a dtype, compiled for planes with any strides.

    Left alone, Numba would compile it anew for planes that happen to have none, for each of the
    three, and for planes that must not be written to. Numba is loaded here and not before, since
    whoever opens a video comes by this module.
    """
    from numba import njit, types

    from vbench.kernels.fused_rows import fill_rows

    plane = types.Array(types.uint8, 2, "A", readonly=True)
    of_tensor = types.uint8 if dtype == np.uint8 else getattr(types, dtype.name)
    whole, constants = types.int64, types.UniTuple(types.int32, 6)  # type: ignore[no-untyped-call]
    places, weights = types.uintp[:, ::1], types.int16[:, ::1]
    kernel = njit(cache=True, nogil=True)(fill_rows)
    kernel.compile(
        (
            *(plane, plane, plane, whole, whole, constants),
            *(whole, places, weights, places, weights),
            *(whole, of_tensor[:, ::1], types.float32[:, ::1]),
            *(of_tensor[::1], whole, whole, whole, types.boolean),
        )
    )
    kernel.disable_compile()
    compiled: Callable[..., None] = kernel
    return compiled
