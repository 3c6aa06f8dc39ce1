"""Alerts against truth events by hand, and against the best possible assignment."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.scenes import A, Rows, clip, detections, golden_set, point, table, truth
from vbench.metrics.evaluate import evaluate_pipeline
from vbench.metrics.events import EVENT_NAMES, match_events
from vbench.types import Alerts, Clip, TruthEvent, whole_answers

CLASSES = ("person", "forklift")
KINDS, ZONES = ("enter", "loiter"), ("gate", "dock")
Raised = tuple[float, str, str | None, str | None]


def event(
    start_s: float,
    end_s: float,
    kind: str = "enter",
    class_name: str | None = None,
    zone: str | None = None,
) -> TruthEvent:
    return TruthEvent(kind, start_s, end_s, class_name, zone)


def alerts(*rows: float | Raised) -> Alerts:
    """Times, or (time, kind, class, zone)."""
    full: list[Raised] = [
        row if isinstance(row, tuple) else (row, "enter", None, None) for row in rows
    ]
    return Alerts(
        time_s=np.array([row[0] for row in full], np.float64),
        kind=np.array([KINDS.index(row[1]) for row in full], np.int64),
        class_id=np.array(
            [-1 if row[2] is None else CLASSES.index(row[2]) for row in full], np.int64
        ),
        zone=np.array([-1 if row[3] is None else ZONES.index(row[3]) for row in full], np.int64),
        kinds=KINDS,
        zones=ZONES,
    )


def test_once_twice_missed_false() -> None:
    events = [event(0, 2), event(5, 7), event(10, 12)]
    found = match_events(events, alerts(1.0, 1.5, 4.0, 6.0), CLASSES)
    assert found.first_alert.tolist() == [0, 3, -1]
    assert found.event.tolist() == [0, 0, -1, 1]
    assert found.duplicate.tolist() == [False, True, False, False]


def test_the_ends_belong_to_the_event() -> None:
    found = match_events([event(1, 2), event(5, 6)], alerts(1.0, 6.0), CLASSES)
    assert found.event.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("row", "fits"),
    [
        ((1.0, "enter", "person", "gate"), True),
        ((1.0, "enter", None, None), True),
        ((1.0, "loiter", "person", "gate"), False),
        ((1.0, "enter", "forklift", "gate"), False),
        ((1.0, "enter", "person", "dock"), False),
    ],
)
def test_kind_class_and_zone(row: Raised, fits: bool) -> None:
    events = [event(0, 2, "enter", "person", "gate")]
    assert match_events(events, alerts(row), CLASSES).event.tolist() == [0 if fits else -1]


def test_an_event_of_no_class_takes_any() -> None:
    row = (1.0, "enter", "forklift", "dock")
    assert match_events([event(0, 2)], alerts(row), CLASSES).event.tolist() == [0]


def test_overlapping_events_are_all_raised_where_possible() -> None:
    """The first alert must take the event that ends first, though the other began earlier."""
    found = match_events([event(0, 10), event(1, 3)], alerts(2.0, 8.0), CLASSES)
    assert found.first_alert.tolist() == [1, 0]
    assert not found.duplicate.any()


def test_a_duplicate_belongs_to_the_event_raised_last() -> None:
    found = match_events([event(0, 10), event(4, 8)], alerts(1.0, 5.0, 6.0), CLASSES)
    assert found.event.tolist() == [0, 1, 1]
    assert found.duplicate.tolist() == [False, False, True]


def test_an_unknown_class_is_refused() -> None:
    with pytest.raises(ValueError, match="outside the taxonomy"):
        match_events([], alerts((0.0, "enter", "forklift", None)), CLASSES[:1])


def most_raised(events: list[TruthEvent], times: list[float]) -> int:
    """Try every order of giving alerts to events."""
    best = 0
    for order in permutations(range(len(events))):
        free = list(times)
        n = 0
        for e in order:
            fitting = [t for t in free if events[e].start_s <= t <= events[e].end_s]
            if fitting:
                free.remove(min(fitting))
                n += 1
        best = max(best, n)
    return best


@settings(deadline=None, max_examples=200, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 4)), max_size=4),
    st.lists(st.integers(0, 12), max_size=5),
)
def test_as_many_are_raised_as_any_assignment_could(
    spans: list[tuple[int, int]], times: list[int]
) -> None:
    events = [event(start, start + length) for start, length in spans]
    ordered = sorted(float(time) for time in times)
    found = match_events(events, alerts(*ordered), CLASSES)
    assert int((found.first_alert >= 0).sum()) == most_raised(events, ordered)
    first = found.first_alert[found.first_alert >= 0].tolist()
    assert len(set(first)) == len(first)
    fits = [any(e.start_s <= time <= e.end_s for e in events) for time in ordered]
    assert (found.event >= 0).tolist() == fits
    assert int(found.duplicate.sum()) == sum(fits) - len(first)


def with_events(name: str, *events: TruthEvent) -> Clip:
    one = clip(truth([(0, A)]), id=name, n_frames=36, fps=1.0, exhaustive=(True, True))
    return replace(one, events=events)


def evaluated(clips: list[Clip], found: list[Alerts] | None) -> Rows:
    boxes = [detections([(0, A, 0.9)])] * len(clips)
    golden = golden_set(*clips, classes=CLASSES)
    tables = [table(one, part) for one, part in zip(clips, boxes, strict=True)]
    at = point(0.3, 0.3, classes=CLASSES)
    answers = whole_answers(boxes, tables)
    return Rows(evaluate_pipeline(golden, "pipe", answers, at, alerts=found).metrics)


def test_rows() -> None:
    one = with_events("one", event(0, 4, class_name="person"), event(10, 14), event(20, 24))
    two = with_events("two", event(0, 9, class_name="forklift"))
    found = [alerts(1.0, 2.0, 13.0, 30.0), alerts((4.0, "enter", "forklift", None))]
    rows = evaluated([one, two], found)
    assert rows.value("events_raised_once") == 2
    assert rows.value("events_missed") == 1
    assert rows.value("duplicate_alerts") == 1
    assert rows.value("false_alerts") == 1
    assert rows.value("event_recall") == pytest.approx(3 / 4)
    assert rows.value("alert_precision") == pytest.approx(3 / 5)
    assert rows.value("time_to_alert_s_mean") == pytest.approx((1 + 3 + 4) / 3)
    assert rows.value("time_to_alert_s_p95") == pytest.approx(3.9)
    assert rows.value("alerts_per_camera_hour") == pytest.approx(5 / (72 / 3600))
    assert rows.value("false_alerts_per_camera_hour") == pytest.approx(2 / (72 / 3600))
    assert rows.value("event_recall", "forklift") == 1.0
    # A duplicate is of the class of its event, though the alert names none.
    assert rows.value("duplicate_alerts", "person") == 1
    assert rows.value("false_alerts", "person") == 0
    assert rows.value("events_missed", clip="one") == 1
    assert rows.value("time_to_alert_s_mean", clip="two") == 4.0
    assert rows.reason("time_to_alert_s_mean", "forklift", clip="one") == (
        "no truth event of class forklift in clip one was raised"
    )


def test_nothing_happens_and_nothing_is_raised() -> None:
    rows = evaluated([with_events("quiet")], [Alerts.empty()])
    assert rows.value("alerts_per_camera_hour") == 0.0
    assert rows.value("false_alerts") == 0.0
    assert rows.reason("event_recall") == "no truth events"
    assert rows.reason("alert_precision") == "no alerts"


def test_a_pipeline_without_rules_has_no_event_rows() -> None:
    names = {metric.name for metric in evaluated([with_events("one", event(0, 1))], None).metrics}
    assert not names & set(EVENT_NAMES)


def test_alerts_of_every_clip_are_needed() -> None:
    with pytest.raises(ValueError, match="shorter"):
        evaluated([with_events("one"), with_events("two")], [Alerts.empty()])
