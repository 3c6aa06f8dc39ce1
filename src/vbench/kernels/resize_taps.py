"""Which source pixels make up each pixel of a resized picture, as in OpenCV's `resize`.

OpenCV's sampling positions and 11-bit weights for 8-bit pictures (modules/imgproc/src/resize.cpp,
4.11 and 5.0), so that a picture resized by them is OpenCV's to the bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from vbench.types.arrays import I64

I16: TypeAlias = npt.NDArray[np.int16]
Places: TypeAlias = npt.NDArray[np.uintp]

_ONE = 1 << 11
"""Weight 1.0."""


@dataclass(frozen=True, slots=True)
class Taps:
    """Two source places per place of the result, along one axis."""

    places: Places
    """(2, N)."""
    weights: I16
    """(2, N) in 1/2048."""


@dataclass(frozen=True, slots=True)
class Resampling:
    """How the pixels of a picture become those of a resized one."""

    source_size: tuple[int, int]
    """(width, height) px."""
    rows: Taps
    columns: Taps
    how: Literal["copied", "picked", "halved", "weighted"]
    """``copied``: the first rows of the taps, all columns. ``picked``: the first rows and columns.
    ``halved``: the mean of 2 x 2 pixels, rounded half up. ``weighted``: by the taps' weights."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) px."""
        return self.columns.places.shape[1], self.rows.places.shape[1]


def resampling(
    interpolation: str, source_size: tuple[int, int], size: tuple[int, int]
) -> Resampling | None:
    """How `cv2.resize` gets from one (width, height) to another; None where it is not known here.

    Args:
        interpolation: ``nearest``, ``linear``, ``area`` or ``cubic``.
        source_size: (width, height) px.
        size: (width, height) px; where it is the source's, pixels stay as they are.
    """
    (source_width, source_height), (width, height) = source_size, size
    if source_size == size:
        return unresized(size)
    if interpolation == "nearest":
        rows, columns = _nearest(source_height, height), _nearest(source_width, width)
        return Resampling(source_size, rows, columns, "picked")
    # Of both, OpenCV makes the mean of the four pixels where each axis is halved exactly.
    if interpolation in ("linear", "area") and source_size == (2 * width, 2 * height):
        rows, columns = _picked(np.arange(height) * 2), _picked(np.arange(width) * 2)
        return Resampling(source_size, rows, columns, "halved")
    if interpolation == "linear":
        rows = _linear(source_height, height, along_columns=True)
        columns = _linear(source_width, width, along_columns=False)
        plain = _is_picked(rows) and _is_picked(columns)
        return Resampling(source_size, rows, columns, "picked" if plain else "weighted")
    return None


def unresized(size: tuple[int, int]) -> Resampling:
    """Every pixel of a (width, height) px picture as it is."""
    width, height = size
    return Resampling(size, _picked(np.arange(height)), _picked(np.arange(width)), "copied")


def _nearest(n_source: int, n: int) -> Taps:
    """The source place that the left edge of a place falls into."""
    place = np.floor(np.arange(n) * (1 / (n / n_source))).astype(np.int64)
    return _picked(np.minimum(place, n_source - 1))


def _linear(n_source: int, n: int, *, along_columns: bool) -> Taps:
    """The source places whose centres are on both sides of the centre of a place.

    Beyond the outermost centres OpenCV takes a column as it is, but weighs a row with itself, which
    after rounding may be less.
    """
    position = ((np.arange(n) + 0.5) * (1 / (n / n_source)) - 0.5).astype(np.float32)
    first = np.floor(position).astype(np.int64)
    rest = position - first.astype(np.float32)
    if not along_columns:
        rest[(first < 0) | (first >= n_source - 1)] = 0
    weights = np.rint(np.stack([np.float32(1) - rest, rest]) * np.float32(_ONE))
    places = np.clip(np.stack([first, first + 1]), 0, n_source - 1)
    return Taps(places.astype(np.uintp), weights.astype(np.int16))


def _picked(place: I64) -> Taps:
    weights = np.zeros((2, len(place)), np.int16)
    weights[0] = _ONE
    return Taps(np.stack([place, place]).astype(np.uintp), weights)


def _is_picked(taps: Taps) -> bool:
    return not taps.weights[1].any()
