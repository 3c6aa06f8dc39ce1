"""Alerts against truth events: raised once, twice, missed, false, and how soon.

An alert fits an event of the same kind when it comes within the event's time, ends included, and
neither its class nor its zone contradicts the event's; what one of the two leaves open fits
anything. Alerts are taken in the order of time. Each raises, of the fitting events that nothing has
raised yet, the one that ends first (ties: starts first, then truth order), which raises as many as
any assignment by time could (Glover 1967, "Maximum matching in a convex bipartite graph"). Where
all fitting events are raised already, it is a duplicate for the one raised last. Where none fits,
it is false.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.metrics.definitions import METRICS
from vbench.metrics.values import Subject, Value, ratio, undefined
from vbench.stats import percentiles
from vbench.types import F64, I64, Alerts, Bool, GoldenSet, TruthEvent

EVENT_NAMES = tuple(name for name, item in METRICS.items() if item.family == "events")


@dataclass(frozen=True, slots=True)
class EventMatches:
    """Which alert raised which event of one clip."""

    first_alert: I64
    """(E,) row of the alert that raised each event, -1 for a missed one."""
    event: I64
    """(N,) event that each alert raised or repeated, -1 for a false one."""
    duplicate: Bool
    """(N,) alerts for an event that was raised already."""


@dataclass(frozen=True, slots=True)
class EventTable:
    """E events and N alerts of a golden set."""

    event_clip: I64
    event_class: I64
    """(E,) -1 for events of no class."""
    start_s: F64
    """(E,) when each event starts."""
    raised: Bool
    repeated: Bool
    """(E,) raised more than once."""
    delay_s: F64
    """(E,) time from the start to the first alert; 0 where there is none."""
    alert_clip: I64
    alert_class: I64
    """(N,) class of the event that was raised or repeated; of a false alert its own; -1 none."""
    alert_s: F64
    """(N,) when each alert was raised."""
    false: Bool
    duplicate: Bool
    duration_s: F64
    """(n_clips,) footage."""


def match_events(
    events: Sequence[TruthEvent], alerts: Alerts, class_names: Sequence[str]
) -> EventMatches:
    """Match the alerts of a clip with its truth events.

    Args:
        events: in any order.
        alerts: of the same clip.
        class_names: the taxonomy's, which `Alerts.class_id` indexes.

    Raises:
        ValueError: an alert or event of a class that the taxonomy lacks.
    """
    if np.any(alerts.class_id >= len(class_names)):
        raise ValueError(f"an alert is of a class outside the taxonomy's {len(class_names)}")
    first_alert = np.full(len(events), -1, np.int64)
    event_of = np.full(len(alerts), -1, np.int64)
    duplicate = np.zeros(len(alerts), np.bool_)
    by_end = sorted(range(len(events)), key=lambda e: (events[e].end_s, events[e].start_s, e))
    for a in range(len(alerts)):
        fitting = [e for e in by_end if _fits(events[e], alerts, a, class_names)]
        opened = [e for e in fitting if first_alert[e] < 0]
        if opened:
            first_alert[opened[0]] = a
            event_of[a] = opened[0]
        elif fitting:
            event_of[a] = max(fitting, key=lambda e: int(first_alert[e]))
            duplicate[a] = True
    return EventMatches(first_alert, event_of, duplicate)


def _fits(event: TruthEvent, alerts: Alerts, a: int, class_names: Sequence[str]) -> bool:
    if not event.start_s <= alerts.time_s[a] <= event.end_s:
        return False
    class_id, zone = int(alerts.class_id[a]), int(alerts.zone[a])
    return (
        alerts.kinds[alerts.kind[a]] == event.kind
        and (event.class_name is None or class_id < 0 or class_names[class_id] == event.class_name)
        and (event.zone is None or zone < 0 or alerts.zones[zone] == event.zone)
    )


def event_table(golden_set: GoldenSet, alerts: Sequence[Alerts]) -> EventTable:
    """Match the alerts of all clips; a clip without an events file has no events.

    Raises:
        ValueError: other numbers of clips than the golden set has, or an unknown class.
    """
    names = golden_set.taxonomy.names
    class_of = {name: k for k, name in enumerate(names)}
    event_clip, event_class, start_s, raised, repeated, delay_s = [], [], [], [], [], []
    alert_clip, alert_class, alert_s, false, duplicate = [], [], [], [], []
    for g, (clip, found) in enumerate(zip(golden_set.clips, alerts, strict=True)):
        table = match_events(clip.events, found, names)
        classes = [
            -1 if event.class_name is None else class_of[event.class_name] for event in clip.events
        ]
        for e, event in enumerate(clip.events):
            first = int(table.first_alert[e])
            event_clip.append(g)
            event_class.append(classes[e])
            start_s.append(event.start_s)
            raised.append(first >= 0)
            repeated.append(bool((table.duplicate & (table.event == e)).any()))
            delay_s.append(float(found.time_s[first]) - event.start_s if first >= 0 else 0.0)
        for a in range(len(found)):
            e = int(table.event[a])
            alert_clip.append(g)
            alert_class.append(classes[e] if e >= 0 else int(found.class_id[a]))
            alert_s.append(float(found.time_s[a]))
            false.append(e < 0)
            duplicate.append(bool(table.duplicate[a]))
    return EventTable(
        event_clip=np.array(event_clip, np.int64),
        event_class=np.array(event_class, np.int64),
        start_s=np.array(start_s, np.float64),
        raised=np.array(raised, np.bool_),
        repeated=np.array(repeated, np.bool_),
        delay_s=np.array(delay_s, np.float64),
        alert_clip=np.array(alert_clip, np.int64),
        alert_class=np.array(alert_class, np.int64),
        alert_s=np.array(alert_s, np.float64),
        false=np.array(false, np.bool_),
        duplicate=np.array(duplicate, np.bool_),
        duration_s=np.array([clip.facts.duration_s for clip in golden_set.clips], np.float64),
    )


def event_values(
    table: EventTable, clips: Bool, class_id: int | None, subject: Subject
) -> list[Value]:
    """The metrics of some clips (n_clips,) and of one class, or of all events together."""
    events, alerts = clips[table.event_clip], clips[table.alert_clip]
    if class_id is not None:
        events = events & (table.event_class == class_id)
        alerts = alerts & (table.alert_class == class_id)
    n, n_alerts = int(events.sum()), int(alerts.sum())
    raised = events & table.raised
    n_raised = int(raised.sum())
    n_false, n_duplicate = int((alerts & table.false).sum()), int((alerts & table.duplicate).sum())
    hours = float(table.duration_s[clips].sum()) / 3600.0
    no_duration = "the footage has no duration"
    delay = table.delay_s[raised]
    if n_raised:
        delays = [
            Value("time_to_alert_s_mean", float(delay.mean()), None, n_raised),
            Value("time_to_alert_s_p95", float(percentiles(delay, [95.0])[0]), None, n_raised),
        ]
    else:
        names = ("time_to_alert_s_mean", "time_to_alert_s_p95")
        delays = undefined(names, f"{subject.lacks('truth event')} was raised")
    return [
        Value("events_raised_once", float((raised & ~table.repeated).sum()), None, n),
        Value("events_missed", float(n - n_raised), None, n),
        Value("duplicate_alerts", float(n_duplicate), None, n_alerts),
        Value("false_alerts", float(n_false), None, n_alerts),
        ratio("event_recall", n_raised, n, n, subject.lacks("truth events")),
        ratio("alert_precision", n_raised, n_alerts, n_alerts, subject.lacks("alerts")),
        *delays,
        ratio("alerts_per_camera_hour", n_alerts, hours, n_alerts, no_duration),
        ratio("false_alerts_per_camera_hour", n_false + n_duplicate, hours, n_alerts, no_duration),
    ]
