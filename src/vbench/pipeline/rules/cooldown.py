"""Alerts of one rule, and the time after each in which no other one is raised."""

from __future__ import annotations

from vbench.pipeline.rules.stays import TOLERANCE_S
from vbench.types.alerts import Alert


class Cooldown:
    """Makes a rule's alerts, at most one per class in `cooldown_s`.

    An alert that comes too early is suppressed for good, not delayed; it does not prolong the wait.
    """

    def __init__(self, kind: str, zone: str | None, cooldown_s: float) -> None:
        """Nothing was raised yet."""
        self._kind = kind
        self._zone = zone
        self._cooldown_s = cooldown_s
        self._last_s: dict[int, float] = {}

    def begin_clip(self) -> None:
        """Forget every alert."""
        self._last_s = {}

    def alert(self, time_s: float, class_id: int) -> tuple[Alert, ...]:
        """The alert, or nothing where one of the class was raised too shortly before."""
        last_s = self._last_s.get(class_id)
        if last_s is not None and time_s - last_s < self._cooldown_s - TOLERANCE_S:
            return ()
        self._last_s[class_id] = time_s
        return (Alert(time_s, self._kind, class_id, self._zone),)
