"""Tensors made again with changed settings, held against those of the other side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vbench.bench.parity.guess import Cause, Letter, Trial, cause_of
from vbench.bench.parity.values import ValueRule, value_cause
from vbench.config.input_entry import InputEntry
from vbench.pipeline.preprocess import Geometry, Preprocessor, tensor_size
from vbench.types.arrays import F64
from vbench.types.color_override import ColorOverride
from vbench.types.frame import Frame

_PLAIN = {
    "scale": 1.0,
    "mean": (0.0, 0.0, 0.0),
    "std": (1.0, 1.0, 1.0),
    "layout": "nchw",
    "dtype": "float32",
    "python": None,
}
"""With these, a tensor holds pixel values."""


_HALF_LEVEL = 0.5 / 255
"""Share of a tensor's range that rounding to 8 bits before or after resizing may cost."""

_LIMITED_GAIN, _LIMITED_BLACK = 219 / 255, 16.0
"""Limited range (ITU-T H.273): black at 16, white at 235."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How tensors are made."""

    decode: ColorOverride
    entry: InputEntry
    measured_values: bool = False
    """Scale, mean and std are read off the other side's tensor."""
    measured_pad: bool = False
    """So is the padding."""
    restretched: Literal["", "limited", "full"] = ""
    """What range the decoded pixels were taken for and converted from, once too often."""


@dataclass(frozen=True, slots=True)
class Refit:
    """The other side's tensors, and what they are compared with."""

    entry: InputEntry
    """As it is written."""
    varied: Letter
    """The side of this entry."""
    want: tuple[F64, ...]
    """(3, H, W) of each frame, from the other side."""
    tolerance: float
    """Share of the range of these."""

    def trial(
        self, setting: Setting, frames: Sequence[Frame], causes: tuple[Cause, ...]
    ) -> Trial | None:
        """What is left of the difference; None where nothing can be measured, or shapes differ."""
        source_size = (frames[0].image.shape[1], frames[0].image.shape[0])
        if tensor_size(setting.entry, source_size) != self.want[0].shape[:0:-1]:
            return None
        plain = Preprocessor(setting.entry.model_copy(update=_PLAIN), source_size)
        pixels = [plain(frame)[0].astype(np.float64) for frame in frames]
        rule = ValueRule.of(setting.entry)
        picture = _picture(plain.geometry)
        for one in pixels:
            one[picture] = _restretched(one[picture], setting.restretched)
        if setting.measured_values:
            measured = measured_rule([one[picture] for one in pixels], self._in(picture))
            if measured is None or measured.is_near(rule):
                return None
            rule = measured
            causes = (*causes, value_cause(rule, self.entry, self.varied))
        made = [rule.of_pixels(one) for one in pixels]
        if setting.measured_pad:
            pad = self._measured_pad(picture, made)
            if pad is None:
                return None
            causes = (*causes, self._pad_cause(pad, rule))
            made = [_repadded(one, picture, pad) for one in made]
        return self.compared(made, causes)

    def compared(self, made: Sequence[F64], causes: tuple[Cause, ...]) -> Trial:
        """What is left between (3, H, W) tensors and the wanted ones."""
        apart = [np.abs(one - want) for one, want in zip(made, self.want, strict=True)]
        span = self._range()
        left = float(np.mean([one.mean() for one in apart]))
        exact = all(one.max() <= self.tolerance * span for one in apart)
        return Trial(causes, left, exact, close=left < _HALF_LEVEL * span)

    def _range(self) -> float:
        return max(float(np.ptp(want)) for want in self.want)

    def _in(self, picture: tuple[slice, slice, slice]) -> list[F64]:
        return [one[picture] for one in self.want]

    def _measured_pad(self, picture: tuple[slice, slice, slice], made: list[F64]) -> F64 | None:
        """(3,) value around the picture, None where there is none, several, or the same."""
        outside = np.ones(self.want[0].shape[1:], np.bool_)
        outside[picture[1:]] = False
        if not outside.any():
            return None
        values = np.stack([one[:, outside] for one in self.want])
        pad = np.asarray(values[0, :, 0])
        span = self.tolerance * self._range()
        if np.abs(values - pad[None, :, None]).max() > span:
            return None
        return None if np.abs(made[0][:, outside][:, 0] - pad).max() <= span else pad

    def _pad_cause(self, pad: F64, rule: ValueRule) -> Cause:
        levels = (pad - rule.offset) / rule.gain
        text = f"{levels[0]:.0f}" if np.ptp(levels) < 1 else ", ".join(f"{x:.0f}" for x in levels)
        title = "the padding has another value"
        return cause_of("pad", title, "input.pad", str(self.entry.pad), text, self.varied)


def _picture(geometry: Geometry) -> tuple[slice, slice, slice]:
    """Where the frame lies in a (3, H, W) tensor."""
    x, y = (int(one) for one in geometry.offset)
    width, height = (int(one) for one in geometry.resized_size)
    return slice(None), slice(y, y + height), slice(x, x + width)


def _restretched(pixels: F64, taken_for: str) -> F64:
    """Pixel values whose range was changed once more than it should."""
    if taken_for == "limited":
        return np.asarray(np.clip((pixels - _LIMITED_BLACK) / _LIMITED_GAIN, 0.0, 255.0))
    return pixels * _LIMITED_GAIN + _LIMITED_BLACK if taken_for == "full" else pixels


def measured_rule(pixels: list[F64], wanted: list[F64]) -> ValueRule | None:
    """The line through (pixel value, tensor value) of each channel, by least squares."""
    x = np.concatenate([one.reshape(3, -1) for one in pixels], axis=1)
    y = np.concatenate([one.reshape(3, -1) for one in wanted], axis=1)
    x_mean, y_mean = x.mean(axis=1), y.mean(axis=1)
    spread = ((x - x_mean[:, None]) ** 2).mean(axis=1)
    if spread.min() == 0.0:
        return None
    gain = ((x - x_mean[:, None]) * (y - y_mean[:, None])).mean(axis=1) / spread
    # A picture does not become its own negative, nor does it vanish.
    if gain.min() <= 0.0:
        return None
    return ValueRule(gain, y_mean - gain * x_mean)


def _repadded(tensor: F64, picture: tuple[slice, slice, slice], pad: F64) -> F64:
    made = np.empty_like(tensor)
    made[...] = pad[:, None, None]
    made[picture] = tensor[picture]
    return made
