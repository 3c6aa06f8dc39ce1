"""Why two decoders give other pixels: the same frames decoded again with other colour settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from vbench.bench.parity.guess import Cause, Guess, Letter, Trial, best_guess, cause_of
from vbench.report.numbers import plural
from vbench.types.arrays import I64
from vbench.types.color_override import ColorMatrix, ColorOverride, ColorRange
from vbench.types.frame import Frame

Decode: TypeAlias = Callable[[ColorOverride], Sequence[Frame]]
"""The same frames, decoded with other settings."""

_MATRICES: tuple[ColorMatrix, ...] = ("bt601", "bt709", "bt2020")
_RANGES: tuple[ColorRange, ...] = ("limited", "full")


@dataclass(frozen=True, slots=True)
class Reading:
    """Another way to read the colours."""

    cause: Cause
    matrix: ColorMatrix | None
    """None: as before."""
    range: ColorRange | None

    def of(self, decode: ColorOverride) -> ColorOverride:
        """Settings with this in place."""
        return ColorOverride(
            self.matrix or decode.matrix, self.range or decode.range, decode.conversion
        )


def other_readings(frames: Decode, now: ColorOverride, varied: Letter) -> Iterator[Reading]:
    """Other ranges and matrices that give other frames than the settings of side `varied`."""
    for name in _RANGES:
        title = "the colour ranges differ"
        cause = cause_of("color_range", title, "decode.range", now.range, name, varied)
        yield from _if_other(Reading(cause, None, name), frames, now)
    for matrix in _MATRICES:
        title = "the colour matrices differ"
        cause = cause_of("color_matrix", title, "decode.matrix", now.matrix, matrix, varied)
        yield from _if_other(Reading(cause, matrix, None), frames, now)


def explain_pixels(frames: Decode, a: ColorOverride, b: ColorOverride, tolerance: float) -> Guess:
    """The colour settings that turn A's frames into B's."""
    wanted = frames(b)
    readings = list(other_readings(frames, a, "A"))

    def evaluate(numbers: tuple[int, ...]) -> Trial | None:
        decode = a
        for number in numbers:
            decode = readings[number].of(decode)
        apart = [_apart(*both) for both in zip(frames(decode), wanted, strict=True)]
        causes = tuple(readings[number].cause for number in numbers)
        left = float(np.mean([one.mean() for one in apart]))
        return Trial(causes, left, all(one.max() <= tolerance for one in apart))

    apart = [_apart(*both) for both in zip(frames(a), wanted, strict=True)]
    baseline = float(np.mean([one.mean() for one in apart]))
    basis = f"{plural(len(wanted), 'frame')} decoded again with other colour settings"
    return best_guess([one.cause.kind for one in readings], evaluate, baseline, basis)


def _if_other(reading: Reading, frames: Decode, now: ColorOverride) -> Iterator[Reading]:
    both = zip(frames(now), frames(reading.of(now)), strict=True)
    if any(not np.array_equal(a.image, b.image) for a, b in both):
        yield reading


def _apart(a: Frame, b: Frame) -> I64:
    return np.asarray(np.abs(a.image.astype(np.int64) - b.image))
