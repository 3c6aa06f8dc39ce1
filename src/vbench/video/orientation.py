"""Showing a picture the way its display matrix says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import av
import cv2
import numpy as np
from av.sidedata.sidedata import SideData, SideDataContainer, Type

from vbench.errors import MediaError
from vbench.types import U8

_UNIT = 1 << 16
"""1.0 in the 16.16 fixed point of a display matrix (ISO/IEC 14496-12, section 6.2.2)."""

_TOLERANCE = _UNIT // 100


@dataclass(frozen=True, slots=True)
class Orientation:
    """One of the eight ways to lay a picture: first transposed, then flipped."""

    transpose: bool = False
    flip_horizontal: bool = False
    flip_vertical: bool = False

    def apply(self, image: U8) -> U8:
        """The image as displayed, contiguous; the same array where nothing is to be done."""
        if self.transpose:
            image = np.asarray(cv2.transpose(image), dtype=np.uint8)
        if self.flip_horizontal and self.flip_vertical:
            image = np.asarray(cv2.flip(image, -1), dtype=np.uint8)
        elif self.flip_horizontal:
            image = np.asarray(cv2.flip(image, 1), dtype=np.uint8)
        elif self.flip_vertical:
            image = np.asarray(cv2.flip(image, 0), dtype=np.uint8)
        return image


def orientation_of(picture: av.VideoFrame, *, where: str) -> Orientation:
    """Orientation from the picture's display matrix; raises MediaError for slanted ones.

    A display matrix maps stored to displayed positions: x' = a x + c y, y' = b x + d y.
    """
    all_side_data = cast("SideDataContainer", picture.side_data)
    side_data: SideData | None = all_side_data.get(Type.DISPLAYMATRIX)
    if side_data is None:
        return Orientation()
    matrix = np.frombuffer(memoryview(side_data), np.int32)
    a, b, c, d = (int(matrix[k]) for k in (0, 1, 3, 4))
    diagonal = _is_flat(b) and _is_flat(c) and _is_unit(a) and _is_unit(d)
    if diagonal:
        return Orientation(False, flip_horizontal=a < 0, flip_vertical=d < 0)
    transposed = _is_flat(a) and _is_flat(d) and _is_unit(b) and _is_unit(c)
    if transposed:
        return Orientation(True, flip_horizontal=c < 0, flip_vertical=b < 0)
    raise MediaError(
        f"the display matrix turns the picture by {picture.rotation} degrees or scales it, "
        "only quarter turns and flips are supported",
        where=where,
        hint="re-encode the clip upright",
    )


def _is_flat(value: int) -> bool:
    return abs(value) <= _TOLERANCE


def _is_unit(value: int) -> bool:
    return abs(abs(value) - _UNIT) <= _TOLERANCE
