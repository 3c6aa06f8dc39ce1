"""For how long something has held: an object in a zone, a count above a number.

A *stay* begins on the first frame on which it holds, and ends on a frame on which it does not and
has not for longer than `rearm_s`. Frames are counted in a row; one missed frame does not break the
row, two do. Times are compared with a tolerance, so that rounding of frame times decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TOLERANCE_S = 1e-6

_FORGIVEN = 1
"""Frames missed in a row that do not break it."""


@dataclass(slots=True)
class Stay:
    """One stay so far."""

    start_s: float
    last_s: float
    """When it held last."""
    n_frames: int = 0
    """In a row, up to the last frame."""
    n_missed: int = 0
    """Frames since `last_s`."""
    raised: bool = False
    """Whether this stay has had its alert, raised or suppressed."""


class Stays:
    """The stays of one rule, by identity."""

    def __init__(self, rearm_s: float) -> None:
        """Nothing holds yet."""
        self._rearm_s = rearm_s
        self._stays: dict[int, Stay] = {}

    def advance(self, time_s: float, holding: Sequence[int]) -> tuple[Stay, ...]:
        """One frame later; the stays of those for which it holds on this frame, in their order."""
        away = set(self._stays).difference(holding)
        for key in away:
            self._miss(key, time_s)
        return tuple(self._hold(key, time_s) for key in holding)

    def _hold(self, key: int, time_s: float) -> Stay:
        stay = self._stays.setdefault(key, Stay(time_s, time_s))
        stay.last_s = time_s
        stay.n_frames += 1
        stay.n_missed = 0
        return stay

    def _miss(self, key: int, time_s: float) -> None:
        stay = self._stays[key]
        stay.n_missed += 1
        if stay.n_missed > _FORGIVEN:
            stay.n_frames = 0
        if time_s - stay.last_s > self._rearm_s + TOLERANCE_S:
            del self._stays[key]
