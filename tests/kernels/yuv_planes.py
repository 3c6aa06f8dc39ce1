"""Planes for tests, and the slow, obvious way from planes to an image."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from vbench.types import U8, Planes, YuvCoefficients

BT601_LIMITED = YuvCoefficients(16, 1220542, 2116026, -409993, -852492, 1673527)
"""OpenCV's."""
BT709_FULL = YuvCoefficients(0, 1 << 20, 1945738, -196424, -490864, 1651297)
BT2020_LIMITED = YuvCoefficients(16, 1220943, 2245810, -196425, -682012, 1760216)
COEFFICIENTS = (BT601_LIMITED, BT709_FULL, BT2020_LIMITED)

SHIFTS = ((1, 1), (1, 0), (0, 0), (0, 1), (2, 0), (2, 2))

sizes = st.tuples(st.integers(1, 200), st.integers(1, 200))


def noise(
    size: tuple[int, int],
    shifts: tuple[int, int] = (1, 1),
    coefficients: YuvCoefficients = BT601_LIMITED,
    *,
    padding: int = 0,
    seed: int = 0,
) -> Planes:
    """Planes of a (width, height) px picture, with some bytes behind each row."""
    numbers = np.random.default_rng(seed)
    width, height = size
    chroma = -(-width >> shifts[0]), -(-height >> shifts[1])
    y, u, v = (
        numbers.integers(0, 256, (h, w + padding), np.uint8)[:, :w]
        for w, h in (size, chroma, chroma)
    )
    return Planes(y, u, v, *shifts, coefficients)


def image_of(planes: Planes, *, bgr: bool) -> U8:
    """(H, W, 3), every pixel on its own, in Python's unbounded integers."""
    height, width = planes.y.shape
    image: U8 = np.empty((height, width, 3), np.uint8)
    for row in range(height):
        for column in range(width):
            at = row >> planes.chroma_shift_y, column >> planes.chroma_shift_x
            pixel = rgb(planes, int(planes.y[row, column]), int(planes.u[at]), int(planes.v[at]))
            image[row, column] = pixel[::-1] if bgr else pixel
    return image


def rgb(planes: Planes, y: int, u: int, v: int) -> tuple[int, int, int]:
    """The formula of `YuvCoefficients`."""
    k = planes.coefficients
    luma = max(y - k.y_offset, 0) * k.y_scale + (1 << 19)
    u, v = u - 128, v - 128
    sums = luma + k.v_to_r * v, luma + k.u_to_g * u + k.v_to_g * v, luma + k.u_to_b * u
    red, green, blue = (min(max(one >> 20, 0), 255) for one in sums)
    return red, green, blue
