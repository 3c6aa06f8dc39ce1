"""Single frames as JPEG."""

from __future__ import annotations

import cv2

from vbench.types import U8


def jpeg_bytes(image_bgr: U8, *, max_width_px: int, quality: int) -> bytes:
    """An image as JPEG, made smaller where it is wider than `max_width_px`.

    Args:
        image_bgr: (H, W, 3) uint8, blue first.
        max_width_px: larger images are reduced by area averaging.
        quality: 0..100.
    """
    height, width = image_bgr.shape[:2]
    if width > max_width_px:
        size = (max_width_px, max(1, round(height * max_width_px / width)))
        small = cv2.resize(image_bgr, size, interpolation=cv2.INTER_AREA)
    else:
        small = image_bgr
    _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return data.tobytes()
