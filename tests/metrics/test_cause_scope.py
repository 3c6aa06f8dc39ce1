"""What a gate is about, against the metric rows themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from tests.metrics.causes_scenes import gate, scored
from tests.metrics.drawn import Drawn, drawn
from tests.metrics.scenes import (
    FAR,
    A,
    B,
    C,
    Rows,
    clip,
    detections,
    evaluate,
    golden_set,
    point,
    truth,
)
from vbench.metrics.cause_boxes import ScoredBoxes
from vbench.metrics.cause_scope import (
    COUNTED,
    ERROR_SIDES,
    GateScope,
    Tally,
    counted_value,
    gate_scope,
)
from vbench.metrics.definitions import METRICS
from vbench.types import Slice


def _check_values(
    boxes: ScoredBoxes, rows: Rows, class_name: str | None, clip_id: str | None, slice_: Slice
) -> None:
    for metric in sorted(COUNTED):
        scope = gate_scope(boxes, gate(metric, class_name=class_name, clip=clip_id, slice=slice_))
        expected = rows.get(metric, class_name, clip=clip_id, slice=slice_).value
        found = None if scope is None else counted_value(metric, scope.whole())
        if scope is not None and metric in ("tp", "fp", "fn") and expected is None:
            continue  # Undefined where nothing is annotated; there the count is 0.
        assert found == (None if expected is None else pytest.approx(expected, rel=1e-12)), metric


def _scope(boxes: ScoredBoxes, metric: str) -> GateScope:
    scope = gate_scope(boxes, gate(metric))
    assert scope is not None
    return scope


def _errors(scope: GateScope) -> list[tuple[int, bool]]:
    """Frame of each error, and whether it is a miss."""
    frame, truth_ = scope.frame[scope.error], scope.truth[scope.error]
    return list(zip(frame.tolist(), truth_.tolist(), strict=True))


@settings(deadline=None, max_examples=40)
@given(drawn())
def test_counts_give_the_values_of_the_rows(scene: Drawn) -> None:
    golden, found, _, at = scene.arguments
    rows = evaluate(golden, found, at, ["size", "border"])
    boxes = scored(golden, found, at)
    for class_name in (None, "a", "c"):
        _check_values(boxes, rows, class_name, None, ())
        _check_values(boxes, rows, class_name, "two", ())
        _check_values(boxes, rows, class_name, None, (("size", "small"),))


@settings(deadline=None, max_examples=40)
@given(drawn(plain=True))
def test_leaving_out_a_clip_gives_the_values_of_the_others(scene: Drawn) -> None:
    golden, found, _, at = scene.arguments
    rows = evaluate(replace(golden, clips=golden.clips[1:]), found[1:], at)
    boxes = scored(golden, found, at)
    for metric in sorted(COUNTED):
        scope = _scope(boxes, metric)
        n_frames, duration_s = int(scope.n_frames[0]), float(scope.duration_s[0])
        left = scope.whole().minus(scope.tally(scope.clip == 0, n_frames, duration_s))
        expected = rows.get(metric).value
        found_value = counted_value(metric, left)
        assert found_value == (None if expected is None else pytest.approx(expected)), metric


def test_errors_of_each_side() -> None:
    one = clip(truth([(0, A), (1, B)]), n_frames=4)
    boxes = scored(golden_set(one), [detections([(0, A, 0.9), (2, FAR, 0.9)])], point(0.5))
    names = ("recall", "precision", "f1", "frame_recall", "frame_fpr", "frame_accuracy")
    errors = {name: _errors(_scope(boxes, name)) for name in names}
    miss, alarm = (1, True), (2, False)
    assert errors == {
        "recall": [miss],
        "precision": [alarm],
        "f1": [miss, alarm],
        "frame_recall": [miss],
        "frame_fpr": [alarm],
        "frame_accuracy": [miss, alarm],
    }
    for metric in ("ap_cost_background", "ap_cost_missed"):
        assert len(_errors(_scope(boxes, metric))) == 1, metric
    assert _errors(_scope(boxes, "ap_cost_duplicate")) == []


def test_scope_is_the_class_clip_and_slice_of_the_gate() -> None:
    classes = ("person", "car")
    boxes_of = truth([(0, A), (0, C), (1, C)], class_id=[0, 1, 0])
    clips = [
        clip(boxes_of, id=name, tags=(("daypart", name),), exhaustive=(True, True))
        for name in ("day", "night")
    ]
    at = point(0.5, 0.5, classes=classes)
    boxes = scored(golden_set(*clips, classes=classes), [detections([])] * 2, at)

    def rows(**where: object) -> list[tuple[int, int]]:
        scope = gate_scope(boxes, gate("recall", **where))  # type: ignore[arg-type]
        assert scope is not None
        return list(zip(scope.clip.tolist(), scope.frame.tolist(), strict=True))

    assert rows() == [(0, 0), (0, 0), (0, 1), (1, 0), (1, 0), (1, 1)]
    assert rows(class_name="car") == [(0, 0), (1, 0)]
    assert rows(clip="night") == [(1, 0), (1, 0), (1, 1)]
    assert rows(slice=(("daypart", "day"),)) == [(0, 0), (0, 0), (0, 1)]
    assert rows(slice=(("daypart", "day"), ("size", "large"))) == [(0, 0), (0, 1)]
    assert rows(slice=(("weather", "rain"),)) == []
    assert gate_scope(boxes, gate("frame_recall", slice=(("size", "large"),))) is None


def test_false_alarms_that_cannot_be_known_are_no_errors_of_precision() -> None:
    known = clip(truth([(0, A)]), id="known")
    unknown = clip(truth([(0, A)]), id="unknown", exhaustive=(False,))
    found = [detections([(0, A, 0.9), (1, FAR, 0.9)])] * 2
    boxes = scored(golden_set(known, unknown), found, point(0.5))
    assert _scope(boxes, "fp_per_frame").whole() == Tally(
        found=1, false=1, missed=0, n_frames=4, duration_s=4.0
    )
    assert _scope(boxes, "recall").whole().found == 2


def test_every_metric_with_errors_is_defined() -> None:
    assert set(ERROR_SIDES) <= set(METRICS)
    assert set(ERROR_SIDES) >= COUNTED
    boxes = scored(golden_set(clip(truth([(0, A)]))), [detections([])], point(0.5))
    for metric in METRICS:
        scope = gate_scope(boxes, gate(metric))
        assert (scope is None) == (metric not in ERROR_SIDES)
        if scope is not None:
            assert np.all(np.diff(scope.clip) >= 0)
