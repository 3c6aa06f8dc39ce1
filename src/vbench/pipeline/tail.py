"""What follows detection: identities over time, and the alerts that rules raise."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter_ns

from vbench.pipeline.stage import Rule, Tracker
from vbench.types.alerts import Alert
from vbench.types.frame_detections import FrameDetections
from vbench.types.golden import Clip


class Tail:
    """A pipeline's tracker and rules, in order."""

    def __init__(self, tracker: Tracker | None, rules: Sequence[Rule]) -> None:
        """Put the parts together."""
        self._tracker = tracker
        self._rules = tuple(rules)
        self._alerts: list[Alert] = []

    def __bool__(self) -> bool:
        return self._tracker is not None or bool(self._rules)

    def begin_clip(self, clip: Clip) -> None:
        """Forget the clip before."""
        self._alerts = []
        if self._tracker is not None:
            self._tracker.begin_clip(clip)
        for rule in self._rules:
            rule.begin_clip(clip)

    def __call__(
        self, frame_index: int, time_s: float, found: FrameDetections
    ) -> tuple[FrameDetections, tuple[int, ...]]:
        """Detections with identities, and how many ns the tracker and each rule took."""
        durations_ns = []
        began_ns = perf_counter_ns()
        if self._tracker is not None:
            found = self._tracker.update(frame_index, found)
            durations_ns.append(perf_counter_ns() - began_ns)
        for rule in self._rules:
            began_ns = perf_counter_ns()
            self._alerts.extend(rule.update(time_s, found))
            durations_ns.append(perf_counter_ns() - began_ns)
        return found, tuple(durations_ns)

    def alerts(self) -> Sequence[Alert] | None:
        """What was raised on this clip; None for a pipeline without rules."""
        return self._alerts if self._rules else None
