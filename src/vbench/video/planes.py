"""The decoder's sample planes without a copy."""

from __future__ import annotations

from typing import cast

import av
import numpy as np
from av.video.plane import VideoPlane

from vbench.types import U8, Planes, YuvCoefficients

_CHROMA_SHIFTS = {
    "yuv420p": (1, 1),
    "yuvj420p": (1, 1),
    "yuv422p": (1, 0),
    "yuvj422p": (1, 0),
    "yuv444p": (0, 0),
    "yuvj444p": (0, 0),
}
"""8-bit planar Y'CbCr formats -> halvings of chroma in x and in y."""


def planes_of(picture: av.VideoFrame, coefficients: YuvCoefficients | None) -> Planes | None:
    """Views of an 8-bit planar Y'CbCr picture as stored; None for any other picture.

    The views keep the picture and its memory alive: the decoder takes the memory back only when
    the last view is gone. Nothing may write to them, since later pictures are predicted from them.

    Args:
        picture: as decoded.
        coefficients: how the samples are to be read; None where they are not Y'CbCr.
    """
    shifts = _CHROMA_SHIFTS.get(picture.format.name)
    if shifts is None or coefficients is None:
        return None
    y, u, v = picture.planes
    return Planes(_rows(y), _rows(u), _rows(v), *shifts, coefficients)


def _rows(plane: VideoPlane) -> U8:
    """(height, width) samples; rows that the decoder stored bottom-up are turned round."""
    stride = plane.line_size
    first_row = 0 if stride > 0 else -stride * (plane.height - 1)
    buffer = cast("memoryview", plane)  # it has the buffer protocol, which its stub cannot say
    return np.ndarray((plane.height, plane.width), np.uint8, buffer, first_row, (stride, 1))
