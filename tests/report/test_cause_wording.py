"""Causes in sentences."""

from __future__ import annotations

from vbench.report.cause_wording import cause_sentences
from vbench.types import Cause

_FPS = {"dock3-night": 20.0}


def test_every_kind_of_cause() -> None:
    causes = [
        Cause("clip", "dock3-night", None, 50, 0.5, 0.91),
        Cause("clip", "dock2-night", None, 20, 0.2, 0.85),
        Cause("clip", "gate-1", None, 25, 0.25, 0.84),
        Cause("slice", "daypart=night", None, 83, 0.83, 0.9512),
        Cause("size", "size=small", None, 71, 0.71, 0.93),
        Cause("size", "size=large", None, 29, 0.29, 0.86),
        Cause("error", "missed", None, 60, 0.6, 0.9),
        Cause("error", "low_score", None, 40, 0.4, 0.88),
        Cause("stretch", "dock3-night", (1830, 1912), 31, 0.31, 0.87),
        Cause("stretch", "gate-1", (3, 9), 10, 0.1, 0.86),
    ]
    assert cause_sentences(causes, "recall", 14, _FPS) == (
        "3 of 14 clips hold 95 % of the missed objects: dock3-night, gate-1 and dock2-night",
        "slice daypart=night holds 83 % of the missed objects; without it recall would be 0.951",
        "71 % of the missed objects are small (under 32 px a side)",
        "of the missed objects 60 % not detected at all, 40 % scored below the threshold",
        "densest: dock3-night, frames 1830-1912 (91.5 s to 95.7 s), 31 % of the missed objects;"
        " gate-1, frames 3-9, 10 % of the missed objects",
    )


def test_clips_are_named_until_they_hold_most() -> None:
    causes = [
        Cause("clip", "a", None, 85, 0.85, 0.91),
        Cause("clip", "b", None, 10, 0.1, 0.85),
    ]
    assert cause_sentences(causes, "precision", 5, {}) == (
        "1 of 5 clips holds 85 % of the false alarms: a; without it precision would be 0.910",
    )


def test_errors_that_the_baseline_does_not_have() -> None:
    causes = [Cause("slice", "daypart=night", None, 12, 1.0, 0.9)]
    assert cause_sentences(causes, "frame_recall", 5, {}, new_only=True) == (
        "slice daypart=night holds 100 % of the new frames that were missed; with them corrected"
        " frame recall would be 0.900",
    )


def test_what_is_slow() -> None:
    causes = [
        Cause("clip", "dock3-night", None, None, None, 22.04),
        Cause("stretch", "dock3-night", (0, 19), None, None, 25.0),
    ]
    assert cause_sentences(causes, "latency_ms_p95", 2, _FPS) == (
        "slowest: clip dock3-night; without it latency p95 would be 22.0 ms",
        "slowest: dock3-night, frames 0-19 (0.0 s to 1.0 s)",
    )
    assert cause_sentences(causes[:1], "mean_iou", 2, _FPS)[0].startswith("worst: clip dock3")


def test_no_causes_no_sentences() -> None:
    assert cause_sentences((), "recall", 14, {}) == ()
    assert cause_sentences((), "no_such_metric", 14, {}) == ()
