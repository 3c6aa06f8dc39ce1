"""Definitions of the metrics that only video has: objects over time, and events."""

from __future__ import annotations

from vbench.metrics.definition import MetricDefinition

_FOUND = "found: matched by a detection at the operating point, whatever its track"
_PRESENT = "time counts while the object is in the truth"

TIME_DEFINITIONS = (
    MetricDefinition(
        "first_detection_s_mean",
        "time",
        "s",
        "lower",
        "How long an object is there before it is found for the first time, on average.",
        f"mean over truth tracks that are ever found; {_FOUND}; {_PRESENT}",
    ),
    MetricDefinition(
        "first_detection_s_p95",
        "time",
        "s",
        "lower",
        "19 of 20 objects that are found at all are found within this time.",
        f"95th percentile over truth tracks that are ever found; {_FOUND}; {_PRESENT}",
    ),
    MetricDefinition(
        "longest_gap_s_mean",
        "time",
        "s",
        "lower",
        "How long an average object that was found is then overlooked at worst.",
        "mean over truth tracks that are ever found of the longest run of missed boxes after the"
        f" first found one; {_PRESENT}",
    ),
    MetricDefinition(
        "longest_gap_s_max",
        "time",
        "s",
        "lower",
        "The longest time for which an object that had been found was overlooked.",
        "maximum over truth tracks that are ever found of the longest run of missed boxes after"
        f" the first found one; {_PRESENT}",
    ),
    MetricDefinition(
        "flicker_per_object_minute",
        "time",
        "1/object-minute",
        "lower",
        "How often the detection of an object that is there goes out and comes back, per minute.",
        "runs of missed boxes between two found ones / minutes that truth tracks are there",
    ),
    MetricDefinition(
        "never_seen_share",
        "time",
        "ratio",
        "lower",
        "Share of the objects that were never found, not even once.",
        "truth tracks of which no box is found / truth tracks",
    ),
    MetricDefinition(
        "box_jitter",
        "time",
        "ratio",
        "lower",
        "How much a box trembles around its object from frame to frame, in sizes of the object.",
        "mean of |change of an edge's offset from its truth edge| / truth width or height, over the"
        " four edges and all neighbouring annotated frames in which the same object is found;"
        " offsets as in Zhang and Wang 2016 (arXiv:1611.06467), taken from frame to frame so that"
        " a constant offset is no jitter",
    ),
)

EVENT_DEFINITIONS = (
    MetricDefinition(
        "events_raised_once",
        "events",
        "count",
        "higher",
        "Events for which exactly one alert was raised.",
        "truth events with one fitting alert and no duplicate",
    ),
    MetricDefinition(
        "events_missed",
        "events",
        "count",
        "lower",
        "Events for which no alert was raised.",
        "truth events without a fitting alert",
    ),
    MetricDefinition(
        "duplicate_alerts",
        "events",
        "count",
        "lower",
        "Alerts for an event that had been raised already.",
        "alerts that fit raised events only",
    ),
    MetricDefinition(
        "false_alerts",
        "events",
        "count",
        "lower",
        "Alerts for something that did not happen.",
        "alerts that fit no truth event",
    ),
    MetricDefinition(
        "event_recall",
        "events",
        "ratio",
        "higher",
        "Of all events, the share for which an alert was raised.",
        "raised events / truth events",
    ),
    MetricDefinition(
        "alert_precision",
        "events",
        "ratio",
        "higher",
        "Of all alerts, the share that told of an event for the first time.",
        "raised events / alerts",
    ),
    MetricDefinition(
        "time_to_alert_s_mean",
        "events",
        "s",
        "lower",
        "How long after the start of an event its alert comes, on average.",
        "mean over raised events of the time from the event's start to its first alert",
    ),
    MetricDefinition(
        "time_to_alert_s_p95",
        "events",
        "s",
        "lower",
        "19 of 20 raised events are told of within this time.",
        "95th percentile over raised events of the time from the event's start to its first alert",
    ),
    MetricDefinition(
        "alerts_per_camera_hour",
        "events",
        "1/camera-hour",
        "neither",
        "Alerts that one camera gives in one hour of footage, right or wrong.",
        "alerts / hours of footage",
    ),
    MetricDefinition(
        "false_alerts_per_camera_hour",
        "events",
        "1/camera-hour",
        "lower",
        "Alerts for nothing or twice for the same that one camera gives in one hour of footage.",
        "(false + duplicate alerts) / hours of footage",
    ),
)
