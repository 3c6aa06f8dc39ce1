"""From a decoded picture to 8-bit BGR or RGB.

Chroma is not interpolated: every pixel takes the chroma sample that covers it, as in OpenCV's
reader. 8-bit planar Y'CbCr is converted by vbench's own integer kernel, the same to the bit on
every machine; other formats by swscale.
"""

from __future__ import annotations

from threading import Lock

import av
import numpy as np
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter

from vbench.kernels.yuv_image import convert_planes
from vbench.types import U8, ColorOrder, Planes
from vbench.video.color import ColorTags
from vbench.video.planes import planes_of

_LIMITED_TO_FULL: U8 = np.clip(np.rint((np.arange(256) - 16) * (255 / 219)), 0, 255).astype(
    np.uint8
)


class ColorConverter:
    """Converts the pictures of one clip; keeps swscale's state between pictures.

    `threads` share the rows of a picture in swscale, 0 for as many as the machine has; the result
    is the same.
    """

    def __init__(self, color_order: ColorOrder, *, threads: int = 1) -> None:
        self._color_order = color_order
        self._threads = threads
        self._reformatter = VideoReformatter()
        self._one_at_a_time = Lock()

    def convert(self, picture: av.VideoFrame, tags: ColorTags) -> U8:
        """(H, W, 3) uint8 as stored, that nothing else writes to; from any thread."""
        planes = planes_of(picture, tags.coefficients)
        if planes is not None:
            return self._from_planes(planes)
        # The reformatter has one state, and writes to the picture's tags while it works.
        with self._one_at_a_time:
            if tags.text.startswith("gray"):
                return self._convert_gray(picture, tags.full_range)
            converted = self._reformatter.reformat(
                picture,
                format="bgr24" if self._color_order == "bgr" else "rgb24",
                src_colorspace=tags.matrix,
                dst_colorspace=tags.matrix,
                src_color_range=ColorRange.JPEG if tags.full_range else ColorRange.MPEG,
                dst_color_range=ColorRange.JPEG,
                interpolation=Interpolation.BILINEAR,
                threads=self._threads,
            )
            return np.asarray(converted.to_ndarray(), dtype=np.uint8)

    def _from_planes(self, planes: Planes) -> U8:
        image = np.empty((*planes.y.shape, 3), np.uint8)
        convert_planes(planes, image, self._color_order == "bgr")
        return image

    def _convert_gray(self, picture: av.VideoFrame, full_range: bool) -> U8:
        """Luma three times: swscale takes gray as full range whatever its tags say."""
        if picture.format.name != "gray":
            picture = self._reformatter.reformat(
                picture,
                format="gray",
                src_color_range=ColorRange.JPEG,
                dst_color_range=ColorRange.JPEG,
                threads=1,
            )
        luma = np.asarray(picture.to_ndarray(), dtype=np.uint8)
        if not full_range:
            luma = _LIMITED_TO_FULL[luma]
        return np.repeat(luma[:, :, None], 3, axis=2)
