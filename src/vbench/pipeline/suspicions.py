"""What answers on a few frames with truth give away about a pipeline that is put together wrong.

Every check is about mistakes of form, which show on any frame, and not about quality: a weak model
raises no suspicion. Detections count at the operating point, and truth is only that which counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from vbench.types.arrays import F64, I64, check_column
from vbench.types.detections import Detections
from vbench.types.truth import Truth

SuspicionKind: TypeAlias = Literal["nothing", "same", "tiny", "axes", "box_form", "classes"]

_TINY = 1.0 / 32.0
"""Boxes in 0..1 end within this share of the frame's longer side, for inputs from 32 px on."""
_FITS = 0.4
_BETTER = 0.25
"""Mean IoU that boxes read differently must have, and by how much it must be better."""
_MIN_BOXES = 3
"""Nothing is said of the form of fewer boxes."""
_SAME_OBJECT = 0.5
"""IoU from which a box means the same object as one of the truth."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Something about a pipeline's answers that is hardly meant."""

    kind: SuspicionKind
    text: str
    """What was seen, to follow the pipeline's name."""
    hint: str

    def __str__(self) -> str:
        return f"{self.text} ({self.hint})"


@dataclass(frozen=True, slots=True)
class TrialAnswers:
    """What a pipeline answered on F frames with truth; `frame_index` counts these frames."""

    found: Detections
    """All that is stored, also below the operating point."""
    truth: Truth
    """Only what counts."""
    size_px: F64
    """(F, 2) width and height of each frame."""
    n_pictures: int
    """How many of the frames differ from the one before, and the first."""

    def __post_init__(self) -> None:
        check_column("TrialAnswers", "size_px", self.size_px, np.float64, (-1, 2))

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return len(self.size_px)


def suspicions(
    answers: TrialAnswers, thresholds: F64, class_names: Sequence[str]
) -> tuple[Suspicion, ...]:
    """What is suspicious about a pipeline's answers.

    Args:
        answers: on two frames or more; of fewer nothing is said.
        thresholds: (C,) operating point of each class.
        class_names: of the taxonomy.
    """
    if answers.n_frames < 2:
        return ()
    found = answers.found
    counted = found.take(found.scores >= thresholds[found.class_id])
    if not len(counted):
        return (_nothing(found, answers.n_frames),)
    raised = []
    if _is_always_the_same(answers):
        raised.append(
            Suspicion(
                "same",
                f"gives the very same boxes and scores on all {answers.n_frames} frames tried",
                "does the model get the picture? look at the input's scale, mean and std",
            )
        )
    form = _tiny(counted, answers) or _other_form(counted, answers)
    last = form or _wrong_classes(counted, answers, class_names)
    return (*raised, last) if last is not None else tuple(raised)


def _nothing(found: Detections, n_frames: int) -> Suspicion:
    if not len(found):
        return Suspicion(
            "nothing",
            f"finds nothing at any score on {n_frames} frames with truth",
            "look at the input's color, scale, mean and std, the form of boxes, and the order of "
            "`classes`; boxes outside the frame are not kept",
        )
    return Suspicion(
        "nothing",
        f"finds nothing at its operating point on {n_frames} frames with truth; its best score "
        f"there is {found.scores.max():.3g}",
        "look at the input's color, scale, mean and std, or lower `post.score`",
    )


def _is_always_the_same(answers: TrialAnswers) -> bool:
    """Whether different pictures got the same answer, to the last bit."""
    found = answers.found
    counts = np.bincount(found.frame_index, minlength=answers.n_frames)
    if answers.n_pictures < 2 or counts.min() != counts.max():
        return False
    rows = np.column_stack([found.boxes_xyxy, found.scores, found.class_id])
    by_frame = rows.reshape(answers.n_frames, -1)
    return bool((by_frame == by_frame[0]).all())


def _tiny(found: Detections, answers: TrialAnswers) -> Suspicion | None:
    longer_px = answers.size_px.max(axis=1)
    truth_end = answers.truth.boxes_xyxy[:, 2:] / longer_px[answers.truth.frame_index, None]
    end = found.boxes_xyxy[:, 2:] / longer_px[found.frame_index, None]
    if end.max() > _TINY or (len(truth_end) and truth_end.max(axis=1).min() <= _TINY):
        return None
    end_px = found.boxes_xyxy[:, 2:].max()
    where = "0..1" if end_px <= 1.0 else f"the first {end_px:.1f} px of the frame"
    return Suspicion(
        "tiny",
        f"gives boxes within {where}, where pixels are expected",
        "if the model's boxes are in 0..1, say `normalized: true` in `output`",
    )


def _swapped(boxes: F64) -> F64:
    return boxes[:, [1, 0, 3, 2]]


def _corner_and_size(boxes: F64) -> F64:
    return np.column_stack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])


def _centre_and_size(boxes: F64) -> F64:
    half = boxes[:, 2:] / 2
    return np.column_stack([boxes[:, :2] - half, boxes[:, :2] + half])


def _corners(boxes: F64) -> F64:
    return np.column_stack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])


def _moved_by_half(sign: float) -> Callable[[F64], F64]:
    def moved(boxes: F64) -> F64:
        half = sign * (boxes[:, 2:] - boxes[:, :2]) / 2
        return np.column_stack([boxes[:, :2] + half, boxes[:, 2:] + half])

    return moved


_OTHER_FORMS: tuple[tuple[SuspicionKind, Callable[[F64], F64], str, str], ...] = (
    (
        "axes",
        _swapped,
        "with x and y swapped",
        "swap x and y in `output.columns`, or in the engine",
    ),
    (
        "box_form",
        _corner_and_size,
        "as x, y, width, height, and are read as two corners",
        "the columns are x1 y1 w h",
    ),
    (
        "box_form",
        _centre_and_size,
        "as centre and size, and are read as two corners",
        "the columns are cx cy w h",
    ),
    (
        "box_form",
        _corners,
        "as two corners, and are read as x, y, width, height",
        "the columns are x1 y1 x2 y2",
    ),
    (
        "box_form",
        _moved_by_half(-1.0),
        "as centre and size, and are read as x, y, width, height",
        "the columns are cx cy w h",
    ),
    (
        "box_form",
        _moved_by_half(1.0),
        "as x, y, width, height, and are read as centre and size",
        "the columns are x1 y1 w h",
    ),
)
"""Kind, how boxes are to be read, what to say of it, and what to do."""


def _other_form(found: Detections, answers: TrialAnswers) -> Suspicion | None:
    """A way to read the boxes in which they fit the truth much better."""
    best = found.take(_best_rows(found, answers))
    if len(best) < _MIN_BOXES:
        return None
    as_is = _fit(best.boxes_xyxy, best.frame_index, answers.truth)
    raised, fit = None, max(_FITS, as_is + _BETTER)
    size_px = answers.size_px[best.frame_index]
    for kind, form, text, hint in _OTHER_FORMS:
        for read in _in_every_frame_of_reference(form, best.boxes_xyxy, size_px):
            other = _fit(read, best.frame_index, answers.truth)
            if other > fit:
                fit = other
                raised = Suspicion(
                    kind,
                    f"gives boxes that fit the truth {text}: mean IoU {other:.2f} so, "
                    f"{as_is:.2f} as they are",
                    hint,
                )
    return raised


def _best_rows(found: Detections, answers: TrialAnswers) -> I64:
    """Of each frame the best detections, as many as it has truth boxes: the rest may be noise."""
    first = np.searchsorted(found.frame_index, found.frame_index)
    rank = np.arange(len(found)) - first
    n_truth = np.bincount(answers.truth.frame_index, minlength=answers.n_frames)
    return np.flatnonzero(rank < n_truth[found.frame_index])


def _in_every_frame_of_reference(
    form: Callable[[F64], F64], boxes_xyxy: F64, size_px: F64
) -> tuple[F64, ...]:
    """Boxes read in another form where the model may have had its origin and its scale.

    In the frame's own pixels; in a square that the frame is centred in, as by a letterbox; and in
    shares of width and height, as of a model whose input is stretched.
    """
    offset = (size_px.max(axis=1)[:, None] - size_px) / 2
    to_square, scale = np.tile(offset, 2), np.tile(size_px, 2)
    return (
        form(boxes_xyxy),
        form(boxes_xyxy + to_square) - to_square,
        form(boxes_xyxy / scale) * scale,
    )


def _fit(boxes_xyxy: F64, frame_index: I64, truth: Truth) -> float:
    """Mean, over boxes, of the best IoU with any truth of the frame."""
    return float(_iou(boxes_xyxy, frame_index, truth).max(axis=1, initial=0.0).mean())


def _iou(boxes_xyxy: F64, frame_index: I64, truth: Truth) -> F64:
    """(N, M) IoU of boxes and truth; 0 across frames and for boxes without area."""
    boxes, others = boxes_xyxy[:, None], truth.boxes_xyxy[None]
    low = np.maximum(boxes[..., :2], others[..., :2])
    high = np.minimum(boxes[..., 2:], others[..., 2:])
    inter = np.clip(high - low, 0.0, None).prod(axis=2)
    inter[frame_index[:, None] != truth.frame_index[None]] = 0.0
    area = np.clip(boxes_xyxy[:, 2:] - boxes_xyxy[:, :2], 0.0, None).prod(axis=1)
    truth_area = (truth.boxes_xyxy[:, 2:] - truth.boxes_xyxy[:, :2]).prod(axis=1)
    union = area[:, None] + truth_area[None] - inter
    iou: F64 = np.divide(inter, union, out=np.zeros_like(inter), where=inter > 0.0)
    return iou


def _wrong_classes(
    found: Detections, answers: TrialAnswers, class_names: Sequence[str]
) -> Suspicion | None:
    """Boxes that mean the truth's objects, and never by their class."""
    truth = answers.truth
    if not len(truth):
        return None
    iou = _iou(found.boxes_xyxy, found.frame_index, truth)
    meant = iou.argmax(axis=1)
    rows = np.flatnonzero(iou.max(axis=1) >= _SAME_OBJECT)
    pairs = list(zip(found.class_id[rows], truth.class_id[meant[rows]], strict=True))
    if len(pairs) < _MIN_BOXES or any(one == other for one, other in pairs):
        return None
    (one, other), _ = min(Counter(pairs).items(), key=lambda item: (-item[1], item[0]))
    steps = {int(one - other) for one, other in pairs}
    shifted = len(steps) == 1 and len({int(other) for _, other in pairs}) > 1
    return Suspicion(
        "classes",
        f"gives {len(pairs)} boxes that fit the truth, and not one of the right class: "
        f'"{class_names[one]}" where the truth is "{class_names[other]}"',
        (f"all are off by {abs(steps.pop())}: " if shifted else "")
        + "is the order of `classes` the model's, and does it count a background class?",
    )
