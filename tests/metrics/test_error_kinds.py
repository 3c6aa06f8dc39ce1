"""Kinds of errors and what they cost: one of each by hand, and against a plain twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from tests.metrics.drawn import CLASSES, Drawn, drawn
from tests.metrics.scenes import (
    FAR,
    A,
    B,
    Box,
    C,
    clip,
    detections,
    evaluate,
    golden_set,
    point,
    table,
    truth,
)
from tests.metrics.tide_twin import tide_twin
from vbench.metrics.error_kinds import ERROR_KINDS, ErrorCosts, error_costs, error_table
from vbench.metrics.pool import pooled
from vbench.types import Clip, Detections, whole_answers

NAMES = ("person", "truck")
SHIFTED: Box = (20.0, 0.0, 60.0, 40.0)
"""IoU 1/3 with A."""


def costs_of(one: Clip, found: Detections, score: float = 0.0) -> ErrorCosts:
    golden, at = golden_set(one, classes=NAMES), point(score, score, classes=NAMES)
    tables = [table(one, found)]
    pool = pooled(golden, [found], tables, at)
    errors = error_table(golden, whole_answers([found], tables), at, pool)
    return error_costs(pool, errors, np.zeros(1, np.int64), 1)


def scene(*classes: int) -> Clip:
    rows = [(0, A), (1, B), (2, C)]
    return clip(truth(rows[: len(classes)], class_id=classes), exhaustive=(True, True))


@pytest.mark.parametrize(
    ("box", "class_id", "kind"),
    [
        (SHIFTED, 0, "localisation"),
        (A, 1, "classification"),
        (SHIFTED, 1, "both"),
        (FAR, 0, "background"),
        (FAR, 1, "background"),
        ((36.5, 0.0, 76.5, 40.0), 0, "background"),
    ],
)
def test_each_kind_by_hand(box: Box, class_id: int, kind: str) -> None:
    costs = costs_of(scene(0), detections([(0, box, 0.9)], class_id=[class_id]))
    found = dict(zip(ERROR_KINDS, costs.counts[:, 0, -1].tolist(), strict=True))
    near = kind in ("localisation", "classification")
    expected = {one: int(one == kind) for one in ERROR_KINDS}
    assert found == {**expected, "missed": int(not near)}
    of_kind = ERROR_KINDS.index(kind)
    assert costs.counts[of_kind, 0, class_id] == 1
    # The one person is found if a near error is corrected; else nothing is gained.
    assert costs.ap[0, 0] == 0.0
    assert np.isnan(costs.ap[0, 1])
    assert costs.cost[of_kind, 0, -1] == (1.0 if near else 0.0)


def test_a_duplicate_costs_what_its_false_alarm_costs() -> None:
    found = detections([(0, A, 0.9), (0, A, 0.8), (1, B, 0.7)])
    costs = costs_of(scene(0, 0), found)
    duplicate = ERROR_KINDS.index("duplicate")
    assert costs.counts[:, 0, 0].tolist() == [0, 0, 0, 1, 0, 0]
    # Precision 1 to recall 1/2, then 2/3: 51 of 101 points, then 50.
    assert costs.ap[0, 0] == pytest.approx((51 + 50 * 2 / 3) / 101)
    assert costs.ap[0, 0] + costs.cost[duplicate, 0, 0] == pytest.approx(1.0)


def test_a_second_detection_at_exactly_the_threshold_is_a_duplicate() -> None:
    half: Box = (0.0, 0.0, 40.0, 20.0)
    costs = costs_of(scene(0), detections([(0, A, 0.9), (0, half, 0.8)]))
    assert costs.counts[:, 0, 0].tolist() == [0, 0, 0, 1, 0, 0]


def test_only_the_best_of_two_near_ones_is_made_right() -> None:
    # Localisation, 0.9, and classification, 0.8, of the same person.
    found = detections([(0, SHIFTED, 0.9), (0, A, 0.8)], class_id=[0, 1])
    costs = costs_of(scene(0), found)
    by_kind = dict(zip(ERROR_KINDS, costs.cost[:, 0, 0].tolist(), strict=True))
    assert by_kind["localisation"] == 1.0
    assert by_kind["classification"] == 0.0
    assert costs.counts[:, 0, -1].tolist() == [1, 1, 0, 0, 0, 0]


def test_missed_costs_recall() -> None:
    costs = costs_of(scene(0, 0), detections([(0, A, 0.9)]))
    missed = ERROR_KINDS.index("missed")
    assert costs.counts[missed, 0].tolist() == [1, 0, 1]
    assert costs.cost[missed, 0, 0] == pytest.approx(50 / 101)


def test_counts_are_at_the_operating_point_and_costs_over_all() -> None:
    found = detections([(0, A, 0.4), (1, FAR, 0.3)])
    low, high = costs_of(scene(0, 0), found), costs_of(scene(0, 0), found, 0.5)
    assert low.counts[:, 0, 0].tolist() == [0, 0, 0, 0, 1, 1]
    assert high.counts[:, 0, 0].tolist() == [0, 0, 0, 0, 0, 2]
    np.testing.assert_array_equal(low.cost, high.cost)


def test_an_ignored_detection_is_no_error() -> None:
    one = clip(truth([(0, A)], ignore=[0]), exhaustive=(True, True))
    costs = costs_of(one, detections([(0, A, 0.9)]))
    assert not costs.counts.any()


def test_rows() -> None:
    one = scene(0, 0)
    golden = golden_set(one, classes=NAMES)
    rows = evaluate(golden, [detections([(0, A, 0.9)])], point(0.5, 0.5, classes=NAMES))
    assert rows.value("ap_cost_missed", "person") == pytest.approx(50 / 101)
    assert rows.value("ap_cost_missed") == pytest.approx(50 / 101)
    assert "no truth boxes of class truck" in rows.reason("ap_cost_missed", "truck")
    none = evaluate(golden, [detections([])], point(0.5, 0.5, classes=NAMES))
    assert "every truth box" in none.reason("ap_cost_missed", "person")
    assert none.value("ap_cost_background", "person") == 0.0
    assert rows.get("ap_cost_both", clip="clip").value == 0.0


@settings(deadline=None, max_examples=150)
@given(drawn(plain=True))
def test_equals_twin(scene: Drawn) -> None:
    at = point(-1.0, -1.0, -1.0, iou=scene.point.iou, classes=CLASSES)
    pool = pooled(scene.golden, scene.detections, scene.matches, at)
    errors = error_table(scene.golden, whole_answers(scene.detections, scene.matches), at, pool)
    costs = error_costs(pool, errors, np.zeros(2, np.int64), 1)
    twin = tide_twin(scene.golden.clips, scene.detections, scene.matches, at)
    before = twin.ap()
    assert costs.counts[:, 0, -1].tolist() == list(twin.counts().values())
    for k, kind in enumerate(ERROR_KINDS):
        after = twin.corrected(kind)
        expected = [
            np.nan if a is None or b is None else a - b
            for a, b in zip([*after, twin.mean(after)], [*before, twin.mean(before)], strict=True)
        ]
        assert costs.cost[k, 0].tolist() == pytest.approx(expected, abs=1e-12, nan_ok=True)
        assert (np.nan_to_num(costs.cost[k, 0, :-1]) >= -1e-12).all()
