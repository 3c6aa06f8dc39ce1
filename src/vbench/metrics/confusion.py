"""Which class was taken for which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vbench.metrics.frames import counting_detections
from vbench.metrics.pool import check_clip
from vbench.types import I64, Clip, Detections, GoldenSet, Matches, OperatingPoint
from vbench.types.arrays import check_column


@dataclass(frozen=True, slots=True)
class ConfusionCell:
    """How often one class was answered with another."""

    truth_class: str | None
    """None: nothing is there (background)."""
    detection_class: str | None
    """None: nothing was reported (missed)."""
    n: int


@dataclass(frozen=True, slots=True)
class ConfusionMatrix:
    """Truth against answers at the operating point, with background as one more class."""

    class_names: tuple[str, ...]
    """(C,)"""
    counts: I64
    """(C + 1, C + 1) truth class by detected class; last row: background, last column: missed.

    The diagonal is tp per class, the rest of a row its fn, the rest of a column its fp. Background
    taken for background is not counted: it is 0.
    """

    def __post_init__(self) -> None:
        side = len(self.class_names) + 1
        check_column("ConfusionMatrix", "counts", self.counts, np.int64, (side, side))

    def cells(self) -> Iterator[ConfusionCell]:
        """Every cell that is not 0, row by row."""
        names = (*self.class_names, None)
        for i, j in np.argwhere(self.counts).tolist():
            yield ConfusionCell(names[i], names[j], int(self.counts[i, j]))


def confusion_matrix(
    golden_set: GoldenSet,
    detections: Sequence[Detections],
    matches: Sequence[Matches],
    operating_point: OperatingPoint,
) -> ConfusionMatrix:
    """Count true positives, classes taken for each other, false alarms and misses.

    The match table never compares two classes, so what it leaves over is assigned once more,
    whatever the class: in each frame the false positives choose, best score first, the missed
    truth box with the best IoU at or above the operating IoU; a box is chosen at most once. Pairs
    of the match table stay as they are, so that every tp, fp and fn beside the matrix is a sum of
    its cells. (Were all boxes assigned at once whatever their class, a detection could take the
    box of another class though the table has it as a true positive.) No pair of one class is left
    for this second step: the table would have made it.

    Raises:
        ValueError: a match table is of other detections or truth.
        KeyError: a match table lacks the operating IoU.
    """
    n_classes = len(golden_set.taxonomy.classes)
    counts = np.zeros((n_classes + 1, n_classes + 1), np.int64)
    for clip, found, table in zip(golden_set.clips, detections, matches, strict=True):
        check_clip(clip, found, table)
        truth_class, detection_class = _pairs(clip, found, table, operating_point, n_classes)
        np.add.at(counts, (truth_class, detection_class), 1)
    return ConfusionMatrix(golden_set.taxonomy.names, counts)


def _pairs(
    clip: Clip,
    detections: Detections,
    matches: Matches,
    operating_point: OperatingPoint,
    n_classes: int,
) -> tuple[I64, I64]:
    """Truth class and detected class of everything that counts, `n_classes` where there is none."""
    truth = clip.truth
    counting = counting_detections(detections, matches, operating_point)
    truth_index = matches.truth_index[matches.row(operating_point.iou)]
    hits = np.flatnonzero(counting & (truth_index >= 0))
    stray = np.flatnonzero(counting & (truth_index < 0))
    found = np.zeros(len(truth), np.bool_)
    found[truth_index[hits]] = True
    missed = np.flatnonzero(matches.truth_counts & ~found)
    chosen = taken_for(clip, detections.take(stray), missed, operating_point.iou)
    # The appended class is that of background, which -1 looks up.
    class_of_truth = np.append(truth.class_id, n_classes)
    never_chosen = np.setdiff1d(missed, chosen)
    return (
        np.concatenate(
            [
                truth.class_id[truth_index[hits]],
                class_of_truth[chosen],
                truth.class_id[never_chosen],
            ]
        ),
        np.concatenate(
            [
                detections.class_id[hits],
                detections.class_id[stray],
                np.full(len(never_chosen), n_classes, np.int64),
            ]
        ),
    )


def taken_for(clip: Clip, false: Detections, missed: I64, iou: float) -> I64:
    """(N,) row of the missed truth box that each false positive stands in for, -1 for none.

    The second step of `confusion_matrix`, of one clip.

    Args:
        clip: with its truth.
        false: its N false positives.
        missed: (m,) rows of its truth that count and that nothing found, ascending.
        iou: the operating IoU.
    """
    if not len(false) or not len(missed):
        return np.full(len(false), -1, np.int64)
    # Kernels are imported where they are called: to read what is known takes no compiler.
    from vbench.kernels.match import match_greedy

    no = np.zeros(len(missed), np.bool_)
    matched, _ = match_greedy(
        false.frame_index.copy(),
        false.boxes_xyxy.copy(),
        clip.truth.frame_index[missed],
        clip.truth.boxes_xyxy[missed],
        no,
        no,
        np.array([iou]),
    )
    # What is matched with nothing looks up the appended -1.
    rows: I64 = np.append(missed, -1)[matched[0]]
    return rows
