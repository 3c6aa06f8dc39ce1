"""The confusion matrix: by hand, and against the match table it must agree with."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from tests.kernels.test_match import twin_overlap
from tests.metrics.drawn import CLASSES, Drawn, drawn
from tests.metrics.scenes import (
    FAR,
    A,
    B,
    C,
    clip,
    detections,
    evaluate,
    golden_set,
    point,
    table,
    truth,
)
from vbench.metrics.confusion import ConfusionCell, ConfusionMatrix, confusion_matrix

NAMES = ("person", "truck")


def matrix(*, swapped: bool = False) -> ConfusionMatrix:
    one = clip(truth([(0, A), (0, B), (1, C)], class_id=[0, 1, 0]), exhaustive=(True, True))
    found = detections(
        [(0, A, 0.9), (0, B, 0.8), (0, B, 0.75), (1, FAR, 0.7), (1, C, 0.2)],
        class_id=[0, 0, 0 if not swapped else 1, 1, 0],
    )
    return confusion_matrix(
        golden_set(one, classes=NAMES), [found], [table(one, found)], point(0.5, 0.5, classes=NAMES)
    )


def test_by_hand() -> None:
    # A is found; B is taken for a person once, the second person there is a false alarm; C is
    # missed, as its detection is below the operating point; a truck is seen where nothing is.
    assert matrix().counts.tolist() == [[1, 0, 1], [1, 0, 0], [1, 1, 0]]


def test_a_pair_of_the_table_is_never_taken_apart() -> None:
    # The truck was found; the person on it, though its score is higher, is a false alarm.
    assert matrix(swapped=True).counts.tolist() == [[1, 0, 1], [0, 1, 0], [1, 1, 0]]


def test_cells() -> None:
    assert list(matrix().cells()) == [
        ConfusionCell("person", "person", 1),
        ConfusionCell("person", None, 1),
        ConfusionCell("truck", "person", 1),
        ConfusionCell(None, "person", 1),
        ConfusionCell(None, "truck", 1),
    ]


def twin(scene: Drawn) -> np.ndarray:
    counts = np.zeros((4, 4), np.int64)
    for clip_, found, table_ in zip(
        scene.golden.clips, scene.detections, scene.matches, strict=True
    ):
        row = table_.row(scene.point.iou)
        left = set(np.flatnonzero(table_.truth_counts).tolist())
        stray = []
        for k in range(len(found)):
            c = int(found.class_id[k])
            if found.scores[k] < scene.point.scores[c][1] or table_.ignored[row, k]:
                continue
            j = int(table_.truth_index[row, k])
            if j >= 0:
                counts[clip_.truth.class_id[j], c] += 1
                left.discard(j)
            else:
                stray.append(k)
        for k in stray:
            best, best_iou = None, scene.point.iou
            for j in sorted(left):
                if clip_.truth.frame_index[j] == found.frame_index[k]:
                    iou = twin_overlap(found.boxes_xyxy[k], clip_.truth.boxes_xyxy[j], False)
                    if iou >= best_iou:
                        best, best_iou = j, iou
            if best is None:
                counts[3, found.class_id[k]] += 1
            else:
                counts[clip_.truth.class_id[best], found.class_id[k]] += 1
                left.discard(best)
        for j in left:
            counts[clip_.truth.class_id[j], 3] += 1
    return counts


@settings(deadline=None, max_examples=100)
@given(drawn())
def test_equals_twin(scene: Drawn) -> None:
    assert confusion_matrix(*scene.arguments).counts.tolist() == twin(scene).tolist()


@settings(deadline=None, max_examples=50)
@given(drawn(plain=True))
def test_its_sums_are_the_counts_beside_it(scene: Drawn) -> None:
    counts = confusion_matrix(*scene.arguments).counts
    rows = evaluate(scene.golden, scene.detections, scene.point)
    for c, name in enumerate(CLASSES):
        assert counts[c, c] == rows.value("tp", name)
        assert counts[c].sum() - counts[c, c] == rows.value("fn", name)
        assert counts[:, c].sum() - counts[c, c] == rows.value("fp", name)
    assert counts[-1, -1] == 0
