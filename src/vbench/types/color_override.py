"""How a decoder reads colours when it does not go by a stream's own tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColorMatrix = Literal["auto", "bt601", "bt709", "bt2020"]
ColorRange = Literal["auto", "limited", "full"]


@dataclass(frozen=True, slots=True)
class ColorOverride:
    """What is taken instead of the stream's tags; ``auto`` takes the tags, or their default."""

    matrix: ColorMatrix = "auto"
    range: ColorRange = "auto"

    def text(self) -> str:
        """``matrix bt601, range auto``."""
        return f"matrix {self.matrix}, range {self.range}"


AS_TAGGED = ColorOverride()
"""Colours as the stream says."""
