"""Events and alerts under resampling: each belongs to where its time is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.kernels.resampled_percentiles import resampled_percentiles
from vbench.metrics.events import EventTable
from vbench.metrics.object_blocks import per
from vbench.metrics.resampled import Replicate
from vbench.types import F64, I32, I64, Bool, GoldenSet


@dataclass(frozen=True, slots=True)
class EventUnits:
    """Units of footage, blocks or clips, of the events and alerts of a golden set."""

    of_event: I64
    """(E,) where the event starts, -1 outside the scope."""
    of_alert: I64
    """(N,) where the alert was raised, -1 outside the scope."""
    hours: F64
    """(U,) footage."""


def event_units(
    table: EventTable, golden_set: GoldenSet, unit_of_frame: Sequence[I32], n_units: int
) -> EventUnits:
    """Look up where events start and alerts are raised, at each clip's mean frame rate.

    A time before the first frame belongs to that frame, one past the last to the last.

    Args:
        table: of the golden set.
        golden_set: whose clips have frames.
        unit_of_frame: per clip (F,) the unit of each frame, block or clip, as `Blocks.of_frame`;
            -1 outside the scope.
        n_units: how many units there are.
    """
    of_event = np.full(len(table.event_clip), -1, np.int64)
    of_alert = np.full(len(table.alert_clip), -1, np.int64)
    hours = np.zeros(n_units)
    for g, (clip, units) in enumerate(zip(golden_set.clips, unit_of_frame, strict=True)):
        n_frames, duration_s = clip.facts.n_frames, clip.facts.duration_s
        rate = n_frames / duration_s if duration_s > 0 else 0.0
        for unit, of_clip, time_s in (
            (of_event, table.event_clip == g, table.start_s),
            (of_alert, table.alert_clip == g, table.alert_s),
        ):
            frame = np.clip(np.floor(time_s[of_clip] * rate), 0, n_frames - 1)
            unit[of_clip] = units[frame.astype(np.int64)]
        inside = units[units >= 0]
        hours += np.bincount(inside, minlength=n_units) * (duration_s / n_frames / 3600.0)
    return EventUnits(of_event, of_alert, hours)


def event_replicates(
    table: EventTable, units: EventUnits, class_id: int | None, weights: F64
) -> list[Replicate]:
    """The metrics of one class, or of all events together, under resampling, as `event_values`.

    Args:
        table: of a golden set.
        units: where its events and alerts are.
        class_id: None for all, those of no class included.
        weights: (B, U) how often each unit is drawn.
    """
    events, alerts = units.of_event >= 0, units.of_alert >= 0
    if class_id is not None:
        events = events & (table.event_class == class_id)
        alerts = alerts & (table.alert_class == class_id)
    raised = events & table.raised

    def count(unit: I64, rows: Bool) -> I64:
        return np.bincount(unit[rows], minlength=len(units.hours))

    columns = np.column_stack(
        [
            count(units.of_event, events),
            count(units.of_event, raised),
            count(units.of_event, raised & ~table.repeated),
            count(units.of_alert, alerts),
            count(units.of_alert, alerts & table.false),
            count(units.of_alert, alerts & table.duplicate),
            np.bincount(
                units.of_event[raised], weights=table.delay_s[raised], minlength=len(units.hours)
            ),
            units.hours,
        ]
    ).astype(np.float64)
    n, n_raised, once, n_alerts, false, duplicate, delay_s, hours = (weights @ columns).T
    of_n, of_raised, _, of_alerts, _, _, _, of_hours = columns.T
    p95 = resampled_percentiles(
        table.delay_s[raised], units.of_event[raised].astype(np.int32), weights, [95.0]
    )[0]
    return [
        Replicate("events_raised_once", once, of_n),
        Replicate("events_missed", n - n_raised, of_n),
        Replicate("duplicate_alerts", duplicate, of_hours),
        Replicate("false_alerts", false, of_hours),
        Replicate("event_recall", per(n_raised, n), of_n),
        Replicate("alert_precision", per(n_raised, n_alerts), of_alerts),
        Replicate("time_to_alert_s_mean", per(delay_s, n_raised), of_raised),
        Replicate("time_to_alert_s_p95", p95, of_raised),
        Replicate("alerts_per_camera_hour", per(n_alerts, hours), of_hours),
        Replicate("false_alerts_per_camera_hour", per(false + duplicate, hours), of_hours),
    ]
