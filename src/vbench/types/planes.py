"""The sample planes of a decoded picture, before any colour conversion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbench.types.arrays import U8, check_column


@dataclass(frozen=True, slots=True)
class YuvCoefficients:
    """Y'CbCr to R'G'B' in fixed point with 20 fractional bits, rounded half up.

    ``c = max(y - y_offset, 0) * y_scale``, ``r = c + v_to_r * (v - 128)``,
    ``g = c + u_to_g * (u - 128) + v_to_g * (v - 128)``, ``b = c + u_to_b * (u - 128)``;
    each plus half, shifted right by 20 and cut to 0..255.
    """

    y_offset: int
    y_scale: int
    u_to_b: int
    u_to_g: int
    v_to_g: int
    v_to_r: int


@dataclass(frozen=True, slots=True)
class Planes:
    """Planes of one 8-bit Y'CbCr picture; views into the decoder's memory, rows may have a stride.

    Every pixel takes the chroma sample that covers it: column ``x >> chroma_shift_x`` of row
    ``y >> chroma_shift_y``.
    """

    y: U8
    """(H, W) luma."""
    u: U8
    """(ceil(H / 2^shift), ceil(W / 2^shift)) blue difference."""
    v: U8
    """The same shape, red difference."""
    chroma_shift_x: int
    chroma_shift_y: int
    coefficients: YuvCoefficients

    def __post_init__(self) -> None:
        check_column("Planes", "y", self.y, np.uint8, (-1, -1))
        height, width = self.y.shape
        shape = -(-height // (1 << self.chroma_shift_y)), -(-width // (1 << self.chroma_shift_x))
        check_column("Planes", "u", self.u, np.uint8, shape)
        check_column("Planes", "v", self.v, np.uint8, shape)
