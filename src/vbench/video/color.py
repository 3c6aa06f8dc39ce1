"""From a decoded picture's planes to 8-bit BGR or RGB, with every choice explicit.

Matrix coefficients and range are the picture's own tags (ITU-T H.273: MatrixCoefficients and
VideoFullRangeFlag). Untagged pictures take one default: BT.709 from 720 lines up, else BT.601;
limited range, but full range for gray formats, which need no matrix. Chroma is not interpolated:
every pixel takes the chroma sample that covers it, as in OpenCV's reader.

An override takes the place of tags and defaults, to imitate a production decoder that passes over
the tags. RGB pictures have neither matrix nor range to override; gray has no matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from vbench.errors import MediaError
from vbench.types import U8, ColorOrder
from vbench.types.color_override import AS_TAGGED, ColorOverride

_HD_HEIGHT_PX = 720

_UNSPECIFIED_MATRIX = 2

_MATRICES: dict[int, tuple[str, Colorspace]] = {
    1: ("bt709", Colorspace.ITU709),
    4: ("fcc", Colorspace.FCC),
    5: ("bt601", Colorspace.ITU601),
    6: ("bt601", Colorspace.ITU601),
    7: ("smpte240m", Colorspace.SMPTE240M),
    9: ("bt2020", Colorspace.BT2020),
}
"""MatrixCoefficients (H.273, table 4) -> (name, swscale constant)."""

_MATRIX_CODES = {"bt601": 6, "bt709": 1, "bt2020": 9}
"""Name in an override -> MatrixCoefficients."""

_LIMITED_TO_FULL: U8 = np.clip(np.rint((np.arange(256) - 16) * (255 / 219)), 0, 255).astype(
    np.uint8
)


@dataclass(frozen=True, slots=True)
class ColorTags:
    """How the samples of one picture are to be read."""

    matrix: Colorspace | None
    """None for RGB and grayscale, which need no matrix."""
    full_range: bool
    text: str
    """For example ``bt709 limited (from the stream)``."""


def color_tags(
    picture: av.VideoFrame, *, where: str, override: ColorOverride = AS_TAGGED
) -> ColorTags:
    """The override, the tags of a picture, or the default, whichever comes first.

    Raises MediaError for a matrix that is not known.
    """
    name = picture.format.name
    if picture.format.is_rgb or picture.format.has_palette:
        return ColorTags(None, True, "rgb full (from the stream)")
    full_range, range_origin = _range(picture, override)
    range_name = "full" if full_range else "limited"
    if name.startswith(("gray", "ya8", "ya16")):
        if range_origin == _DEFAULT:
            return ColorTags(None, True, f"gray full ({_DEFAULT})")
        return ColorTags(None, full_range, f"gray {range_name} ({range_origin})")

    code, matrix_origin = _matrix_code(picture, override)
    if code not in _MATRICES:
        raise MediaError(
            f"the colour matrix with number {code} (ITU-T H.273) is not supported",
            where=where,
            hint="convert the clip to BT.709 or BT.601",
        )
    matrix_name, matrix = _MATRICES[code]
    origin = _origin(matrix_origin, range_origin, f"{picture.width}x{picture.height}")
    return ColorTags(matrix, full_range, f"{matrix_name} {range_name} ({origin})")


_TAGGED, _TOLD, _DEFAULT = "from the stream", "as the pipeline says", "default"


def _range(picture: av.VideoFrame, override: ColorOverride) -> tuple[bool, str]:
    """Whether the range is full, and who said so."""
    if override.range != "auto":
        return override.range == "full", _TOLD
    if picture.format.name.startswith("yuvj"):
        return True, _TAGGED
    tagged = picture.color_range in (ColorRange.MPEG, ColorRange.JPEG)
    return picture.color_range == ColorRange.JPEG, _TAGGED if tagged else _DEFAULT


def _matrix_code(picture: av.VideoFrame, override: ColorOverride) -> tuple[int, str]:
    """MatrixCoefficients, and who said so."""
    if override.matrix != "auto":
        return _MATRIX_CODES[override.matrix], _TOLD
    if picture.colorspace != _UNSPECIFIED_MATRIX:
        return picture.colorspace, _TAGGED
    return 1 if picture.height >= _HD_HEIGHT_PX else 5, _DEFAULT


def _origin(matrix_origin: str, range_origin: str, size: str) -> str:
    if matrix_origin == range_origin:
        return f"{_DEFAULT} for {size}" if matrix_origin == _DEFAULT else matrix_origin
    if matrix_origin == _DEFAULT:
        return f"range {range_origin}, matrix by default for {size}"
    by_default = "by default" if range_origin == _DEFAULT else range_origin
    return f"matrix {matrix_origin}, range {by_default}"


class ColorConverter:
    """Converts the pictures of one clip; keeps the converter's state between pictures.

    `threads` share the rows of a picture, 0 for as many as the machine has; the result is the same.
    """

    def __init__(
        self,
        color_order: ColorOrder,
        *,
        threads: int = 1,
        override: ColorOverride = AS_TAGGED,
        where: str,
    ) -> None:
        self._threads = threads
        self._override = override
        self._format = "bgr24" if color_order == "bgr" else "rgb24"
        self._where = where
        self._reformatter = VideoReformatter()

    def tags(self, picture: av.VideoFrame) -> ColorTags:
        """How a picture's samples are read; raises MediaError."""
        return color_tags(picture, where=self._where, override=self._override)

    def convert(self, picture: av.VideoFrame) -> U8:
        """(H, W, 3) uint8 that nothing else writes to; raises MediaError."""
        tags = self.tags(picture)
        if tags.text.startswith("gray"):
            return self._convert_gray(picture, tags.full_range)
        converted = self._reformatter.reformat(
            picture,
            format=self._format,
            src_colorspace=tags.matrix,
            dst_colorspace=tags.matrix,
            src_color_range=ColorRange.JPEG if tags.full_range else ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=Interpolation.BILINEAR,
            threads=self._threads,
        )
        return np.asarray(converted.to_ndarray(), dtype=np.uint8)

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
