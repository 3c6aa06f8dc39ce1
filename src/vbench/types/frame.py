"""A decoded video frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from vbench.types.arrays import U8, check_column
from vbench.types.planes import Planes

ColorOrder = Literal["bgr", "rgb"]


class Frame:
    """One frame in presentation order; its image may be made only when somebody asks for it."""

    __slots__ = (
        "_image",
        "_to_image",
        "color_order",
        "height_px",
        "index",
        "planes",
        "pts_s",
        "width_px",
    )

    def __init__(self, index: int, pts_s: float, image: U8, color_order: ColorOrder) -> None:
        """A frame whose image is there.

        Args:
            index: 0-based position in presentation order.
            pts_s: presentation time in seconds, relative to the first frame of the clip.
            image: (H, W, 3) uint8, rotation applied.
            color_order: of the image.
        """
        check_column("Frame", "image", image, np.uint8, (-1, -1, 3))
        height_px, width_px = image.shape[:2]
        self._set(index, pts_s, (width_px, height_px), color_order)
        self._image: U8 | None = image

    @classmethod
    def deferred(
        cls,
        index: int,
        pts_s: float,
        size: tuple[int, int],
        color_order: ColorOrder,
        to_image: Callable[[], U8],
        planes: Planes | None,
    ) -> Frame:
        """A frame of (width, height) px as displayed, converted when its image is first asked for.

        Args:
            index: as above.
            pts_s: as above.
            size: as displayed.
            color_order: of the image.
            to_image: converts; may be called from any thread, and more than once.
            planes: what the image is converted from, where it is upright 8-bit Y'CbCr.
        """
        frame = cls.__new__(cls)
        frame._set(index, pts_s, size, color_order)
        frame._image = None
        frame._to_image = to_image
        frame.planes = planes
        return frame

    def _set(
        self, index: int, pts_s: float, size: tuple[int, int], color_order: ColorOrder
    ) -> None:
        if index < 0:
            raise ValueError(f"Frame.index: {index} is negative")
        self.index = index
        self.pts_s = pts_s
        self.width_px, self.height_px = size
        self.color_order: ColorOrder = color_order
        self._to_image: Callable[[], U8] | None = None
        self.planes: Planes | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) px as displayed."""
        return self.width_px, self.height_px

    @property
    def image(self) -> U8:
        """(H, W, 3) uint8 in `color_order`, rotation applied; kept once it is made."""
        if self._image is None:
            if self._to_image is None:
                raise ValueError(f"the picture of frame {self.index} was let go")
            image = self._to_image()
            check_column("Frame", "image", image, np.uint8, (self.height_px, self.width_px, 3))
            self._image = image
        return self._image

    def without_picture(self) -> Frame:
        """The same frame for readers who have made of the picture what they need.

        The decoder can use its memory again, which is then still in the processor's caches.
        """
        frame = Frame.__new__(Frame)
        frame._set(self.index, self.pts_s, self.size, self.color_order)
        frame._image = None
        return frame

    def unconverted(self) -> Frame:
        """The same frame for another reader, who pays for the conversion anew where there is one.

        So that what is timed for one pipeline does not depend on who was asked before.
        """
        if self._to_image is None:
            return self
        return Frame.deferred(
            self.index, self.pts_s, self.size, self.color_order, self._to_image, self.planes
        )
