"""How long frames of a clip stay alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from vbench.stats.cut import MIN_BLOCKS
from vbench.types.arrays import F64

UNKNOWN_LENGTH = 30
"""Frames per block where nothing varies, so that nothing can be learned: about a second."""

C128: TypeAlias = npt.NDArray[np.complex128]

_PART = 1 << 17
"""Frames that are transformed at once: a clip of ten hours has a million."""
_MIN_QUIET_LAGS = 5
_TIMES_OPTIMAL = 2.0


def block_length(series: Sequence[F64]) -> int:
    """Frames per block so that blocks of one clip are nearly independent of each other.

    Twice the automatic length of Politis & White 2004 (Econometric Reviews 23, 53-70) for the
    circular block bootstrap, as corrected by Patton, Politis & White 2009 (ibid. 28, 372-375),
    from the autocovariances of all clips together; each clip's own mean is taken off first. Theirs
    makes the variance estimate best; intervals suffer more from blocks that are too short than
    from too few, which Student's t allows for. See docs/reference/statistics.md.

    Args:
        series: per clip (F,) a finite number per frame, in order: what the frame adds to the
            metric. Clips may differ in length; empty ones are ignored.

    Returns:
        At least 1, and at most a quarter of the longest clip; `UNKNOWN_LENGTH`, so capped, where
        no clip varies.
    """
    clips = [clip - clip.mean() for clip in series if len(clip) > 0]
    longest = max((len(clip) for clip in clips), default=0)
    most = max(1, longest // MIN_BLOCKS)
    n_frames = sum(len(clip) for clip in clips)
    n_lags = min(longest - 1, 2 * (math.isqrt(n_frames) + _MIN_QUIET_LAGS)) if clips else 0
    covariance = _autocovariance(clips, n_lags)
    if n_lags < 1 or not covariance[0] > 0:
        return min(UNKNOWN_LENGTH, most)
    return min(max(1, math.ceil(_TIMES_OPTIMAL * _optimal_length(covariance, n_frames))), most)


def _autocovariance(clips: Sequence[F64], n_lags: int) -> F64:
    """(n_lags + 1,) per lag the mean product over all pairs of frames of one clip."""
    sums = np.zeros(n_lags + 1)
    n_frames = sum(len(clip) for clip in clips)
    for clip in clips:
        for first in range(0, len(clip), _PART):
            sums += _products(clip[first : first + _PART], clip[first:], n_lags)
    return sums / max(n_frames, 1)


def _products(part: F64, onwards: F64, n_lags: int) -> F64:
    """(n_lags + 1,) per lag the sum of products of a part with what comes so much later.

    Args:
        part: the first values of `onwards`.
        onwards: the rest of the clip.
        n_lags: how many lags, above 0.
    """
    size = 1 << (len(part) + n_lags).bit_length()
    spectrum = np.fft.rfft(part, size)
    if len(part) == len(onwards):
        product: F64 | C128 = np.square(np.abs(spectrum))
    else:
        product = np.fft.rfft(onwards[: len(part) + n_lags], size)
        product *= np.conj(spectrum)
    found: F64 = np.fft.irfft(product, size)[: n_lags + 1]
    return found


def _optimal_length(covariance: F64, n_frames: int) -> float:
    """The length that makes the variance estimate best, by its flat-top estimate; 0: any."""
    last = _last_loud_lag(covariance / covariance[0], n_frames)
    width = min(2 * last, len(covariance) - 1)
    if width == 0:
        return 0.0
    lags = np.arange(1, width + 1)
    taper = np.minimum(1.0, 2.0 * (1.0 - lags / width)) if width > 1 else np.ones(1)
    tapered = taper * covariance[1 : width + 1]
    spectrum_at_0 = covariance[0] + 2.0 * tapered.sum()
    slope = 2.0 * float((lags * tapered).sum())
    if spectrum_at_0 <= 0 or slope <= 0:
        return 0.0
    return float((1.5 * (slope / spectrum_at_0) ** 2 * n_frames) ** (1 / 3))


def _last_loud_lag(correlation: F64, n_frames: int) -> int:
    """The lag after which several correlations in a row are no more than noise."""
    noise = 2.0 * math.sqrt(math.log10(max(n_frames, 10)) / n_frames)
    n_quiet = max(_MIN_QUIET_LAGS, math.isqrt(int(math.log10(max(n_frames, 10)))))
    quiet = 0
    for lag in range(1, len(correlation)):
        quiet = quiet + 1 if abs(correlation[lag]) < noise else 0
        if quiet == n_quiet:
            return lag - n_quiet
    return len(correlation) - 1
