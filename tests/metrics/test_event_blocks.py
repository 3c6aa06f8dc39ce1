"""Events and alerts under resampling, against plain values of clips repeated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.scenes import clip, detections, golden_set, point, table, truth
from tests.metrics.tracked import ALL, Drawn, check_values, cut, drawn, rows_over, whole_clips
from vbench.metrics.blocks import make_blocks
from vbench.metrics.evaluate import evaluate_pipeline
from vbench.metrics.event_blocks import event_replicates, event_units
from vbench.metrics.events import EVENT_NAMES, event_table, event_values
from vbench.metrics.resampling import Resampling
from vbench.metrics.values import Value
from vbench.types import Alerts, TruthEvent, whole_answers

SEEDS = st.integers(0, 10**6)
CLASS_IDS = (None, 0, 1)


def plain_values(scene: Drawn, class_id: int | None) -> list[Value]:
    table = event_table(scene.golden, scene.alerts)
    return event_values(table, np.ones(len(scene.clips), np.bool_), class_id, ALL)


@settings(deadline=None, max_examples=40, derandomize=True)
@given(SEEDS)
def test_unit_weights_give_the_values(seed: int) -> None:
    scene = drawn(seed)
    blocks = cut(np.random.default_rng(seed), scene.clips)
    table = event_table(scene.golden, scene.alerts)
    units = event_units(table, scene.golden, blocks.of_frame, len(blocks))
    assert blocks.clip[units.of_event].tolist() == table.event_clip.tolist()
    assert blocks.clip[units.of_alert].tolist() == table.alert_clip.tolist()
    for members in ([1, 1, 1], [0, 1, 0]):
        for class_id in CLASS_IDS:
            replicates = event_replicates(table, units, class_id, rows_over(blocks, members))
            assert [one.name for one in replicates] == list(EVENT_NAMES)
            check_values(replicates, plain_values(scene.repeated(members), class_id))


@settings(deadline=None, max_examples=40, derandomize=True)
@given(SEEDS, st.lists(st.integers(0, 3), min_size=3, max_size=3).filter(any))
def test_weights_stand_for_clips_repeated(seed: int, times: list[int]) -> None:
    scene = drawn(seed)
    table = event_table(scene.golden, scene.alerts)
    units = event_units(table, scene.golden, whole_clips(scene.clips), 3)
    weights = np.array([[1, 1, 1], times], np.float64)
    for class_id in CLASS_IDS:
        replicates = event_replicates(table, units, class_id, weights)
        check_values(replicates, plain_values(scene.repeated(times), class_id), row=1)


def test_three_events_in_three_clips_have_no_interval() -> None:
    """One event in each clip: Student's t with one degree of freedom gave 0 to 3 million."""
    enter = (TruthEvent("enter", 100.0, 110.0, None, None),)
    clips = [
        replace(clip(truth([]), id=f"clip{g}", n_frames=600, fps=2.0), events=enter)
        for g in range(3)
    ]
    golden = golden_set(*clips)
    empty = [detections([])] * 3
    tables = [table(one, part) for one, part in zip(clips, empty, strict=True)]
    rows = evaluate_pipeline(
        golden,
        "pipe",
        whole_answers(empty, tables),
        point(0.3),
        alerts=[Alerts.empty()] * 3,
        resampling=Resampling(make_blocks(golden, 20), 1000, 0, 0.95),
    ).metrics
    (missed,) = (
        row for row in rows if (row.name, row.class_name, row.clip) == ("events_missed", None, None)
    )
    assert missed.value == 3
    assert missed.interval is None
    assert missed.no_interval == (
        "too little footage: it rests on 3 blocks, and could as well be more than 1,000 times as"
        " much"
    )


def test_where_times_are() -> None:
    """Ten frames at 2 per second; blocks of five frames, the first 2.5 s."""
    events = (TruthEvent("enter", 2.4, 3.0, None, None), TruthEvent("enter", 2.5, 9.0, None, None))
    one = replace(clip(truth([]), n_frames=10, fps=2.0), events=events)
    time_s = np.array([-0.1, 0.0, 4.9, 5.0, 60.0])
    none = np.full(5, -1, np.int64)
    alerts = Alerts(time_s, np.zeros(5, np.int64), none, none, ("enter",), ())
    golden = golden_set(one)
    table = event_table(golden, [alerts])
    of_frame = [np.repeat([0, 1], 5).astype(np.int32)]
    units = event_units(table, golden, of_frame, 2)
    assert units.of_event.tolist() == [0, 1]
    assert units.of_alert.tolist() == [0, 0, 1, 1, 1]
    assert (units.hours * 3600).tolist() == pytest.approx([2.5, 2.5])
    outside = event_units(table, golden, [np.full(10, -1, np.int32)], 2)
    assert (outside.of_event < 0).all()
    assert not outside.hours.any()


def test_support_is_what_the_value_rests_on() -> None:
    scene = drawn(3)
    table = event_table(scene.golden, scene.alerts)
    units = event_units(table, scene.golden, whole_clips(scene.clips), 3)
    support = {
        one.name: one.support for one in event_replicates(table, units, None, np.ones((1, 3)))
    }
    assert support["event_recall"].tolist() == np.bincount(table.event_clip, minlength=3).tolist()
    n_alerts = np.bincount(table.alert_clip, minlength=3)
    assert support["alert_precision"].tolist() == n_alerts.tolist()
    # How many alerts there could have been is a matter of footage.
    assert support["false_alerts"].tolist() == units.hours.tolist()
