"""``decode:`` of a pipeline: how the decoder in production really reads colours."""

from __future__ import annotations

from vbench.config.model_file import FileModel
from vbench.types.color_override import ColorConversion, ColorMatrix, ColorOverride, ColorRange


class DecodeEntry(FileModel):
    """What a decoder that passes over a stream's colour tags takes in their place."""

    matrix: ColorMatrix = "auto"
    range: ColorRange = "auto"
    conversion: ColorConversion = "exact"

    @property
    def override(self) -> ColorOverride:
        """The same, for `open_media`; equal for pipelines that can share a decoder."""
        return ColorOverride(self.matrix, self.range, self.conversion)
