"""What the rules of a pipeline raised on one clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.types.arrays import F64, I64, check_column


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as it is raised."""

    time_s: float
    """Seconds from the clip's start."""
    kind: str
    class_id: int
    """Index into the taxonomy's classes, -1 where the alert names none."""
    zone: str | None


@dataclass(frozen=True, slots=True)
class Alerts:
    """N alerts of one clip, sorted by time."""

    time_s: F64
    """(N,) when the alert was raised, seconds from the clip's start."""
    kind: I64
    """(N,) index into `kinds`."""
    class_id: I64
    """(N,) index into the taxonomy's classes, -1 where the alert names none."""
    zone: I64
    """(N,) index into `zones`, -1 where the alert names none."""
    kinds: tuple[str, ...]
    """What can be raised, as in `TruthEvent.kind`."""
    zones: tuple[str, ...]
    """Names of zones, as in `TruthEvent.zone`."""

    def __post_init__(self) -> None:
        n = len(self.time_s)
        check_column("Alerts", "time_s", self.time_s, np.float64, (n,))
        check_column("Alerts", "kind", self.kind, np.int64, (n,))
        check_column("Alerts", "class_id", self.class_id, np.int64, (n,))
        check_column("Alerts", "zone", self.zone, np.int64, (n,))
        if not np.isfinite(self.time_s).all() or np.any(np.diff(self.time_s) < 0):
            raise ValueError("Alerts.time_s: not finite, or rows are not sorted by time")
        _check_index("kind", self.kind, 0, len(self.kinds))
        _check_index("zone", self.zone, -1, len(self.zones))
        if np.any(self.class_id < -1):
            raise ValueError("Alerts.class_id: below -1")

    def __len__(self) -> int:
        return len(self.time_s)

    def rows(self) -> tuple[Alert, ...]:
        """One `Alert` per row."""
        zones = [None if zone < 0 else self.zones[zone] for zone in self.zone.tolist()]
        columns = zip(
            self.time_s.tolist(), self.kind.tolist(), self.class_id.tolist(), zones, strict=True
        )
        return tuple(
            Alert(time_s, self.kinds[kind], class_id, zone)
            for time_s, kind, class_id, zone in columns
        )

    @classmethod
    def empty(cls) -> Alerts:
        """No alerts at all."""
        none = np.zeros(0, np.int64)
        return cls(np.zeros(0), none, none, none, (), ())

    @classmethod
    def of(cls, raised: Sequence[Alert]) -> Alerts:
        """Alerts in any order, sorted by time (stable); kinds and zones as they first occur."""
        rows = sorted(raised, key=lambda alert: alert.time_s)
        kinds = tuple(dict.fromkeys(row.kind for row in rows))
        zones = tuple(dict.fromkeys(row.zone for row in rows if row.zone is not None))
        return cls(
            time_s=np.array([row.time_s for row in rows], np.float64),
            kind=np.array([kinds.index(row.kind) for row in rows], np.int64),
            class_id=np.array([row.class_id for row in rows], np.int64),
            zone=np.array(
                [-1 if row.zone is None else zones.index(row.zone) for row in rows], np.int64
            ),
            kinds=kinds,
            zones=zones,
        )


def _check_index(name: str, column: I64, lowest: int, n: int) -> None:
    if np.any((column < lowest) | (column >= n)):
        raise ValueError(f"Alerts.{name}: outside {lowest} .. {n - 1}")
