"""Score curves: by hand, against counting, and against the metric rows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings

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
from vbench.metrics.curves import ScoreCurve, score_curves
from vbench.metrics.pool import pooled

ONE = clip(truth([(0, A), (1, A), (2, B), (3, C)]), n_frames=4, fps=1.0)
FOUND = detections([(0, A, 0.9), (1, FAR, 0.8), (1, A, 0.8), (2, B, 0.4), (3, FAR, 0.2)])


def curve() -> ScoreCurve:
    golden, at = golden_set(ONE), point(0.5)
    pool = pooled(golden, [FOUND], [table(ONE, FOUND)], at)
    both = score_curves(pool, ("person",), pool.operating_row)
    assert [one.class_name for one in both] == [None, "person"]
    assert both[0].tp.tolist() == both[1].tp.tolist()
    return both[1]


def test_points_by_hand() -> None:
    one = curve()
    assert one.scores.tolist() == [0.9, 0.8, 0.4, 0.2]
    assert one.tp.tolist() == [1, 2, 3, 3]
    assert one.fp.tolist() == [0, 1, 1, 2]
    assert one.recall.tolist() == [0.25, 0.5, 0.75, 0.75]
    assert one.precision.tolist() == [1.0, 2 / 3, 0.75, 0.6]
    assert one.f1.tolist() == pytest.approx([2 / 5, 4 / 7, 6 / 8, 6 / 9])
    assert one.fp_per_frame.tolist() == [0.0, 0.25, 0.25, 0.5]
    assert one.fp_per_camera_hour.tolist() == [0.0, 900.0, 900.0, 1800.0]
    assert one.best_f1() == (0.4, 0.75)


def test_at_other_thresholds() -> None:
    at = curve().at(np.array([1.0, 0.9, 0.85, 0.8, 0.1]))
    assert at.tp.tolist() == [0, 1, 1, 2, 3]
    assert at.fp.tolist() == [0, 0, 0, 1, 2]
    assert math.isnan(at.precision[0])
    assert at.f1[0] == 0.0


def test_no_truth_and_no_detections() -> None:
    empty = clip(truth([]))
    found = detections([(0, A, 0.5)])
    pool = pooled(golden_set(empty), [found], [table(empty, found)], point(0.5))
    one = score_curves(pool, ("person",), pool.operating_row)[1]
    assert np.isnan(one.recall).all()
    assert one.precision.tolist() == [0.0]
    assert one.best_f1() is None
    none = detections([])
    pool = pooled(golden_set(ONE), [none], [table(ONE, none)], point(0.5))
    one = score_curves(pool, ("person",), pool.operating_row)[1]
    assert len(one) == 0
    assert one.best_f1() is None
    assert one.at(np.array([0.5])).recall.tolist() == [0.0]


def test_thresholds_must_fall() -> None:
    one = curve()
    with pytest.raises(ValueError, match="not descending"):
        one.at(np.array([0.1, 0.2]))


@settings(deadline=None, max_examples=60)
@given(drawn())
def test_equals_the_rows_at_every_threshold(scene: Drawn) -> None:
    pool = scene.pool
    for curve in score_curves(pool, CLASSES, pool.operating_row):
        for score in (0.0, 0.3, 0.35, 0.7):
            at = curve.at(np.array([score]))
            same = point(score, score, score, iou=scene.point.iou, classes=CLASSES)
            rows = evaluate(scene.golden, scene.detections, same)
            for name in ("recall", "precision", "f1", "fp_per_frame", "fp_per_camera_hour"):
                row = rows.get(name, curve.class_name)
                value = float(getattr(at, name)[0])
                if row.value is None:
                    # Rows without annotated frames say nothing at all.
                    assert math.isnan(value) or "annotated" in str(row.reason), name
                else:
                    assert value == pytest.approx(row.value, abs=1e-12), name
