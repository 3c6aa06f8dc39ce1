"""Precision, recall, F1 and false alarms at every score threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.metrics.pool import Pool
from vbench.types import F64, I64
from vbench.types.arrays import check_column


@dataclass(frozen=True, slots=True)
class ScoreCurve:
    """One class at one IoU threshold: what counts at score >= each of P thresholds.

    Recall is over all truth. Precision, F1 and false alarms leave out the footage where the class
    is not annotated exhaustively, as the metric rows of these names do; a point of the curve
    therefore equals the rows at that operating point.
    """

    class_name: str | None
    """None: all classes together, at one threshold for all."""
    iou: float
    scores: F64
    """(P,) thresholds, descending."""
    tp: I64
    """(P,) detections matched with a truth box."""
    known_tp: I64
    """(P,) those in footage where false positives can be known."""
    fp: I64
    """(P,) detections matched with none."""
    n_truth: int
    known_truth: int
    known_frames: int
    """Annotated frames where false positives can be known."""
    known_s: float
    """The same footage in seconds."""

    def __post_init__(self) -> None:
        p = len(self.scores)
        check_column("ScoreCurve", "scores", self.scores, np.float64, (p,))
        for name in ("tp", "known_tp", "fp"):
            check_column("ScoreCurve", name, getattr(self, name), np.int64, (p,))
        if np.any(np.diff(self.scores) >= 0):
            raise ValueError("ScoreCurve.scores: not descending")

    def __len__(self) -> int:
        return len(self.scores)

    @property
    def recall(self) -> F64:
        """(P,) tp / truth boxes; NaN where there is no truth."""
        return _ratio(self.tp, self.n_truth)

    @property
    def precision(self) -> F64:
        """(P,) tp / (tp + fp); NaN where nothing was found or false positives are unknown."""
        return _ratio(self.known_tp, self.known_tp + self.fp)

    @property
    def f1(self) -> F64:
        """(P,) 2 tp / (2 tp + fp + fn); NaN where there is neither truth nor detection."""
        return _ratio(2 * self.known_tp, self.known_tp + self.fp + self.known_truth)

    @property
    def fp_per_frame(self) -> F64:
        """(P,) false positives in an average annotated frame."""
        return _ratio(self.fp, self.known_frames)

    @property
    def fp_per_camera_hour(self) -> F64:
        """(P,) false positives per hour of annotated footage; NaN where it has no duration."""
        return _ratio(self.fp, self.known_s / 3600.0)

    def at(self, scores: F64) -> ScoreCurve:
        """The curve at other thresholds, (Q,) descending."""
        # Points at or above a threshold; the count before the first point is 0.
        n_points = np.searchsorted(-self.scores, -scores, side="right")

        def taken(counts: I64) -> I64:
            return np.concatenate([np.zeros(1, np.int64), counts])[n_points]

        return ScoreCurve(
            class_name=self.class_name,
            iou=self.iou,
            scores=scores,
            tp=taken(self.tp),
            known_tp=taken(self.known_tp),
            fp=taken(self.fp),
            n_truth=self.n_truth,
            known_truth=self.known_truth,
            known_frames=self.known_frames,
            known_s=self.known_s,
        )

    def best_f1(self) -> tuple[float, float] | None:
        """Score threshold of the highest F1, and that F1; None where F1 is undefined.

        Of several thresholds the highest one.
        """
        f1 = self.f1
        if self.known_truth == 0 or not np.isfinite(f1).any():
            return None
        best = int(np.nanargmax(f1))
        return float(self.scores[best]), float(f1[best])


def score_curves(pool: Pool, class_names: Sequence[str], row: int) -> tuple[ScoreCurve, ...]:
    """Curves of all classes together, then of each class, with a point per score that occurs.

    Args:
        pool: detections in score order, and their matches.
        class_names: of the taxonomy.
        row: which of the pool's IoU thresholds.
    """
    matched = pool.truth_row[row] >= 0
    counting = ~pool.ignored[row]
    known = pool.exhaustive[pool.detection_clip, pool.detection_class]
    known_truth = pool.truth_counts & pool.exhaustive[pool.truth_clip, pool.truth_class]
    # All classes together see the footage where any class is annotated exhaustively.
    footage = np.column_stack([pool.exhaustive.any(axis=1), pool.exhaustive])
    known_frames = pool.n_annotated @ footage
    known_s = pool.annotated_s @ footage
    curves = []
    for column, name in enumerate((None, *class_names)):
        found = counting if name is None else counting & (pool.detection_class == column - 1)
        truth = np.ones(len(pool.truth_class), np.bool_)
        if name is not None:
            truth = pool.truth_class == column - 1
        score = pool.detection_score[found]
        # Detections of one score enter together: a point is where the next score is another one.
        last = np.flatnonzero(np.append(np.diff(score) != 0, True)) if len(score) else np.zeros(0)
        last = last.astype(np.int64)
        curves.append(
            ScoreCurve(
                class_name=name,
                iou=float(pool.iou_thresholds[row]),
                scores=score[last],
                tp=np.cumsum(matched[found], dtype=np.int64)[last],
                known_tp=np.cumsum((matched & known)[found], dtype=np.int64)[last],
                fp=np.cumsum(~matched[found], dtype=np.int64)[last],
                n_truth=int((pool.truth_counts & truth).sum()),
                known_truth=int((known_truth & truth).sum()),
                known_frames=int(known_frames[column]),
                known_s=float(known_s[column]),
            )
        )
    return tuple(curves)


def _ratio(numerator: I64, denominator: I64 | int | float) -> F64:
    """The quotient, NaN where the denominator is 0."""
    below = np.broadcast_to(np.asarray(denominator, np.float64), numerator.shape)
    undefined = np.full(numerator.shape, np.nan)
    ratio: F64 = np.divide(numerator, below, out=undefined, where=below != 0)
    return ratio
