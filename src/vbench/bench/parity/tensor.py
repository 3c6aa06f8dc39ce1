"""Why two input tensors of the same frames differ.

One side's settings are known. Each is changed in turn, then in pairs, the frames are preprocessed
again, and what comes out is held against the other side's tensor; how that one was made does not
matter. What pixel values become (scale, mean, std) and the padding are not tried but measured: a
line through the values of each channel, and the value that stands around the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from vbench.bench.parity.decode import Decode, Reading, other_readings
from vbench.bench.parity.guess import (
    Cause,
    CauseKind,
    Guess,
    Letter,
    Trial,
    best_guess,
    cause_of,
)
from vbench.bench.parity.refit import Refit, Setting, measured_rule
from vbench.bench.parity.values import value_cause
from vbench.config.input_entry import InputEntry
from vbench.engines.protocol import Tensor
from vbench.report.numbers import plural
from vbench.types.arrays import F64
from vbench.types.color_override import ColorOverride

_MULTIPLES = (32, 64, 16, 8)


@dataclass(frozen=True, slots=True)
class TensorPair:
    """What two sides made of the same frames."""

    varied: Letter
    """The side whose settings are known, and are changed."""
    decode: ColorOverride
    entry: InputEntry
    frames: Decode
    have: tuple[F64, ...]
    """(3, H, W) of each frame, from the varied side."""
    want: tuple[F64, ...]
    """(3, H, W) of each frame, from the other side."""
    tolerance: float
    """Share of the range of the wanted tensors."""


@dataclass(frozen=True, slots=True)
class Change:
    """One setting changed."""

    kind: CauseKind
    cause: Cause | None
    """None where measuring tells."""
    setting: Callable[[Setting], Setting]


def planar(tensor: Tensor, entry: InputEntry) -> F64:
    """(3, H, W) float64 of a tensor in the layout of its entry."""
    image = tensor[0].astype(np.float64)
    return image if entry.layout == "nchw" else np.ascontiguousarray(image.transpose(2, 0, 1))


def explain_tensors(pair: TensorPair) -> Guess:
    """The changes that turn the varied side's tensors into the other side's."""
    readings = other_readings(pair.frames, pair.decode, pair.varied)
    shape = pair.want[0].shape
    changes = [
        *setting_changes(pair.entry, (shape[2], shape[1]), pair.varied),
        *(decode_change(one) for one in readings),
        *_stretches(pair.varied),
        Change("mean_std", None, lambda one: replace(one, measured_values=True)),
        Change("pad", None, lambda one: replace(one, measured_pad=True)),
    ]
    refit = Refit(pair.entry, pair.varied, pair.want, pair.tolerance)

    def evaluate(numbers: tuple[int, ...]) -> Trial | None:
        setting = Setting(pair.decode, pair.entry)
        for number in numbers:
            setting = changes[number].setting(setting)
        causes = [changes[number].cause for number in numbers]
        told = tuple(cause for cause in causes if cause is not None)
        return refit.trial(setting, pair.frames(setting.decode), told)

    kinds = [change.kind for change in changes]
    basis = f"{plural(len(pair.want), 'frame')} preprocessed again with other settings"
    baseline = _baseline(pair.have, pair.want)
    return best_guess(kinds, evaluate, baseline, basis, measured=kinds.index("mean_std"))


def explain_own_code(
    entry: InputEntry, have: tuple[F64, ...], want: tuple[F64, ...], tolerance: float
) -> Guess:
    """The same where code of the user's own made both: only their tensors can be held together.

    Args:
        entry: of A; its values are as its code gives them.
        have: (3, H, W) of each frame, from A.
        want: the same from B.
        tolerance: share of the range of B's.
    """
    basis = f"tensors of {plural(len(want), 'frame')}; code of the user's own made both"
    if have[0].shape != want[0].shape:
        return Guess((), 0.0, False, f"{basis}, and their shapes differ")
    refit = Refit(entry, "A", want, tolerance)
    title = "red and blue are swapped"
    swapped = cause_of("color_order", title, "input", "as it is", "swapped", "A")

    def evaluate(numbers: tuple[int, ...]) -> Trial | None:
        made, causes = list(have), [swapped] if 0 in numbers else []
        if 0 in numbers:
            made = [one[::-1] for one in made]
        if 1 in numbers:
            rule = measured_rule(made, list(want))
            if rule is None:
                return None
            made = [rule.of_pixels(one) for one in made]
            measured = value_cause(rule, entry, "A")
            words = f"A's values {rule.text()}"
            causes.append(replace(measured, value_a="as they are", value_b=words))
        return refit.compared(made, tuple(causes))

    return best_guess(["color_order", "mean_std"], evaluate, _baseline(have, want), basis)


def setting_changes(
    entry: InputEntry, other_size: tuple[int, int], varied: Letter
) -> Iterator[Change]:
    """Changes of the input entry of side `varied`, the likeliest first.

    `other_size` is the (width, height) of the other side's tensor.
    """
    change = _EntryChanges(entry, varied)
    other_color = "rgb" if entry.color == "bgr" else "bgr"
    yield change("color_order", "red and blue are swapped", "color", other_color)
    other_anchor = "center" if entry.anchor == "top_left" else "top_left"
    yield change("anchor", "the letterbox has another anchor", "anchor", other_anchor)
    title = "square against rectangular input"
    if entry.rectangular is not None:
        yield change("rectangular", title, "rectangular", None)
    for multiple in _MULTIPLES:
        if multiple != entry.rectangular:
            yield change("rectangular", title, "rectangular", multiple)
    if other_size != entry.size:
        if (entry.size[0] == entry.size[1]) == (other_size[0] == other_size[1]):
            title = "the input sizes differ"
        yield change("rectangular", title, "size", other_size)
    other_resize = "stretch" if entry.resize == "letterbox" else "letterbox"
    title = "one side keeps the aspect ratio, the other stretches"
    yield change("resize", title, "resize", other_resize)
    for name in ("nearest", "linear", "area", "cubic"):
        if name != entry.interpolation:
            yield change("interpolation", "the resize filters differ", "interpolation", name)


def _stretches(varied: Letter) -> Iterator[Change]:
    """The range of pixels changed after decoding, by the other side."""
    title = "the colour ranges differ"
    words = "pixels taken for {} range, and converted"
    cause = cause_of("color_range", title, "", "as decoded", words.format("limited"), varied)
    yield Change("color_range", cause, lambda one: replace(one, restretched="limited"))
    cause = cause_of("color_range", title, "", "as decoded", words.format("full"), varied)
    yield Change("color_range", cause, lambda one: replace(one, restretched="full"))


def decode_change(reading: Reading) -> Change:
    """A change of how colours are decoded."""

    def setting(one: Setting) -> Setting:
        return replace(one, decode=reading.of(one.decode))

    return Change(reading.cause.kind, reading.cause, setting)


@dataclass(frozen=True, slots=True)
class _EntryChanges:
    """Makes changes of single keys of an input entry."""

    entry: InputEntry
    varied: Letter

    def __call__(self, kind: CauseKind, title: str, key: str, value: object) -> Change:
        values = _yaml_text(getattr(self.entry, key)), _yaml_text(value)
        cause = cause_of(kind, title, f"input.{key}", *values, self.varied)

        def setting(one: Setting) -> Setting:
            return replace(one, entry=one.entry.model_copy(update={key: value}))

        return Change(kind, cause, setting)


def _yaml_text(value: object) -> str:
    if value is None:
        return "null"
    return str(list(value)) if isinstance(value, tuple) else str(value)


def _baseline(have: tuple[F64, ...], want: tuple[F64, ...]) -> float:
    """Mean difference of the sides, at most that of the other side from its own mean.

    The latter is what a grey picture would leave; of values 0..255 against 0..1 any change of
    scale would else explain nearly all.
    """
    flat = float(np.mean([np.abs(one - one.mean()).mean() for one in want]))
    both = list(zip(have, want, strict=True))
    if any(a.shape != b.shape for a, b in both):
        return flat
    apart = float(np.mean([np.abs(a - b).mean() for a, b in both]))
    return min(apart, flat) if flat > 0.0 else apart
