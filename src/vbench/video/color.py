"""How the samples of a picture are to be read, with every choice explicit.

Matrix coefficients and range are the picture's own tags (ITU-T H.273: MatrixCoefficients and
VideoFullRangeFlag). Untagged pictures take one default: BT.709 from 720 lines up, else BT.601;
limited range, but full range for gray formats, which need no matrix.

An override takes the place of tags and defaults, to imitate a production decoder that passes over
the tags. RGB pictures have neither matrix nor range to override; gray has no matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import av
from av.video.reformatter import ColorRange, Colorspace

from vbench.errors import MediaError
from vbench.types import YuvCoefficients
from vbench.types.color_override import AS_TAGGED, ColorOverride

_HD_HEIGHT_PX = 720

_UNSPECIFIED_MATRIX = 2


@dataclass(frozen=True, slots=True)
class _Matrix:
    name: str
    swscale: Colorspace
    luma_of_red: float
    """K_R of H.273, table 4."""
    luma_of_blue: float
    """K_B."""


_BT601 = _Matrix("bt601", Colorspace.ITU601, 0.299, 0.114)

_MATRICES: dict[int, _Matrix] = {
    1: _Matrix("bt709", Colorspace.ITU709, 0.2126, 0.0722),
    4: _Matrix("fcc", Colorspace.FCC, 0.30, 0.11),
    5: _BT601,
    6: _BT601,
    7: _Matrix("smpte240m", Colorspace.SMPTE240M, 0.212, 0.087),
    9: _Matrix("bt2020", Colorspace.BT2020, 0.2627, 0.0593),
}
"""By MatrixCoefficients (H.273, table 4)."""

_MATRIX_CODES = {"bt601": 6, "bt709": 1, "bt2020": 9}
"""Name in an override -> MatrixCoefficients."""

_ONE = 1 << 20
"""1.0 in the fixed point of `YuvCoefficients`."""

_OPENCV_BT601_LIMITED = YuvCoefficients(
    y_offset=16,
    y_scale=1220542,
    u_to_b=2116026,
    u_to_g=-409993,
    v_to_g=-852492,
    v_to_r=1673527,
)
"""The constants of OpenCV's cvtColor(COLOR_YUV2BGR_I420): three decimals, times 2^20."""


@dataclass(frozen=True, slots=True)
class ColorTags:
    """How the samples of one picture are to be read."""

    matrix: Colorspace | None
    """None for RGB and grayscale, which need no matrix."""
    full_range: bool
    text: str
    """For example ``bt709 limited (from the stream)``."""
    coefficients: YuvCoefficients | None = None
    """The matrix and range as numbers, for 8-bit samples; None where there is no matrix."""


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
    matrix = _MATRICES[code]
    origin = _origin(matrix_origin, range_origin, f"{picture.width}x{picture.height}")
    text = f"{matrix.name} {range_name} ({origin})"
    if override.conversion == "swscale":
        return ColorTags(matrix.swscale, full_range, f"{text}, by swscale")
    return ColorTags(matrix.swscale, full_range, text, _coefficients(matrix, full_range))


def _coefficients(matrix: _Matrix, full_range: bool) -> YuvCoefficients:
    """H.273, section 8.3, for 8-bit samples, solved for R'G'B' and rounded to 20 bits.

    BT.601 in limited range takes OpenCV's constants, so that images are its images to the bit.
    """
    if matrix is _BT601 and not full_range:
        return _OPENCV_BT601_LIMITED
    red, blue = matrix.luma_of_red, matrix.luma_of_blue
    green = 1 - red - blue
    luma_span, chroma_span = (255, 255) if full_range else (219, 224)
    of_chroma = _ONE * 255 / chroma_span
    return YuvCoefficients(
        y_offset=0 if full_range else 16,
        y_scale=round(_ONE * 255 / luma_span),
        u_to_b=round(of_chroma * 2 * (1 - blue)),
        u_to_g=round(-of_chroma * 2 * (1 - blue) * blue / green),
        v_to_g=round(-of_chroma * 2 * (1 - red) * red / green),
        v_to_r=round(of_chroma * 2 * (1 - red)),
    )


class ColorReading:
    """One way of reading the colours of a clip's pictures, and what it read so far.

    Only while no picture is converted that is still to be read: for the time of a conversion PyAV
    puts other tags in the place of a picture's own.
    """

    def __init__(self, override: ColorOverride, *, where: str) -> None:
        self._override = override
        self._where = where
        self._tags: dict[tuple[str, int, int, int, int], ColorTags] = {}

    def tags(self, picture: av.VideoFrame) -> ColorTags:
        """As `color_tags`."""
        key = (
            picture.format.name,
            picture.colorspace,
            picture.color_range,
            picture.width,
            picture.height,
        )
        tags = self._tags.get(key)
        if tags is None:
            tags = color_tags(picture, where=self._where, override=self._override)
            self._tags[key] = tags
        return tags

    @property
    def text(self) -> str:
        """Matrix, range and where they came from; several where the stream changes them."""
        return ", then ".join(dict.fromkeys(tags.text for tags in self._tags.values()))


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
