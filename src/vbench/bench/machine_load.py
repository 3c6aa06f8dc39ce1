"""How much of the machine other processes used while pipelines were timed."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from vbench.kernels.cpus import usable_cpus
from vbench.types import MachineLoad

_SHORTEST_S = 0.5
"""The system counts in ticks, usually of 10 ms: a share of less time is mostly rounding."""
_NAMED_SHARE = 0.02
"""Processes that used less of the CPUs than this are not named."""
_N_NAMED = 3
_CLASS_PROPERTIES = ("cpu", "n_cpus", "gpu")


class LoadMeter:
    """Measures what other processes used between `start` and `stop`, from ``/proc``.

    Counted are the CPUs that this process may use (its affinity, which is how containers pin
    CPUs); of a container that is limited by a quota instead, all of the host's. Time that a
    hypervisor gave to other machines counts as foreign, time of this process and its descendants
    does not. Inside a container, processes outside it count but have no names.
    """

    def __init__(
        self,
        proc: Path = Path("/proc"),
        pid: int | None = None,
        cpus: Collection[int] | None = None,
        ticks_per_s: int | None = None,
    ) -> None:
        self._proc = proc
        self._pid = os.getpid() if pid is None else pid
        self._cpus = usable_cpus() if cpus is None else cpus
        self._ticks_per_s = os.sysconf("SC_CLK_TCK") if ticks_per_s is None else ticks_per_s
        self._began: _Snapshot | None = None

    def start(self) -> None:
        """Begin, or begin anew."""
        self._began = _snapshot(self._proc, self._pid, self._cpus)

    def stop(self) -> MachineLoad | None:
        """The load since `start`; None where the system does not tell, or it was too short."""
        began, ended = self._began, _snapshot(self._proc, self._pid, self._cpus)
        if began is None or ended is None:
            return None
        n_ticks = ended.cpus.whole - began.cpus.whole
        if n_ticks < _SHORTEST_S * self._ticks_per_s * ended.cpus.n_cpus:
            return None
        foreign = (ended.cpus.busy - began.cpus.busy) - (ended.own - began.own)
        return MachineLoad(
            foreign_share=min(max(foreign / n_ticks, 0.0), 1.0),
            busiest=tuple(
                name
                for name, ticks in _used_by_name(began, ended)[:_N_NAMED]
                if ticks > _NAMED_SHARE * n_ticks
            ),
        )


def machine_difference(
    hardware: tuple[tuple[str, str], ...], other: tuple[tuple[str, str], ...]
) -> str:
    """Why times of two machines cannot be compared: another processor, CPU count or GPU.

    Args:
        hardware: (property, value) as in a run's manifest.
        other: of the other run.

    Returns:
        What differs or is not known; empty for machines of one class.
    """
    first, second = dict(hardware), dict(other)
    reasons = []
    for name in _CLASS_PROPERTIES:
        a, b = first.get(name, "unknown"), second.get(name, "unknown")
        if "unknown" in (a, b):
            reasons.append(f"{name} is not known")
        elif a != b:
            reasons.append(f"{name} is {a} and {b}")
    return ", ".join(reasons)


@dataclass(frozen=True, slots=True)
class _CpuTicks:
    """Ticks of the counted CPUs since the machine started."""

    n_cpus: int
    busy: int
    whole: int
    """Busy and idle."""


@dataclass(frozen=True, slots=True)
class _Process:
    name: str
    parent: int
    ticks: int
    """Its own and those of its children that have ended."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    cpus: _CpuTicks
    own: int
    """Ticks of this process and its descendants."""
    others: dict[tuple[int, int], _Process]
    """(id, start time) -> process; ids are used again."""


def _snapshot(proc: Path, pid: int, cpus: Collection[int]) -> _Snapshot | None:
    try:
        cpu_ticks = _cpu_ticks((proc / "stat").read_text(), cpus)
        processes = _processes(proc)
    except (OSError, ValueError, IndexError):
        return None
    parents = {key[0]: process.parent for key, process in processes.items()}
    if pid not in parents:
        return None
    own = {key: one for key, one in processes.items() if _descends(key[0], pid, parents)}
    return _Snapshot(
        cpus=cpu_ticks,
        own=sum(one.ticks for one in own.values()),
        others={key: one for key, one in processes.items() if key not in own},
    )


def _used_by_name(began: _Snapshot, ended: _Snapshot) -> list[tuple[str, int]]:
    """Ticks of other processes between two snapshots, most first, then by name."""
    used: Counter[str] = Counter()
    for key, process in ended.others.items():
        before = began.others.get(key)
        used[process.name] += process.ticks - (0 if before is None else before.ticks)
    # What ended meanwhile is now part of its parent's ticks, with what it had used before.
    names = {key[0]: process.name for key, process in ended.others.items()}
    for key, process in began.others.items():
        if key not in ended.others and process.parent in names:
            used[names[process.parent]] -= process.ticks
    return sorted(used.items(), key=lambda item: (-item[1], item[0]))


def _cpu_ticks(text: str, cpus: Collection[int]) -> _CpuTicks:
    """Sum of the counted CPUs' lines of ``/proc/stat``; of all CPUs where none is listed."""
    rows = [line.split() for line in text.splitlines() if line.startswith("cpu")]
    each = [row for row in rows if row[0] != "cpu"]
    counted = [row for row in each if int(row[0].removeprefix("cpu")) in cpus] or each
    if not counted:
        raise ValueError("no CPU is listed")
    busy = whole = 0
    for row in counted:
        # Time of guests is already in that of users.
        user, nice, system, idle, waiting, irq, softirq, steal = (int(value) for value in row[1:9])
        busy += user + nice + system + irq + softirq + steal
        whole += user + nice + system + irq + softirq + steal + idle + waiting
    return _CpuTicks(len(counted), busy, whole)


def _processes(proc: Path) -> dict[tuple[int, int], _Process]:
    """All that can be seen."""
    found = {}
    for folder in proc.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            text = (folder / "stat").read_text(errors="replace")
        except OSError:
            continue  # It has ended meanwhile, or is hidden.
        # The name is in brackets and may hold spaces and brackets.
        opening, closing = text.index("("), text.rindex(")")
        fields = text[closing + 1 :].split()
        ticks = sum(int(value) for value in fields[11:15])
        key = int(folder.name), int(fields[19])
        found[key] = _Process(text[opening + 1 : closing], int(fields[1]), ticks)
    return found


def _descends(pid: int, ancestor: int, parents: dict[int, int]) -> bool:
    seen = set()
    while pid != ancestor:
        if pid in seen or pid not in parents:
            return False
        seen.add(pid)
        pid = parents[pid]
    return True
