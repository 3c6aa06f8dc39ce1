"""A decoded video frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from vbench.types.arrays import U8, check_column

ColorOrder = Literal["bgr", "rgb"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame in presentation order."""

    index: int
    """0-based position in presentation order."""
    pts_s: float
    """Presentation time in seconds, relative to the first frame of the clip."""
    image: U8
    """(H, W, 3) uint8, rotation applied."""
    color_order: ColorOrder

    def __post_init__(self) -> None:
        if self.index < 0:
            raise ValueError(f"Frame.index: {self.index} is negative")
        check_column("Frame", "image", self.image, np.uint8, (-1, -1, 3))
