"""How far two arrays, or two sets of boxes, of one frame lie apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from vbench.types.arrays import F64, I64, check_column

Stage = Literal["pixels", "tensor", "outputs", "candidates", "detections", "answer"]

STAGE_TITLES: dict[Stage, str] = {
    "pixels": "decoded pixels",
    "tensor": "input tensor",
    "outputs": "raw outputs",
    "candidates": "before NMS",
    "detections": "after NMS",
    "answer": "final detections",
}
"""In the order in which a frame passes through them."""

_PAIRED_IOU = 0.5
_MOST_BOXES = 1000
"""Boxes of a frame that are compared, best scores first; more would only cost time."""


@dataclass(frozen=True, slots=True)
class Tolerances:
    """How far apart two values may lie and still be called equal."""

    pixels: float = 0.0
    """Levels, 0..255."""
    tensor: float = 1e-3
    """Share of the range of A's tensor; a quarter of a level of 8-bit pixels."""
    outputs: float = 1e-3
    """Share of the range of each of A's outputs."""
    boxes: float = 0.5
    """Pixels by which a corner may be off."""
    scores: float = 0.01


@dataclass(frozen=True, slots=True)
class Boxes:
    """N boxes of one frame, of whatever stage, score descending."""

    xyxy: F64
    """(N, 4) px."""
    scores: F64
    """(N,)"""
    classes: I64
    """(N,)"""

    def __post_init__(self) -> None:
        n = len(self.scores)
        check_column("Boxes", "xyxy", self.xyxy, np.float64, (n, 4))
        check_column("Boxes", "scores", self.scores, np.float64, (n,))
        check_column("Boxes", "classes", self.classes, np.int64, (n,))

    def __len__(self) -> int:
        return len(self.scores)

    @classmethod
    def of(
        cls, xyxy: npt.NDArray[np.floating], scores: npt.NDArray[np.floating], classes: I64
    ) -> Boxes:
        """The best boxes of a frame, in any precision and order."""
        order = np.argsort(-scores, kind="stable")[:_MOST_BOXES]
        return cls(xyxy[order].astype(np.float64), scores[order].astype(np.float64), classes[order])


@dataclass(frozen=True, slots=True)
class Difference:
    """What one stage of one frame came to."""

    equal: bool
    max_abs: float
    """Levels, values or px, as the stage has them; NaN where shapes differ or nothing pairs."""
    mean_abs: float
    share: float
    """0..1 of the elements, or of the boxes of both, that are beyond the tolerance."""
    text: str = ""
    """What a number cannot say, for example two shapes."""


def array_difference(
    a: npt.NDArray[np.generic], b: npt.NDArray[np.generic], tolerance: float
) -> Difference:
    """Compare element by element; `tolerance` in the values' own unit."""
    if a.shape != b.shape:
        nan = float("nan")
        return Difference(False, nan, nan, 1.0, f"A is {_shape(a)}, B is {_shape(b)}")
    if a.size == 0:
        return Difference(True, 0.0, 0.0, 0.0)
    apart = np.abs(a.astype(np.float64) - b.astype(np.float64))
    share = float(np.mean(apart > tolerance))
    return Difference(share == 0.0, float(apart.max()), float(apart.mean()), share)


def box_difference(a: Boxes, b: Boxes, tolerances: Tolerances, floor: float) -> Difference:
    """Compare boxes of one class that overlap most; a box that has no partner is a difference.

    A box whose score is within the tolerance of `floor`, from which on boxes are kept, may lack
    one. The difference in numbers is that of paired corners, in px.
    """
    of_a, of_b = paired(a, b)
    corners = np.abs(a.xyxy[of_a] - b.xyxy[of_b]).max(axis=1, initial=0.0)
    scores = np.abs(a.scores[of_a] - b.scores[of_b])
    n_wrong = int(np.sum((corners > tolerances.boxes) | (scores > tolerances.scores)))
    n_alone = _n_alone(a, of_a, floor + tolerances.scores)
    n_alone += _n_alone(b, of_b, floor + tolerances.scores)
    n_all = max(1, len(a) + len(b))
    text = f"{len(a)} against {len(b)} boxes" if n_alone else ""
    if n_wrong and not text and corners.max() <= tolerances.boxes:
        text = f"scores up to {scores.max():.3g} apart"
    nothing = len(of_a) == 0 and n_alone > 0
    return Difference(
        n_wrong + n_alone == 0,
        float("nan") if nothing else float(corners.max(initial=0.0)),
        float("nan") if nothing else float(corners.mean()) if len(corners) else 0.0,
        min(1.0, (2 * n_wrong + n_alone) / n_all),
        text,
    )


def box_distance(a: Boxes, b: Boxes) -> float:
    """0 (the same boxes) to 1 (none overlaps), strong boxes counting more; classes matter.

    Each pair takes its score times IoU out of the sum, less the difference of its scores.
    """
    total = float(a.scores.sum() + b.scores.sum())
    if total == 0.0:
        return 0.0
    of_a, of_b = paired(a, b)
    iou = _iou(a.xyxy[of_a], b.xyxy[of_b])
    shared = 2.0 * np.minimum(a.scores[of_a], b.scores[of_b]) * iou
    return 1.0 - float(shared.sum()) / total


def paired(a: Boxes, b: Boxes, *, same_class: bool = True) -> tuple[I64, I64]:
    """Rows of `a` and of `b` that belong together: best score of `a` first, best free IoU."""
    iou = _iou(a.xyxy[:, None], b.xyxy[None])
    if same_class:
        iou = np.where(a.classes[:, None] == b.classes[None], iou, 0.0)
    # Of boxes that overlap alike, as duplicates before NMS do, the one with the nearest score.
    near = iou - 1e-6 * np.abs(a.scores[:, None] - b.scores[None])
    rows_a, rows_b = [], []
    for row in range(len(a) if len(b) else 0):
        best = int(near[row].argmax())
        if iou[row, best] >= _PAIRED_IOU:
            rows_a.append(row)
            rows_b.append(best)
            near[:, best] = -1.0
            iou[:, best] = 0.0
    return np.array(rows_a, np.int64), np.array(rows_b, np.int64)


def _n_alone(boxes: Boxes, rows: I64, certain: float) -> int:
    alone = np.ones(len(boxes), np.bool_)
    alone[rows] = False
    return int(np.sum(alone & (boxes.scores >= certain)))


def _iou(a: F64, b: F64) -> F64:
    """Of (..., 4) boxes; corners in any order, as numbers that are misread have them."""
    a, b = (
        np.concatenate(
            [np.minimum(one[..., :2], one[..., 2:]), np.maximum(one[..., :2], one[..., 2:])],
            axis=-1,
        )
        for one in (a, b)
    )
    low, high = np.maximum(a[..., :2], b[..., :2]), np.minimum(a[..., 2:], b[..., 2:])
    shared = np.prod(np.maximum(high - low, 0.0), axis=-1)
    areas = [np.prod(np.maximum(one[..., 2:] - one[..., :2], 0.0), axis=-1) for one in (a, b)]
    union = areas[0] + areas[1] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))


def _shape(array: npt.NDArray[np.generic]) -> str:
    return "x".join(str(length) for length in array.shape)
