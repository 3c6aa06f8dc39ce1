"""CPU use of other processes, from made ``/proc`` files and once from the real ones."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from vbench.bench.environment import hardware
from vbench.bench.machine_load import LoadMeter, machine_difference

OWN_PID = 40
TICKS_PER_S = 100


@dataclass(frozen=True)
class Made:
    """A process as ``/proc`` shows it."""

    pid: int
    name: str
    ticks: int
    parent: int = 1
    ticks_of_ended_children: int = 0
    start_time: int = 7


def write_proc(proc: Path, cpus: dict[str, tuple[int, int, int]], *processes: Made) -> None:
    """Per CPU the ticks in user code, idle and stolen."""
    for old in proc.glob("[0-9]*/stat"):
        old.unlink()
        old.parent.rmdir()
    total = [sum(column) for column in zip(*cpus.values(), strict=True)]
    lines = [
        f"{name} {user} 0 0 {idle} 0 0 0 {stolen} 999 0"
        for name, (user, idle, stolen) in {"cpu ": total, **cpus}.items()
    ]
    proc.joinpath("stat").write_text("\n".join([*lines, "intr 5 0 0", "ctxt 3"]) + "\n")
    for one in processes:
        folder = proc / str(one.pid)
        folder.mkdir()
        user, kernel = one.ticks // 2, one.ticks - one.ticks // 2
        folder.joinpath("stat").write_text(
            f"{one.pid} ({one.name}) S {one.parent} 1 1 0 -1 0 0 0 0 0 {user} {kernel}"
            f" {one.ticks_of_ended_children} 0 20 0 1 0 {one.start_time} 0 0\n"
        )


def meter(proc: Path, cpus: tuple[int, ...] = (0, 1)) -> LoadMeter:
    return LoadMeter(proc, OWN_PID, cpus, TICKS_PER_S)


def test_own_and_foreign_time_are_told_apart(tmp_path: Path) -> None:
    measured = meter(tmp_path)
    write_proc(
        tmp_path,
        {"cpu0": (1000, 500, 0), "cpu1": (1000, 500, 0)},
        Made(OWN_PID, "vbench", 300),
        Made(50, "ffmpeg", 20),
    )
    measured.start()
    # 1,000 ticks of each CPU later: 800 were busy, 300 of them ours and 450 of ffmpeg.
    write_proc(
        tmp_path,
        {"cpu0": (1400, 1100, 0), "cpu1": (1400, 1100, 0)},
        Made(OWN_PID, "vbench", 600),
        Made(50, "ffmpeg", 470),
    )
    load = measured.stop()
    assert load is not None
    assert load.foreign_share == pytest.approx(500 / 2000)
    assert load.busiest == ("ffmpeg",)


def test_descendants_are_ours_also_when_they_have_ended(tmp_path: Path) -> None:
    measured = meter(tmp_path)
    write_proc(
        tmp_path,
        {"cpu0": (0, 0, 0)},
        Made(OWN_PID, "vbench", 10),
        Made(51, "engine", 100, parent=OWN_PID),
    )
    measured.start()
    write_proc(
        tmp_path,
        {"cpu0": (400, 600, 0)},
        Made(OWN_PID, "vbench", 60, ticks_of_ended_children=200),
        Made(52, "sh", 0, parent=OWN_PID),
        Made(53, "engine", 250, parent=52),
    )
    load = measured.stop()
    assert load is not None
    assert load.foreign_share == 0.0
    assert load.busiest == ()


def test_names_are_the_three_that_used_most(tmp_path: Path) -> None:
    measured = meter(tmp_path)
    own = Made(OWN_PID, "vbench", 0)
    write_proc(tmp_path, {"cpu0": (0, 0, 0)}, own, Made(60, "old", 900), Made(61, "b", 100))
    measured.start()
    write_proc(
        tmp_path,
        {"cpu0": (900, 100, 0)},
        own,
        Made(60, "old", 905),
        Made(61, "b", 200),
        Made(62, "a (b) c", 100),
        Made(63, "python3", 60),
        Made(64, "python3", 80),
        Made(65, "z", 99),
        Made(66, "reused", 15, start_time=900),
    )
    load = measured.stop()
    assert load is not None
    assert load.foreign_share == pytest.approx(0.9)
    # Two of one name count together; of equal ones the first by name.
    assert load.busiest == ("python3", "a (b) c", "b")


def test_an_id_that_is_used_again_is_another_process(tmp_path: Path) -> None:
    measured = meter(tmp_path)
    own = Made(OWN_PID, "vbench", 0)
    write_proc(tmp_path, {"cpu0": (0, 0, 0)}, own, Made(60, "long", 900))
    measured.start()
    write_proc(tmp_path, {"cpu0": (500, 0, 0)}, own, Made(60, "new", 100, start_time=88))
    load = measured.stop()
    assert load is not None
    assert load.busiest == ("new",)


def test_what_an_ended_child_used_before_is_not_its_parents(tmp_path: Path) -> None:
    measured = meter(tmp_path)
    own = Made(OWN_PID, "vbench", 0)
    shell = Made(60, "bash", 0)
    write_proc(tmp_path, {"cpu0": (0, 0, 0)}, own, shell, Made(61, "ffmpeg", 800, parent=60))
    measured.start()
    ended = Made(60, "bash", 0, ticks_of_ended_children=805)
    write_proc(tmp_path, {"cpu0": (5, 495, 0)}, own, ended)
    load = measured.stop()
    assert load is not None
    assert load.busiest == ()


def test_only_the_cpus_that_we_may_use_count(tmp_path: Path) -> None:
    measured = meter(tmp_path, cpus=(1,))
    own = Made(OWN_PID, "vbench", 0)
    write_proc(tmp_path, {"cpu0": (0, 0, 0), "cpu1": (0, 0, 0)}, own)
    measured.start()
    write_proc(tmp_path, {"cpu0": (1000, 0, 0), "cpu1": (100, 900, 0)}, own)
    load = measured.stop()
    assert load is not None
    assert load.foreign_share == pytest.approx(0.1)


def test_time_given_to_other_machines_is_foreign(tmp_path: Path) -> None:
    measured = meter(tmp_path)
    own = Made(OWN_PID, "vbench", 0)
    write_proc(tmp_path, {"cpu0": (0, 0, 0)}, own)
    measured.start()
    write_proc(tmp_path, {"cpu0": (0, 700, 300)}, own)
    load = measured.stop()
    assert load is not None
    assert load.foreign_share == pytest.approx(0.3)


def test_too_short_to_tell(tmp_path: Path) -> None:
    measured = meter(tmp_path)
    own = Made(OWN_PID, "vbench", 0)
    write_proc(tmp_path, {"cpu0": (0, 0, 0), "cpu1": (0, 0, 0)}, own)
    measured.start()
    write_proc(tmp_path, {"cpu0": (40, 9, 0), "cpu1": (40, 9, 0)}, own)
    assert measured.stop() is None


def test_a_system_that_does_not_tell(tmp_path: Path) -> None:
    absent = meter(tmp_path / "absent")
    absent.start()
    assert absent.stop() is None
    write_proc(tmp_path, {"cpu0": (0, 0, 0)}, Made(OWN_PID, "vbench", 0))
    tmp_path.joinpath("stat").write_text("not what Linux writes\n")
    garbled = meter(tmp_path)
    garbled.start()
    assert garbled.stop() is None


def test_stopped_without_a_start(tmp_path: Path) -> None:
    write_proc(tmp_path, {"cpu0": (0, 0, 0)}, Made(OWN_PID, "vbench", 0))
    assert meter(tmp_path).stop() is None


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is of Linux")
def test_on_this_machine() -> None:
    measured = LoadMeter()
    measured.start()
    until = time.monotonic() + 0.8
    while time.monotonic() < until:
        pass
    load = measured.stop()
    assert load is not None
    assert 0.0 <= load.foreign_share <= 1.0
    assert len(load.busiest) <= 3


MACHINE = (("cpu", "Xeon"), ("n_cpus", "8"), ("memory", "16 GiB"), ("gpu", "none"))


def test_machines_of_one_class() -> None:
    other = (("gpu", "none"), ("n_cpus", "8"), ("cpu", "Xeon"), ("os", "Linux 6.1"))
    assert machine_difference(MACHINE, other) == ""
    assert machine_difference(hardware(), hardware()) in ("", "cpu is not known")


def test_machines_of_other_classes() -> None:
    other = (("cpu", "Xeon"), ("n_cpus", "2"), ("gpu", "L4"))
    assert machine_difference(MACHINE, other) == "n_cpus is 8 and 2, gpu is none and L4"
    unknown = (("cpu", "unknown"), ("n_cpus", "8"))
    assert machine_difference(MACHINE, unknown) == "cpu is not known, gpu is not known"
