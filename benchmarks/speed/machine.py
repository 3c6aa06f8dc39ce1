"""What every speed table states: the machine, and how busy it was with other work."""

from __future__ import annotations

import os
import time
from pathlib import Path

from vbench.bench.environment import hardware

BUSY_SHARE = 0.10
"""Foreign CPU use above this share of the machine makes a run noisy."""


def describe_machine() -> str:
    """One line: processor, cores, memory, system."""
    return ", ".join(f"{key} {value}" for key, value in hardware() if key != "gpu")


class ForeignLoad:
    """Measures how much of the machine other work used between its creation and `share`."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()
        self._busy_s = _machine_busy_s()
        self._own_s = _own_busy_s()

    def seconds(self) -> tuple[float | None, float]:
        """Processor seconds of other work, and seconds that all cores had together.

        Ours is this process and every child that has ended and been waited for. The first is None
        where the system does not tell, and may be a tick below 0.
        """
        elapsed_s = (time.monotonic() - self._began_s) * (os.cpu_count() or 1)
        busy_s = _machine_busy_s()
        if busy_s is None or self._busy_s is None:
            return None, elapsed_s
        return (busy_s - self._busy_s) - (_own_busy_s() - self._own_s), elapsed_s

    def share(self) -> float | None:
        """Share of all cores that was not ours, 0..1; None where the system does not tell."""
        foreign_s, elapsed_s = self.seconds()
        return None if foreign_s is None else max(0.0, foreign_s / elapsed_s)

    def text(self) -> str:
        """``quiet (other work used 1 % of the machine)``."""
        share = self.share()
        if share is None:
            return "other work on the machine was not measured"
        word = "NOISY" if share > BUSY_SHARE else "quiet"
        return f"{word} (other work used {share:.0%} of the machine)"


def _machine_busy_s() -> float | None:
    try:
        fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    except OSError:
        return None
    user, nice, system, _idle, _iowait, irq, softirq, steal = (int(value) for value in fields[:8])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def _own_busy_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
