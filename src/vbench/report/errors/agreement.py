"""What all pipelines report alike."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from vbench.report.errors.boxes import paired_iou
from vbench.types import F64, I64, Detections


def shared_by_all(answers: Sequence[Detections], min_iou: float) -> tuple[I64, F64]:
    """Detections that every pipeline has, in the same frame with the same class.

    The pipeline with the fewest asks each of the others in turn; its best score chooses first, the
    box that overlaps best. No detection is used twice.

    Args:
        answers: per pipeline, of one clip; at least one.
        min_iou: that each of them has with each other one.

    Returns:
        (P, A) rows of `answers`, by frame and class; and (A,) the lowest IoU within each, 1 where
        there is one pipeline.
    """
    n_classes = max((int(one.class_id.max(initial=-1)) for one in answers), default=-1) + 1
    asking = min(range(len(answers)), key=lambda p: len(answers[p]))
    orders = [_by_group(one, n_classes) for one in answers]
    rows: dict[int, I64] = {asking: orders[asking]}
    for p, order in enumerate(orders):
        if p == asking:
            continue
        kept, found = _asked(answers[asking], rows[asking], answers[p], order, n_classes, min_iou)
        rows = {other: column[kept] for other, column in rows.items()}
        rows[p] = found
    table = np.stack([rows[p] for p in range(len(answers))])
    lowest = np.ones(table.shape[1])
    for p, q in combinations(range(len(answers)), 2):
        pair = paired_iou(answers[p].boxes_xyxy[table[p]], answers[q].boxes_xyxy[table[q]])
        lowest = np.minimum(lowest, pair)
    mutual = lowest >= min_iou
    return table[:, mutual], lowest[mutual]


def _by_group(answers: Detections, n_classes: int) -> I64:
    """Rows by frame and class, best score first."""
    return np.argsort(answers.frame_index * n_classes + answers.class_id, kind="stable")


def _asked(
    asking: Detections,
    asking_rows: I64,
    asked: Detections,
    asked_rows: I64,
    n_classes: int,
    min_iou: float,
) -> tuple[I64, I64]:
    """Which of `asking_rows` the other pipeline has too (places in them), and its rows."""
    if not len(asking_rows) or not len(asked_rows):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    # Kernels are imported where they are called: to read what is known takes no compiler.
    from vbench.kernels.match import match_greedy

    def group(answers: Detections, rows: I64) -> I64:
        return answers.frame_index[rows] * n_classes + answers.class_id[rows]

    no = np.zeros(len(asked_rows), np.bool_)
    matched, _ = match_greedy(
        group(asking, asking_rows),
        asking.boxes_xyxy[asking_rows],
        group(asked, asked_rows),
        asked.boxes_xyxy[asked_rows],
        no,
        no,
        np.array([min_iou]),
    )
    kept = np.flatnonzero(matched[0] >= 0)
    return kept, asked_rows[matched[0, kept]]
