"""Frames as PNG, for servers that take pictures and must see every pixel as it is."""

from __future__ import annotations

import cv2

from vbench.engines.color import image_in
from vbench.types.frame import Frame

_COMPRESSION = 1
"""zlib's fastest: a frame is sent once."""


def png_bytes(frame: Frame) -> bytes:
    """A frame as a PNG file; a decoder gives back the same pixels."""
    _, encoded = cv2.imencode(
        ".png", image_in(frame, "bgr"), [cv2.IMWRITE_PNG_COMPRESSION, _COMPRESSION]
    )
    return encoded.tobytes()
