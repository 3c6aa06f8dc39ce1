"""Which class was answered with which, with frames that show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.report.errors.clip_errors import ClipErrors
from vbench.types import F64, I64, Clip, GoldenSet

_PARTS_OF_CLIP = 12
"""An example is the best of its twelfth of a clip: examples are not all of one moment."""


@dataclass(frozen=True, slots=True)
class ConfusionExamples:
    """K frames that show cells of a confusion matrix, by cell; in each cell as they are shown."""

    cell: I64
    """(K,) truth class x (C + 1) + detected class; the class of background is C."""
    clip: I64
    """(K,) index among the clips of the golden set."""
    frame_index: I64
    """(K,)"""
    score: F64
    """(K,) of the detection; NaN for missed truth, which has none."""

    def of_cell(self, cell: int) -> I64:
        """Rows of one cell."""
        first, end = np.searchsorted(self.cell, [cell, cell + 1])
        return np.arange(first, end)


def confusion_counts(
    golden_set: GoldenSet, clips: Sequence[ClipErrors]
) -> tuple[I64, ConfusionExamples]:
    """(C + 1, C + 1) counts as `vbench.metrics.confusion.confusion_matrix`, and examples.

    The examples of a cell are spread over the clips: the best of each clip, then the second best
    of each, ...; in a clip one of each twelfth of its frames. Best is the highest score; of
    missed truth the largest box.
    """
    side = len(golden_set.taxonomy.classes) + 1
    counts = np.zeros(side * side, np.int64)
    best = []
    for number, (clip, item) in enumerate(zip(golden_set.clips, clips, strict=True)):
        cell, frame, rank, score = _pairs(clip, item, side)
        np.add.at(counts, cell, 1)
        rows = _best_of_parts(cell, frame, rank, clip.facts.n_frames)
        best.append((cell[rows], np.full(len(rows), number), frame[rows], rank[rows], score[rows]))
    cell, clip_number, frame, rank, score = (
        np.concatenate([columns[k] for columns in best]) for k in range(5)
    )
    order = _spread(cell, clip_number, frame, rank)
    return counts.reshape(side, side), ConfusionExamples(
        cell[order], clip_number[order], frame[order], score[order]
    )


def _pairs(clip: Clip, item: ClipErrors, side: int) -> tuple[I64, I64, F64, F64]:
    """Cell, frame, how telling and score of everything that counts in one clip."""
    truth, found = clip.truth, item.evidence
    background = side - 1
    class_of_truth = np.append(truth.class_id, background)
    rows = np.flatnonzero(found.truth_index >= 0)
    lost = np.setdiff1d(item.missed, item.taken)
    hits = found.detections
    truth_class = np.concatenate(
        [
            truth.class_id[found.truth_index[rows]],
            class_of_truth[item.taken],
            truth.class_id[lost],
        ]
    )
    detected_class = np.concatenate(
        [hits.class_id[rows], item.false.class_id, np.full(len(lost), background)]
    )
    frame = np.concatenate(
        [hits.frame_index[rows], item.false.frame_index, truth.frame_index[lost]]
    )
    score = np.concatenate([hits.scores[rows], item.false.scores, np.full(len(lost), np.nan)])
    boxes = truth.boxes_xyxy[lost]
    area_px2 = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    telling = np.concatenate([hits.scores[rows], item.false.scores, area_px2])
    return truth_class * side + detected_class, frame, telling, score


def _best_of_parts(cell: I64, frame: I64, telling: F64, n_frames: int) -> I64:
    """The most telling row of each cell and part of the clip; the first of equals."""
    key = cell * _PARTS_OF_CLIP + frame * _PARTS_OF_CLIP // max(n_frames, 1)
    _, place = np.unique(key, return_inverse=True)
    highest = np.full(int(place.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(highest, place, telling)
    rows = np.flatnonzero(telling == highest[place])
    _, first = np.unique(place[rows], return_index=True)
    return rows[first]


def _spread(cell: I64, clip: I64, frame: I64, telling: F64) -> I64:
    """Order by cell, and in it the best of each clip, then the second best of each, ..."""
    order = np.lexsort((frame, -telling, clip, cell))
    new = np.ones(len(order), np.bool_)
    new[1:] = (np.diff(cell[order]) != 0) | (np.diff(clip[order]) != 0)
    starts = np.flatnonzero(new)
    turn = np.empty(len(order), np.int64)
    turn[order] = np.arange(len(order)) - starts[np.cumsum(new) - 1]
    return np.lexsort((frame, clip, -telling, turn, cell))
