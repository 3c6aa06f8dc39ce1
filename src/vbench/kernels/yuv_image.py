"""From 8-bit Y'CbCr planes to an image."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from vbench.kernels.fused_preprocess import PixelValues, Placement, fill
from vbench.kernels.resize_taps import unresized
from vbench.types.arrays import U8
from vbench.types.planes import Planes

_unresized = lru_cache(maxsize=32)(unresized)

_AS_THEY_ARE = PixelValues(
    np.tile(np.arange(256, dtype=np.uint8), (3, 1)), np.zeros((3, 2), np.float32), "as they are"
)


def convert_planes(planes: Planes, out: U8, bgr: bool) -> None:
    """Write the image of 8-bit Y'CbCr planes by the formula of `YuvCoefficients`.

    Args:
        planes: of a picture of (H, W).
        out: (H, W, 3) uint8, C-contiguous.
        bgr: the order of its channels; else RGB.

    Raises:
        ValueError: `out` is not as above.
    """
    height, width = planes.y.shape
    if out.shape != (height, width, 3) or out.dtype != np.uint8 or not out.flags.c_contiguous:
        raise ValueError(f"out: {out.dtype} {out.shape}, expected uint8 of {height}x{width}x3")
    place = Placement(start=0, channel_step=1, row_step=3 * width, bgr=bgr)
    fill(planes, _unresized((width, height)), _AS_THEY_ARE, out.reshape(-1), place)
