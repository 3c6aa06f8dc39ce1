"""Greedy NMS against an obvious twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vbench.kernels.nms import greedy_nms, nms
from vbench.types import F32, I64

Scene = tuple[F32, F32, I64]


def twin_iou(a: list[float], b: list[float]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    area_a = (a[2] - a[0]) * (a[3] - a[1])
    area_b = (b[2] - b[0]) * (b[3] - b[1])
    return width * height / (area_a + area_b - width * height)


def twin_nms(scene: Scene, iou_threshold: float, class_aware: bool, top_k: int) -> list[int]:
    """Take the best box left, strike out what it covers, until nothing is left."""
    boxes, scores, classes = (column.tolist() for column in scene)
    left = sorted(range(len(scores)), key=lambda row: (-scores[row], row))
    kept = []
    while left:
        best = left.pop(0)
        kept.append(best)
        left = [
            row
            for row in left
            if (class_aware and classes[row] != classes[best])
            or twin_iou(boxes[row], boxes[best]) <= iou_threshold
        ]
    return kept[:top_k]


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Coarse boxes and scores, so that equal boxes, equal scores and empty boxes are common."""
    n = draw(st.integers(0, 12))
    cells = st.lists(st.integers(0, 5), min_size=4, max_size=4)
    xywh = np.array([draw(cells) for _ in range(n)], np.float32).reshape(-1, 4)
    boxes = np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)
    scores = np.array([draw(st.integers(0, 4)) for _ in range(n)], np.float32) / np.float32(4)
    classes = np.array([draw(st.integers(0, 2)) for _ in range(n)], np.int64)
    return boxes, scores, classes


@settings(deadline=None)
@given(
    scene=scenes(),
    iou_threshold=st.sampled_from([0.1, 0.25, 0.45, 0.5, 1.0]),
    class_aware=st.booleans(),
    top_k=st.integers(1, 15),
)
def test_equals_its_twin(scene: Scene, iou_threshold: float, class_aware: bool, top_k: int) -> None:
    kept = nms(*scene, iou_threshold=iou_threshold, class_aware=class_aware, top_k=top_k)
    assert kept.dtype == np.int64
    assert kept.tolist() == twin_nms(scene, iou_threshold, class_aware, top_k)


def two_boxes(shift: float, classes: tuple[int, int] = (0, 0)) -> Scene:
    boxes = np.array([[0, 0, 10, 10], [shift, 0, 10 + shift, 10]], np.float32)
    return boxes, np.array([0.5, 0.9], np.float32), np.array(classes, np.int64)


def test_suppresses_only_above_the_threshold() -> None:
    # A shift of 5 overlaps 50 of 150 px: IoU is exactly 1/3.
    scene = two_boxes(5.0)
    assert nms(*scene, iou_threshold=1 / 3, class_aware=True, top_k=9).tolist() == [1, 0]
    assert nms(*scene, iou_threshold=0.333, class_aware=True, top_k=9).tolist() == [1]


@pytest.mark.parametrize(("class_aware", "kept"), [(True, [1, 0]), (False, [1])])
def test_classes_leave_each_other_alone_only_if_asked(class_aware: bool, kept: list[int]) -> None:
    scene = two_boxes(1.0, classes=(0, 1))
    assert nms(*scene, iou_threshold=0.5, class_aware=class_aware, top_k=9).tolist() == kept


def test_equal_scores_keep_the_order_of_the_model() -> None:
    boxes = np.array([[k * 20, 0, k * 20 + 10, 10] for k in range(4)], np.float32)
    scores = np.array([0.5, 0.7, 0.5, 0.7], np.float32)
    kept = nms(boxes, scores, np.zeros(4, np.int64), iou_threshold=0.5, class_aware=True, top_k=3)
    assert kept.tolist() == [1, 3, 0]


def test_order_of_scores_of_both_signs_and_both_zeros() -> None:
    boxes = np.array([[k * 20, 0, k * 20 + 10, 10] for k in range(7)], np.float32)
    scores = np.array([-0.0, -1.0, 0.0, 2.0, -0.5, -0.0, 1e-40], np.float32)
    kept = nms(boxes, scores, np.zeros(7, np.int64), iou_threshold=0.5, class_aware=True, top_k=9)
    assert kept.tolist() == np.argsort(-scores, kind="stable").tolist() == [3, 6, 0, 2, 5, 4, 1]


@settings(deadline=None)
@given(
    scores=st.lists(st.floats(-2, 2, width=32), max_size=60).map(
        lambda values: np.array(values, np.float32)
    ),
    top_k=st.integers(1, 70),
)
def test_keeps_the_best_of_boxes_apart(scores: F32, top_k: int) -> None:
    left = np.arange(len(scores), dtype=np.float32) * 20
    boxes = np.stack([left, left, left + 10, left + 10], axis=1)
    kept = nms(
        boxes,
        scores,
        np.zeros(len(scores), np.int64),
        iou_threshold=0.5,
        class_aware=False,
        top_k=top_k,
    )
    assert kept.tolist() == np.argsort(-scores, kind="stable")[:top_k].tolist()


def test_columns_of_a_table_need_no_kernel_of_their_own() -> None:
    rows = np.array([[0, 0, 10, 10, 0.5], [20, 0, 30, 10, 0.9], [0, 0, 9, 10, 0.4]], np.float32)
    scene = rows[:, :4], rows[:, 4], np.zeros(3, np.int64)
    nms(
        rows[:, :4].copy(),
        rows[:, 4].copy(),
        scene[2],
        iou_threshold=0.5,
        class_aware=True,
        top_k=9,
    )
    n_compiled = len(greedy_nms.signatures)
    assert nms(*scene, iou_threshold=0.5, class_aware=True, top_k=9).tolist() == [1, 0]
    assert len(greedy_nms.signatures) == n_compiled


def test_nothing_in_nothing_out() -> None:
    empty = np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64)
    assert len(nms(*empty, iou_threshold=0.5, class_aware=True, top_k=300)) == 0
