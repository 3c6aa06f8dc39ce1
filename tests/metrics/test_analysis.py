"""What a reader looks at to find out why, and the rows that come from it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from tests.metrics.drawn import CLASSES, Drawn, drawn
from tests.metrics.scenes import (
    FAR,
    A,
    B,
    clip,
    detections,
    evaluate,
    golden_set,
    point,
    table,
    truth,
)
from vbench.metrics.analysis import ANALYSIS_NAMES, analyse_detections, analysis_of
from vbench.metrics.definitions import METRICS
from vbench.metrics.error_kinds import ERROR_KINDS, error_table
from vbench.metrics.pool import pooled
from vbench.metrics.scopes import partitions
from vbench.types import whole_answers


@settings(deadline=None, max_examples=60)
@given(drawn())
def test_rows_say_what_the_analysis_says(scene: Drawn) -> None:
    found = analyse_detections(*scene.arguments)
    rows = evaluate(scene.golden, scene.detections, scene.point)
    for column, name in enumerate((*CLASSES, None)):
        curve = found.curves[(column + 1) % 4]
        scores = found.reliability[(column + 1) % 4]
        assert curve.class_name == scores.class_name == name
        ece = rows.get("ece", name)
        if ece.value is not None:
            assert ece.value == scores.expected_calibration_error()
        for k, kind in enumerate(ERROR_KINDS):
            row = rows.get(f"ap_cost_{kind}", name)
            cost = float(found.costs.cost[k, 0, column])
            assert (row.value is None) == np.isnan(cost), row
            if row.value is not None:
                assert row.value == cost
    ap = found.costs.ap[0, -1]
    if scene.point.iou == 0.5:
        ours = rows.get("ap50").value
        assert ap == pytest.approx(np.nan if ours is None else ours, nan_ok=True)


def test_rows_of_clips_and_slices_are_about_their_footage() -> None:
    day = clip(truth([(0, A), (1, B)]), id="one", tags=(("daypart", "day"),))
    night = clip(truth([(0, A)]), id="two", tags=(("daypart", "night"),))
    golden = golden_set(day, night)
    found = [detections([(0, A, 0.9), (1, B, 0.6)]), detections([(0, FAR, 0.8), (0, A, 0.7)])]
    rows = evaluate(golden, found, point(0.5), ["daypart", "size"])
    for name in ANALYSIS_NAMES:
        of_day = rows.get(name, "person", slice=(("daypart", "day"),)).value
        assert of_day == rows.get(name, "person", clip="one").value
    assert rows.value("ap_cost_background", clip="two") == pytest.approx(0.5)
    assert rows.value("ap_cost_background", clip="one") == 0.0
    assert rows.value("ece", clip="one") == pytest.approx((0.1 + 0.4) / 2)
    assert ("ece", None, None, (("size", "small"),)) not in {
        (row.name, row.class_name, row.clip, row.slice) for row in rows.metrics
    }


def test_without_annotated_frames_nothing_is_said() -> None:
    golden = golden_set(clip(truth([(0, A)]), annotated=np.zeros(4, np.bool_)))
    rows = evaluate(golden, [detections([(0, A, 0.9)])], point(0.5))
    for name in ANALYSIS_NAMES:
        assert rows.reason(name) == "no annotated frames"


def test_a_slice_of_boxes_is_refused() -> None:
    golden, found = golden_set(clip(truth([(0, A)]))), [detections([(0, A, 0.9)])]
    tables = [table(golden.clips[0], found[0])]
    pool = pooled(golden, found, tables, point(0.5))
    by_size = list(partitions(golden, whole_answers(found, tables), pool, ["size"]))[-1]
    errors = error_table(golden, whole_answers(found, tables), point(0.5), pool)
    with pytest.raises(ValueError, match="whole clips"):
        analysis_of(pool, by_size, errors, ("person",))


def test_every_name_is_defined() -> None:
    assert {METRICS[name].family for name in ANALYSIS_NAMES} == {"calibration", "error cost"}
    assert [f"ap_cost_{kind}" for kind in ERROR_KINDS] == list(ANALYSIS_NAMES[1:])
