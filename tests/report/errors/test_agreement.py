"""What all pipelines report alike, against a slow and obvious twin."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.scenes import FAR, A, B, detections
from tests.report.errors.made_errors import shifted
from vbench.report.errors.agreement import shared_by_all
from vbench.types import Detections


def twin_iou(a: np.ndarray, b: np.ndarray) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    inter = width * height
    return float(inter / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter))


def twin(answers: list[Detections], min_iou: float) -> list[tuple[int, ...]]:
    """Ask one pipeline after the other; keep who is answered by all and whose boxes all fit."""
    asking = min(range(len(answers)), key=lambda p: len(answers[p]))
    groups = {row: {asking: row} for row in range(len(answers[asking]))}
    for p, asked in enumerate(answers):
        if p == asking:
            continue
        free = set(range(len(asked)))
        for row in list(groups):
            mine = answers[asking]
            best, best_iou = None, min_iou
            for other in sorted(free):
                same = (
                    asked.frame_index[other] == mine.frame_index[row]
                    and asked.class_id[other] == mine.class_id[row]
                )
                iou = twin_iou(mine.boxes_xyxy[row], asked.boxes_xyxy[other])
                if same and iou >= best_iou:
                    best, best_iou = other, iou
            if best is None:
                del groups[row]
            else:
                groups[row][p] = best
                free.discard(best)
    kept = []
    for group in groups.values():
        boxes = [answers[p].boxes_xyxy[group[p]] for p in range(len(answers))]
        if all(twin_iou(a, b) >= min_iou for a in boxes for b in boxes):
            kept.append(tuple(group[p] for p in range(len(answers))))
    return sorted(kept)


@st.composite
def _answers(draw: st.DrawFn) -> Detections:
    n = draw(st.integers(0, 8))
    corner = np.array([[draw(st.integers(0, 3)) for _ in range(2)] for _ in range(n)], np.float64)
    side = np.array([[draw(st.integers(2, 4)) for _ in range(2)] for _ in range(n)], np.float64)
    corner, side = corner.reshape(-1, 2), side.reshape(-1, 2)
    return Detections.sorted_from(
        frame_index=np.array([draw(st.integers(0, 1)) for _ in range(n)], np.int64),
        boxes_xyxy=np.concatenate([corner, corner + side], axis=1),
        scores=np.array([draw(st.integers(0, 4)) / 4 for _ in range(n)], np.float64),
        class_id=np.array([draw(st.integers(0, 1)) for _ in range(n)], np.int64),
        track_id=np.full(n, -1, np.int64),
    )


@settings(deadline=None, max_examples=200)
@given(st.lists(_answers(), min_size=1, max_size=4), st.sampled_from([0.3, 0.5, 0.8]))
def test_equals_twin(answers: list[Detections], min_iou: float) -> None:
    rows, lowest = shared_by_all(answers, min_iou)
    assert sorted(zip(*rows.tolist(), strict=True)) == twin(answers, min_iou)
    for k in range(rows.shape[1]):
        boxes = [answers[p].boxes_xyxy[rows[p, k]] for p in range(len(answers))]
        expected = min((twin_iou(a, b) for a in boxes for b in boxes), default=1.0)
        assert lowest[k] == expected


def test_three_pipelines_of_which_one_sees_less() -> None:
    one = detections([(0, A, 0.9), (0, B, 0.8), (1, FAR, 0.7)])
    two = detections([(0, shifted(A, 2), 0.6), (0, shifted(B, 2), 0.5), (1, FAR, 0.4)])
    three = detections([(0, shifted(B, 4), 0.9)])
    rows, lowest = shared_by_all([one, two, three], 0.5)
    assert rows.tolist() == [[1], [1], [0]]
    assert lowest[0] == 36 / 44


def test_another_class_or_frame_is_another_thing() -> None:
    one = detections([(0, A, 0.9)], class_id=[0])
    assert shared_by_all([one, detections([(0, A, 0.9)], class_id=[1])], 0.5)[0].shape == (2, 0)
    assert shared_by_all([one, detections([(1, A, 0.9)], class_id=[0])], 0.5)[0].shape == (2, 0)
    assert shared_by_all([one, detections([])], 0.5)[0].shape == (2, 0)
