"""How a decoder reads colours when it does not go by a stream's own tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColorMatrix = Literal["auto", "bt601", "bt709", "bt2020"]
ColorRange = Literal["auto", "limited", "full"]
ColorConversion = Literal["exact", "swscale"]


@dataclass(frozen=True, slots=True)
class ColorOverride:
    """What is taken instead of the stream's tags; ``auto`` takes the tags, or their default.

    `conversion` says whose arithmetic turns 8-bit Y'CbCr into R'G'B': OpenCV's ``cvtColor``, which
    is nearly exact, or FFmpeg's swscale, which OpenCV's video reader goes through.
    """

    matrix: ColorMatrix = "auto"
    range: ColorRange = "auto"
    conversion: ColorConversion = "exact"

    def text(self) -> str:
        """``matrix bt601, range auto``, and the conversion where it is not exact."""
        by = "" if self.conversion == "exact" else f", conversion {self.conversion}"
        return f"matrix {self.matrix}, range {self.range}{by}"


AS_TAGGED = ColorOverride()
"""Colours as the stream says."""
