"""Where the truth is probably wrong: what all pipelines say and the truth does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vbench.metrics.error_kinds import ERROR_KINDS
from vbench.report.errors.agreement import shared_by_all
from vbench.report.errors.clip_errors import ClipErrors, SetErrors
from vbench.report.errors.folding import fold_rows
from vbench.types import F64, I64, Clip

LabelErrorKind = Literal["missing", "class", "box"]
LABEL_ERROR_KINDS: tuple[LabelErrorKind, ...] = ("missing", "class", "box")
_MISSING, _CLASS, _BOX = range(3)

SAME_OBJECT_IOU = 0.5
"""Of every two pipelines' boxes of one object."""
SAME_BOX_IOU = 0.8
"""Of every two pipelines' boxes where they agree on a place that is not the truth's."""
FREE_IOU = 0.3
"""A box that overlaps any truth less than this is of an object that the truth lacks."""
SURE_SCORE = 0.9
"""What one pipeline alone must be as sure of."""


@dataclass(frozen=True, slots=True)
class LabelError:
    """One object whose truth is probably missing or wrong, in k frames of a clip."""

    kind: LabelErrorKind
    """``missing``: the truth has no box there; ``class``: it names another class; ``box``: its box
    is elsewhere."""
    golden_set: str
    clip: str
    class_id: int
    """What the pipelines say."""
    truth_class_id: int | None
    """What the truth says; None where it says nothing."""
    frame_index: I64
    """(k,) ascending."""
    boxes_xyxy: F64
    """(k, 4) mean of the pipelines' boxes, pixels."""
    scores: F64
    """(k,) mean of the pipelines' scores."""

    @property
    def mean_score(self) -> float:
        """Over its frames."""
        return float(self.scores.mean())

    @property
    def clearest(self) -> int:
        """Row of the frame with the best score, the earliest of equals."""
        return int(np.argmax(self.scores))


@dataclass(frozen=True, slots=True)
class UnseenTruth:
    """An annotated object that no pipeline comes near in any of its k frames."""

    golden_set: str
    clip: str
    class_id: int
    track_id: int
    """-1: the truth has no track for it."""
    frame_index: I64
    """(k,) ascending."""
    boxes_xyxy: F64
    """(k, 4) of the truth, pixels."""


@dataclass(frozen=True, slots=True)
class LabelErrors:
    """Everything of one golden set; what shows most in the numbers first."""

    errors: tuple[LabelError, ...]
    unseen: tuple[UnseenTruth, ...]
    """Empty where there is one pipeline: its misses are its own."""


def find_label_errors(errors: SetErrors) -> LabelErrors:
    """Boxes that all pipelines agree on and the truth does not have; and truth that none sees.

    False alarms are of the same object where every two pipelines' boxes have the same class and an
    IoU of at least 0.5. They are, by the first that fits:

    - *box*: all are localisation errors about the same truth box, which none of them found, and
      overlap each other with an IoU of at least 0.8, more than any overlaps the truth;
    - *class*: all are classification errors about the same truth box, which none of them found;
    - *missing*: no pipeline's box has an IoU of 0.3 with any truth box that counts.

    One pipeline has nobody to agree with: of its false alarms with a score of at least 0.9 those
    that are *missing* are told, which is weaker evidence.

    Truth is unseen where all pipelines miss every box of its track and none makes a localisation
    or classification error about it; a box without a track stands for itself, folded over time.
    """
    found: list[LabelError] = []
    unseen: list[UnseenTruth] = []
    for number, clip in enumerate(errors.golden_set.clips):
        pipelines = errors.of_clip(number)
        found += _clip_label_errors(errors.golden_set.name, clip, pipelines)
        if len(pipelines) > 1:
            unseen += _unseen_truth(errors.golden_set.name, clip, pipelines)
    found.sort(key=lambda one: -float(one.scores.sum()))
    unseen.sort(key=lambda one: -len(one.frame_index))
    return LabelErrors(tuple(found), tuple(unseen))


def _clip_label_errors(
    golden_set: str, clip: Clip, pipelines: Sequence[ClipErrors]
) -> list[LabelError]:
    candidates = [_candidates(item, alone=len(pipelines) == 1) for item in pipelines]
    alarms = [item.false.take(rows) for item, rows in zip(pipelines, candidates, strict=True)]
    if not alarms or not all(len(one) for one in alarms):
        return []
    shared, lowest_iou = shared_by_all(alarms, SAME_OBJECT_IOU)
    rows = np.stack([mine[of] for mine, of in zip(candidates, shared, strict=True)])
    kind, truth_row = _label_kinds(clip, pipelines, rows, lowest_iou)
    told = kind >= 0
    rows, kind, truth_row = rows[:, told], kind[told], truth_row[told]
    return _entries(golden_set, clip, pipelines, rows, kind, truth_row)


def _candidates(item: ClipErrors, *, alone: bool) -> I64:
    """Rows of false alarms that may be right."""
    if alone:
        return np.flatnonzero(item.false.scores >= SURE_SCORE)
    return np.flatnonzero(item.kind != ERROR_KINDS.index("duplicate"))


def _label_kinds(
    clip: Clip, pipelines: Sequence[ClipErrors], rows: I64, lowest_iou: F64
) -> tuple[I64, I64]:
    """(A,) index into `LABEL_ERROR_KINDS`, -1 for none; and the truth box that is wrong, or -1.

    Args:
        clip: with its truth.
        pipelines: P of them.
        rows: (P, A) rows of their false alarms.
        lowest_iou: (A,) between the pipelines.
    """
    same, other = np.zeros(rows.shape[1]), np.zeros(rows.shape[1])
    for item, of in zip(pipelines, rows, strict=True):
        with_same, with_other = _iou_with_truth(clip, item, of)
        same, other = np.maximum(same, with_same), np.maximum(other, with_other)
    kinds = np.stack([item.kind[of] for item, of in zip(pipelines, rows, strict=True)])
    near = np.stack([item.near[of] for item, of in zip(pipelines, rows, strict=True)])
    missed_by_all = np.logical_and.reduce([item.evidence.missed for item in pipelines])
    # What is near no truth looks up the appended False.
    wrong = (near == near[0]).all(axis=0) & np.append(missed_by_all, False)[near[0]]
    wrong &= len(pipelines) > 1
    moved = (kinds == ERROR_KINDS.index("localisation")).all(axis=0) & (lowest_iou > same)
    renamed = (kinds == ERROR_KINDS.index("classification")).all(axis=0)
    kind = np.select(
        [
            wrong & moved & (lowest_iou >= SAME_BOX_IOU),
            wrong & renamed,
            np.maximum(same, other) < FREE_IOU,
        ],
        [_BOX, _CLASS, _MISSING],
        -1,
    ).astype(np.int64)
    return kind, np.where((kind == _BOX) | (kind == _CLASS), near[0], -1)


def _iou_with_truth(clip: Clip, item: ClipErrors, rows: I64) -> tuple[F64, F64]:
    """(A,) best IoU of false alarms with truth that counts: of their class, of any other."""
    from vbench.kernels.best_overlap import best_overlaps

    counts = item.evidence.truth_counts
    truth = clip.truth
    _, same_iou, _, other_iou = best_overlaps(
        item.false.frame_index[rows],
        item.false.class_id[rows],
        item.false.boxes_xyxy[rows],
        truth.frame_index[counts],
        truth.class_id[counts],
        truth.boxes_xyxy[counts],
    )
    return same_iou, other_iou


def _entries(
    golden_set: str,
    clip: Clip,
    pipelines: Sequence[ClipErrors],
    rows: I64,
    kind: I64,
    truth_row: I64,
) -> list[LabelError]:
    """Fold what all pipelines report over time, each kind apart; rows (P, A) as above."""
    found = [item.false for item in pipelines]
    frame_index, class_id = found[0].frame_index[rows[0]], found[0].class_id[rows[0]]
    boxes = np.mean([one.boxes_xyxy[of] for one, of in zip(found, rows, strict=True)], axis=0)
    scores = np.mean([one.scores[of] for one, of in zip(found, rows, strict=True)], axis=0)
    # What has no truth looks up the appended -1.
    truth_class = np.append(clip.truth.class_id, -1)[truth_row]
    n_classes = len(clip.exhaustive)
    # Things of another kind or truth are other things: they fold as if they were other classes.
    told_apart = (kind * n_classes + class_id) * (n_classes + 1) + truth_class + 1
    made = []
    for of_thing in _rows_of_things(fold_rows(clip, frame_index, told_apart, boxes)):
        first = of_thing[0]
        made.append(
            LabelError(
                kind=LABEL_ERROR_KINDS[kind[first]],
                golden_set=golden_set,
                clip=clip.id,
                class_id=int(class_id[first]),
                truth_class_id=None if truth_class[first] < 0 else int(truth_class[first]),
                frame_index=frame_index[of_thing],
                boxes_xyxy=boxes[of_thing],
                scores=scores[of_thing],
            )
        )
    return made


def _unseen_truth(
    golden_set: str, clip: Clip, pipelines: Sequence[ClipErrors]
) -> list[UnseenTruth]:
    truth = clip.truth
    counts = pipelines[0].evidence.truth_counts
    unseen = np.logical_and.reduce([item.unseen for item in pipelines])
    tracked = np.flatnonzero(counts & (truth.track_id >= 0))
    key = truth.track_id[tracked] * len(clip.exhaustive) + truth.class_id[tracked]
    _, track = np.unique(key, return_inverse=True)
    seen = np.bincount(track, weights=~unseen[tracked]) > 0
    of_tracks = tracked[~seen[track]]
    alone = np.flatnonzero(unseen & (truth.track_id < 0))
    things = [of_tracks[rows] for rows in _rows_of_things(track[~seen[track]])]
    folded = fold_rows(
        clip, truth.frame_index[alone], truth.class_id[alone], truth.boxes_xyxy[alone]
    )
    things += [alone[rows] for rows in _rows_of_things(folded)]
    return [
        UnseenTruth(
            golden_set=golden_set,
            clip=clip.id,
            class_id=int(truth.class_id[rows[0]]),
            track_id=int(truth.track_id[rows[0]]),
            frame_index=truth.frame_index[rows],
            boxes_xyxy=truth.boxes_xyxy[rows],
        )
        for rows in things
    ]


def _rows_of_things(thing: I64) -> list[I64]:
    """Rows of each number, ascending; in the order of the numbers."""
    if not len(thing):
        return []
    order = np.argsort(thing, kind="stable")
    cuts = np.flatnonzero(np.diff(thing[order])) + 1
    return list(np.split(order, cuts))
