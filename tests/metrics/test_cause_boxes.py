"""What became of every box."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.causes_scenes import scored
from tests.metrics.drawn import Drawn, drawn
from tests.metrics.scenes import (
    FAR,
    A,
    B,
    Box,
    ByFrame,
    C,
    clip,
    detections,
    golden_set,
    point,
    table,
    truth,
)
from vbench.metrics.cause_boxes import OUTCOMES, ScoredBoxes, new_errors, scored_boxes
from vbench.metrics.counts import detection_counts
from vbench.metrics.error_kinds import ERROR_KINDS, error_table
from vbench.metrics.scopes import partitions
from vbench.types import Bool, BoxTag, whole_answers

LOOSE_A: Box = (0.0, 20.0, 40.0, 60.0)
"""IoU 1/3 with A."""


def _outcomes(boxes: ScoredBoxes, rows: Bool) -> list[str]:
    return [OUTCOMES[k] for k in boxes.outcome[rows]]


def test_every_kind_of_miss_and_alarm() -> None:
    classes = ("person", "car")
    one = clip(
        truth([(0, A), (1, A), (2, A), (3, A), (3, C)], class_id=[0, 0, 0, 0, 0]),
        exhaustive=(True, True),
    )
    found = detections(
        [(0, A, 0.9), (0, A, 0.8), (1, LOOSE_A, 0.9), (2, A, 0.9), (3, A, 0.2), (3, FAR, 0.9)],
        class_id=[0, 0, 0, 1, 0, 0],
    )
    at = point(0.5, 0.5, classes=classes)
    answers = whole_answers([found], [table(one, found)])
    boxes = scored_boxes(golden_set(one, classes=classes), answers, at)
    assert _outcomes(boxes, boxes.truth) == [
        "found", "localisation", "classification", "low_score", "missed",
    ]  # fmt: skip
    assert _outcomes(boxes, ~boxes.truth) == [
        "duplicate", "localisation", "classification", "background",
    ]  # fmt: skip
    assert boxes.frame.tolist() == [0, 1, 2, 3, 3, 0, 1, 2, 3]
    assert boxes.class_id.tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 0]


def test_without_low_scores_such_a_miss_is_missed() -> None:
    one = clip(truth([(0, A)]))
    stored = detections([(0, A, 0.2)])
    at_point = stored.take(stored.scores >= 0.5)
    for found, expected in ((stored, "low_score"), (at_point, "missed")):
        answers = whole_answers([found], [table(one, found)])
        boxes = scored_boxes(golden_set(one), answers, point(0.5))
        assert _outcomes(boxes, boxes.truth) == [expected]


def test_slice_columns() -> None:
    tags = (BoxTag("occluded", np.array(["yes", "", "no"])),)
    day = clip(truth([(0, A), (0, C), (1, B)], tags=tags), id="day", tags=(("daypart", "day"),))
    night = clip(truth([(0, C)]), id="night", tags=(("daypart", "night"),))
    found = [detections([(1, FAR, 0.9)]), detections([])]
    answers = whole_answers(found, [table(day, found[0]), table(night, found[1])])
    boxes = scored_boxes(golden_set(day, night), answers, point(0.5))
    assert [column.key for column in boxes.columns] == [
        "border", "crowding", "daypart", "occluded", "size", "speed",
    ]  # fmt: skip
    written = {
        column.key: [column.values[k] if k >= 0 else None for k in column.group]
        for column in boxes.columns
    }
    assert written["daypart"] == ["day", "day", "day", "day", "night"]
    assert written["occluded"] == ["yes", None, "no", None, None]
    assert written["size"] == ["medium", "large", "medium", "small", "large"]
    assert written["border"] == ["true", "false", "true", "false", "false"]
    assert [c.key for c in boxes.columns if not c.tells_false] == ["occluded", "speed"]
    assert [c.key for c in boxes.columns if c.by_clip] == ["daypart"]


@settings(deadline=None)
@given(drawn())
def test_agrees_with_the_counts_and_the_error_table(scene: Drawn) -> None:
    golden, found, tables, at = scene.arguments
    answers = whole_answers(found, tables)
    boxes = scored_boxes(golden, answers, at)
    whole, *_ = partitions(golden, answers, scene.pool, ())
    counts = detection_counts(scene.pool, whole)
    assert counts.known_fp is not None
    wrong = boxes.outcome != 0
    assert int((boxes.truth & ~wrong).sum()) == counts.tp[0, -1]
    assert int((boxes.truth & wrong).sum()) == counts.fn[0, -1]
    assert int((~boxes.truth).sum()) == counts.known_fp[0, -1]
    kinds = error_table(golden, answers, at, scene.pool).kind[scene.pool.selected]
    expected = Counter(ERROR_KINDS[k] for k in kinds.tolist() if k >= 0)
    assert Counter(_outcomes(boxes, ~boxes.truth)) == expected


@settings(deadline=None)
@given(drawn())
def test_how_answers_are_cut_makes_no_difference(scene: Drawn) -> None:
    golden, found, tables, at = scene.arguments
    whole = whole_answers(found, tables)
    one = scored_boxes(golden, whole, at)
    other = scored_boxes(golden, [ByFrame(part) for part in whole], at)
    for name in ("clip", "frame", "class_id", "truth", "outcome"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for a, b in zip(one.columns, other.columns, strict=True):
        np.testing.assert_array_equal(a.group, b.group)
        assert replace(a, group=b.group) == b


def test_new_errors_are_those_that_the_baseline_does_not_have() -> None:
    one = clip(truth([(0, A), (1, A), (2, A)]))
    near_far: Box = (402.0, 400.0, 422.0, 420.0)  # IoU 18/22 with FAR
    at = point(0.5)
    boxes = scored(golden_set(one), [detections([(0, A, 0.9), (1, FAR, 0.9), (2, FAR, 0.9)])], at)
    baseline = scored(golden_set(one), [detections([(1, A, 0.9), (1, near_far, 0.9)])], at)
    # Misses in 1 (baseline found it) and 2 (both miss it); alarms in 1 (both) and 2 (only here).
    assert boxes.frame.tolist() == [0, 1, 2, 1, 2]
    assert new_errors(boxes, baseline).tolist() == [False, True, False, False, True]
    assert not new_errors(boxes, boxes).any()
    other = scored(golden_set(clip(truth([(0, A), (1, A), (3, A)]))), [detections([])], at)
    with pytest.raises(ValueError, match="other truth"):
        new_errors(boxes, other)


@settings(deadline=None, max_examples=50)
@given(drawn(), st.randoms(use_true_random=False))
def test_new_errors_against_a_slow_twin(scene: Drawn, random: Random) -> None:
    golden, found, _, at = scene.arguments
    kept = []
    for part in found:
        taken = np.array([random.random() < 0.5 for _ in range(len(part))], np.bool_)
        kept.append(part.take(taken))
    boxes, baseline = scored(golden, found, at), scored(golden, kept, at)

    def false_rows(one: ScoredBoxes) -> list[tuple[int, int, int, list[float]]]:
        rows = np.flatnonzero(~one.truth)
        columns = (one.clip[rows], one.frame[rows], one.class_id[rows], one.false_xyxy)
        return list(zip(*(column.tolist() for column in columns), strict=True))

    expected = [
        here != 0 and there == 0
        for here, there in zip(
            boxes.outcome[boxes.truth], baseline.outcome[baseline.truth], strict=True
        )
    ]
    alarms = [
        all(a[:3] != b[:3] or _iou(a[3], b[3]) < 0.5 for b in false_rows(baseline))
        for a in false_rows(boxes)
    ]
    new = new_errors(boxes, baseline)
    assert new[boxes.truth].tolist() == expected
    assert new[~boxes.truth].tolist() == alarms


def _iou(a: list[float], b: list[float]) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    inter = max(width, 0.0) * max(height, 0.0)
    return inter / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter)
