"""Why boxes that come from the same numbers differ: how they were read, numbered and sorted out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Literal, TypeAlias

import numpy as np

from vbench.bench.parity.guess import (
    Cause,
    CauseKind,
    Guess,
    Letter,
    Trial,
    best_guess,
    cause_of,
)
from vbench.bench.parity.measure import Boxes, Tolerances, box_difference, box_distance, paired
from vbench.report.numbers import plural
from vbench.types.arrays import F64

Form = Literal["xyxy", "xywh", "cxcywh", "yxyx"]
FrameBoxes: TypeAlias = tuple[Boxes, ...]
"""Boxes of several frames."""

_FORMS: tuple[Form, ...] = ("xyxy", "xywh", "cxcywh", "yxyx")


@dataclass(frozen=True, slots=True)
class BoxChange:
    """Something done to the boxes of one side so that they become those of the other."""

    kind: CauseKind
    cause: Cause
    boxes: Callable[[FrameBoxes], FrameBoxes]


@dataclass(frozen=True, slots=True)
class BoxPair:
    """What two sides found in the same frames."""

    varied: Letter
    have: FrameBoxes
    """Of the side that is changed."""
    want: FrameBoxes
    """Of the other side."""
    tolerances: Tolerances
    floor: float
    """Score from which on both keep boxes."""
    n_classes: int
    """Boxes of classes beyond are left out by both."""

    def distance(self, boxes: FrameBoxes) -> float:
        """0..1, the mean over frames."""
        both = zip(boxes, self.want, strict=True)
        return float(np.mean([box_distance(one, want) for one, want in both]))

    def is_equal(self, boxes: FrameBoxes) -> bool:
        """Whether boxes are the other side's within the tolerances."""
        both = zip(boxes, self.want, strict=True)
        return all(box_difference(a, b, self.tolerances, self.floor).equal for a, b in both)


def explain_boxes(pair: BoxPair, further: Sequence[BoxChange] = ()) -> Guess:
    """What turns the boxes of one side into the other's; `further` changes are tried first."""
    changes = [*further, *box_changes(pair)]

    def evaluate(numbers: tuple[int, ...]) -> Trial | None:
        boxes = pair.have
        for number in numbers:
            boxes = changes[number].boxes(boxes)
        causes = tuple(changes[number].cause for number in numbers)
        return Trial(causes, pair.distance(boxes), pair.is_equal(boxes))

    # Where all that differs is far below a score's weight, any change for the worse shows.
    baseline = max(pair.distance(pair.have), 1e-9)
    basis = f"boxes of {plural(len(pair.want), 'frame')} read in other ways"
    return best_guess([change.kind for change in changes], evaluate, baseline, basis)


def box_changes(pair: BoxPair) -> Iterator[BoxChange]:
    """What can be told from the boxes alone."""
    yield from _class_changes(pair)
    yield from _form_changes(pair.varied)
    yield from _map_changes(pair)
    yield from _score_changes(pair)


def _class_changes(pair: BoxPair) -> Iterator[BoxChange]:
    """Class numbers that are off by a constant, or exchanged, as boxes that overlap show it."""
    met: dict[int, list[int]] = {}
    for have, want in zip(pair.have, pair.want, strict=True):
        of_have, of_want = paired(have, want, same_class=False)
        for ours, theirs in zip(have.classes[of_have], want.classes[of_want], strict=True):
            met.setdefault(int(ours), []).append(int(theirs))
    becomes = {ours: max(sorted(set(them)), key=them.count) for ours, them in sorted(met.items())}
    shifts = [theirs - ours for ours, theirs in becomes.items() if theirs != ours]
    measured = sorted(set(shifts), key=lambda one: (-shifts.count(one), one))[:2]
    # Off by one is tried also where boxes do not overlap, for something else may keep them apart.
    for shift in dict.fromkeys((*measured, 1, -1)):
        title = f"class numbers are off by {abs(shift)}"
        words = "as it is", f"{shift:+d}"
        cause = cause_of("class_offset", title, "classes", *words, pair.varied)
        yield BoxChange("class_offset", cause, _mapped(_Shifted(shift, pair.n_classes)))
    if len(set(shifts)) > 1:
        words = "as it is", ", ".join(f"{k} is {v}" for k, v in becomes.items() if k != v)
        title = "classes are taken for one another"
        cause = cause_of("class_map", title, "classes", *words, pair.varied)
        yield BoxChange("class_map", cause, _mapped(_Renumbered(becomes)))


@dataclass(frozen=True, slots=True)
class _Shifted:
    shift: int
    n_classes: int

    def __call__(self, boxes: Boxes) -> Boxes:
        classes = boxes.classes + self.shift
        rows = np.flatnonzero((classes >= 0) & (classes < self.n_classes))
        return Boxes(boxes.xyxy[rows], boxes.scores[rows], classes[rows])


@dataclass(frozen=True, slots=True)
class _Renumbered:
    becomes: Mapping[int, int]

    def __call__(self, boxes: Boxes) -> Boxes:
        classes = [self.becomes.get(int(one), int(one)) for one in boxes.classes]
        return replace(boxes, classes=np.array(classes, np.int64))


def _form_changes(varied: Letter) -> Iterator[BoxChange]:
    """The four numbers of a box taken for something else."""
    for read_as, is_meant in permutations(_FORMS, 2):
        kind: CauseKind = "axes_swapped" if "yxyx" in (read_as, is_meant) else "box_form"
        title = "the four numbers of a box are read in different ways"
        cause = cause_of(kind, title, "output", read_as, is_meant, varied)
        yield BoxChange(kind, cause, _mapped(_Reread(read_as, is_meant)))


@dataclass(frozen=True, slots=True)
class _Reread:
    read_as: Form
    meant: Form

    def __call__(self, boxes: Boxes) -> Boxes:
        return replace(boxes, xyxy=_corners(_numbers(boxes.xyxy, self.read_as), self.meant))


def _numbers(xyxy: F64, form: Form) -> F64:
    """The four numbers that gave these corners when read in a form."""
    low, high = xyxy[:, :2], xyxy[:, 2:]
    if form == "xywh":
        return np.concatenate([low, high - low], axis=1)
    if form == "cxcywh":
        return np.concatenate([(low + high) / 2, high - low], axis=1)
    return xyxy[:, [1, 0, 3, 2]] if form == "yxyx" else xyxy


def _corners(numbers: F64, form: Form) -> F64:
    """(N, 4) corners of boxes whose numbers are in this form."""
    first, second = numbers[:, :2], numbers[:, 2:]
    if form == "xywh":
        return np.concatenate([first, first + second], axis=1)
    if form == "cxcywh":
        return np.concatenate([first - second / 2, first + second / 2], axis=1)
    return numbers[:, [1, 0, 3, 2]] if form == "yxyx" else numbers


def _map_changes(pair: BoxPair) -> Iterator[BoxChange]:
    """Another scale and offset, measured on boxes that have the same score and class."""
    have, want = _same_scores(pair)
    if len(have) < 2:
        return
    scale, offset = np.ones(4), np.zeros(4)
    for axis in (0, 1):
        x, y = have[:, axis::2].ravel(), want[:, axis::2].ravel()
        if np.ptp(x) == 0:
            return
        gain, shift = np.polyfit(x, y, 1)
        scale[axis::2], offset[axis::2] = gain, shift
    if scale.min() <= 0 or (np.allclose(scale, 1, rtol=1e-4) and np.abs(offset).max() < 0.1):
        return
    words = f"times {scale[0]:.4g}, {scale[1]:.4g}, plus {offset[0]:.1f}, {offset[1]:.1f} px"
    kind: CauseKind = "box_mapping"
    title = "boxes return to the frame by another scale or offset"
    if max(scale.max(), 1 / scale.min()) > 20:
        kind, title = "box_scale", "boxes in 0..1 are taken for pixels"
    cause = cause_of(kind, title, "output", "as read", words, pair.varied)
    yield BoxChange(kind, cause, _mapped(_Moved(scale, offset)))


@dataclass(frozen=True, slots=True)
class _Moved:
    scale: F64
    offset: F64

    def __call__(self, boxes: Boxes) -> Boxes:
        return replace(boxes, xyxy=boxes.xyxy * self.scale + self.offset)


def _same_scores(pair: BoxPair) -> tuple[F64, F64]:
    """Boxes of both sides, (N, 4) each, whose scores agree and occur once."""
    ours, theirs = [], []
    for have, want in zip(pair.have, pair.want, strict=True):
        for row, (score, class_) in enumerate(zip(have.scores, have.classes, strict=True)):
            near = np.abs(want.scores - score) < 1e-4
            near &= want.classes == class_
            if near.sum() == 1 and np.sum(np.abs(have.scores - score) < 1e-4) == 1:
                ours.append(have.xyxy[row])
                theirs.append(want.xyxy[int(near.argmax())])
    return np.array(ours).reshape(-1, 4), np.array(theirs).reshape(-1, 4)


def _score_changes(pair: BoxPair) -> Iterator[BoxChange]:
    """Other scores from the same ones, and another score from which on boxes are kept."""
    title = "one side puts scores through a sigmoid, the other does not"
    cause = cause_of("sigmoid", title, "output", "as read", "sigmoid(score)", pair.varied)
    yield BoxChange("sigmoid", cause, _mapped(_sigmoid))
    lowest = min((one.scores.min() for one in pair.want if len(one)), default=1.0)
    title = "boxes are kept from another score on"
    words = f"from about {lowest:.2g}"
    cause = cause_of("score_floor", title, "post.floor", "as stored", words, pair.varied)
    yield BoxChange("score_floor", cause, _mapped(_From(float(lowest))))


def _sigmoid(boxes: Boxes) -> Boxes:
    return replace(boxes, scores=1.0 / (1.0 + np.exp(-boxes.scores)))


@dataclass(frozen=True, slots=True)
class _From:
    score: float

    def __call__(self, boxes: Boxes) -> Boxes:
        rows = np.flatnonzero(boxes.scores >= self.score)
        return Boxes(boxes.xyxy[rows], boxes.scores[rows], boxes.classes[rows])


def _mapped(change: Callable[[Boxes], Boxes]) -> Callable[[FrameBoxes], FrameBoxes]:
    def of_frames(frames: FrameBoxes) -> FrameBoxes:
        return tuple(change(boxes) for boxes in frames)

    return of_frames
