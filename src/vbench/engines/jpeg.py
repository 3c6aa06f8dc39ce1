"""Frames as JPEG, for engines that do not take raw pixels."""

from __future__ import annotations

import cv2

from vbench.engines.color import image_in
from vbench.errors import EngineError
from vbench.types.frame import Frame

JPEG_QUALITY = 95
_LONGEST_SIDE_PX = 65_500
"""What the JPEG library takes."""


def jpeg_bytes(frame: Frame) -> bytes:
    """A frame as a JPEG file of quality `JPEG_QUALITY`, its colours at half resolution.

    A decoder gives the channels in the order that it is asked for, but not quite the same pixels.

    Raises EngineError where the frame is too large for JPEG.
    """
    height, width = frame.image.shape[:2]
    if max(height, width) > _LONGEST_SIDE_PX:
        raise EngineError(
            f"a frame of {width}x{height} px cannot be written as JPEG",
            where=f"frame {frame.index}",
            hint="send raw frames",
        )
    _, encoded = cv2.imencode(
        ".jpg", image_in(frame, "bgr"), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    )
    return encoded.tobytes()
