"""A frame's image in the channel order that an engine asked for."""

from __future__ import annotations

import cv2
import numpy as np

from vbench.types.arrays import U8
from vbench.types.frame import ColorOrder, Frame


def image_in(frame: Frame, color: ColorOrder) -> U8:
    """(H, W, 3) uint8, C-contiguous and read-only; the frame's own memory where that is possible.

    Args:
        frame: in either channel order.
        color: the order wanted.
    """
    if frame.color_order == color:
        image = np.ascontiguousarray(frame.image)
        # A view, so that a frame that its owner may write to stays writeable for them.
        image = image.view()
    else:
        # Swapping first and third channel is the same both ways.
        image = np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGR2RGB), np.uint8)
    image.flags.writeable = False
    return image
