"""What pixel values become in a tensor: measured, and put into words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbench.bench.parity.guess import Cause, CauseKind, Letter, cause_of
from vbench.config.input_entry import InputEntry
from vbench.types.arrays import F64

_KNOWN = (
    ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    ((0.406, 0.456, 0.485), (0.225, 0.224, 0.229)),
    ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
)
"""Mean and std that go with a scale of 1/255: ImageNet's in either order, -1..1, and 0..1."""


@dataclass(frozen=True, slots=True)
class ValueRule:
    """Tensor value = `gain` * pixel value + `offset`, per channel of the tensor."""

    gain: F64
    """(3,)"""
    offset: F64
    """(3,)"""

    @classmethod
    def of(cls, entry: InputEntry) -> ValueRule:
        """The rule of an input entry."""
        std = np.array(entry.std, np.float64)
        return cls(entry.scale / std, -np.array(entry.mean, np.float64) / std)

    def of_pixels(self, pixels: F64) -> F64:
        """(3, H, W) tensor values of (3, H, W) pixel values."""
        return np.asarray(pixels * self.gain[:, None, None] + self.offset[:, None, None])

    def text(self) -> str:
        """``times [...] plus [...]``."""
        return f"times {_triple(self.gain)} plus {_triple(self.offset)}"

    def is_near(self, other: ValueRule) -> bool:
        """Whether both give the same to less than a level of 255."""
        level = np.abs(other.gain)
        ends = [np.abs((self.gain - other.gain) * at + self.offset - other.offset) for at in _ENDS]
        return bool(np.all(np.maximum(*ends) < level))


_ENDS = (0.0, 255.0)


def value_cause(rule: ValueRule, entry: InputEntry, varied: Letter) -> Cause:
    """What a measured rule means, beside that of the entry of side `varied`."""
    known = ValueRule.of(entry)
    kind, title, key = _kind(rule, known)
    values = _words(known, entry), _words(rule, entry)
    return cause_of(kind, title, key, *values, varied)


def _kind(rule: ValueRule, known: ValueRule) -> tuple[CauseKind, str, str]:
    ratio = rule.gain / known.gain
    uniform = np.allclose(ratio, ratio[0], rtol=0.01)
    span = 0.01 * 255.0 * rule.gain
    same_offset = np.abs(rule.offset - known.offset) < span
    whole = np.abs(rule.offset - ratio * known.offset) < span
    if uniform and (same_offset.all() or whole.all()):
        factor = float(ratio[0])
        by = "255" if np.isclose(max(factor, 1 / factor), 255, rtol=0.01) else ""
        title = "only one side divides pixel values by 255" if by else "scales differ"
        return "scale", title, "input.scale"
    return "mean_std", "mean and std differ", "input.mean"


def _words(rule: ValueRule, entry: InputEntry) -> str:
    """``scale 1/255, mean [...], std [...]`` in the form in which they are usually given."""
    for scale in (1 / 255, entry.scale, 1.0):
        std = scale / rule.gain
        mean = -rule.offset * std
        known = any(
            np.allclose(mean, m, atol=0.004) and np.allclose(std, s, rtol=0.02) for m, s in _KNOWN
        )
        if known or scale != 1 / 255:
            break
    text = "1/255" if np.isclose(scale, 1 / 255) else f"{scale:.4g}"
    if known and np.allclose(mean, 0.0, atol=0.004):
        return f"scale {text}"
    if np.allclose(mean, 0.0, atol=0.01 * 255 * scale) and np.allclose(std, std[0], rtol=0.01):
        return f"scale {scale / std[0]:.4g}"
    return f"scale {text}, mean {_triple(mean)}, std {_triple(std)}"


def _triple(values: F64) -> str:
    return "[" + ", ".join(f"{value:.4g}" for value in values) + "]"
