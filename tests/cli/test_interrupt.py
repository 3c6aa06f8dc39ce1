"""Ctrl-C, SIGTERM and SIGKILL on a whole run: what is complete stays, and the run goes on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bench.live import add_python, add_tensors, use, write_live
from tests.bench.runs import run_json_without_times, run_quietly
from tests.bench.small import files_of
from vbench.bench.finished import FinishedRun
from vbench.errors import ExitCode
from vbench.record.folder import RunFolder

GRACE_S = 60.0
"""For what takes a second on a quiet machine."""
AT_ONCE_S = 15.0
SLOW_ENGINE_S = 120

N_FRAMES = 60
ONE_AT_A_TIME, OVERLAPPED = 5, 45
"""Frames that run one at a time, and while others are decoded and finished."""


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline_s = time.monotonic() + GRACE_S
    while not condition():
        assert time.monotonic() < deadline_s, f"waited in vain for {what}"
        time.sleep(0.01)


def processes_with(text: str) -> list[int]:
    """Processes of this machine, but this one, whose command line or environment has a text."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) == os.getpid():
            continue
        try:
            told = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue
        if text.encode() in told:
            found.append(int(folder.name))
    return found


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that was stopped."""

    code: int
    stderr: str


class Started:
    """`vbench run` in a process group of its own, as a terminal starts it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.out = folder / "run"
        self.reached = folder / "reached"
        # In the environment of whatever the run starts, and nobody else's.
        self._mark = str(folder / "cache")
        command = [sys.executable, "-m", "vbench", "run", str(folder / "benchmark")]
        self._process = subprocess.Popen(
            [*command, "--out", str(self.out), "--no-report", "--no-cache", *options],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            env={**os.environ, "VBENCH_CACHE": self._mark},
        )

    def wait_until_reached(self) -> None:
        """Until the engine is at the frame that it is slow on."""
        wait_for(lambda: self.reached.exists() or self._process.poll() is not None, "the engine")
        assert self._process.poll() is None, self._process.communicate()[1]

    def wait_until_begun(self) -> None:
        """Until the run folder is there."""
        plan = self.out / "plan.json"
        wait_for(lambda: plan.exists() or not self.is_running(), "the run folder")

    def signal(self, kind: signal.Signals, *, all_of_group: bool = False) -> None:
        """Ctrl-C reaches the whole group, `kill` one process."""
        if all_of_group:
            os.killpg(self._process.pid, kind)
        else:
            self._process.send_signal(kind)

    def is_running(self) -> bool:
        return self._process.poll() is None

    def end(self, timeout_s: float = GRACE_S) -> Ended:
        """Wait for it, and for every process that it started."""
        stderr = self._process.communicate(timeout=timeout_s)[1]
        wait_for(lambda: not processes_with(self._mark), "processes of the run")
        return Ended(self._process.returncode, stderr)

    def kill(self) -> None:
        for pid in processes_with(self._mark):
            os.kill(pid, signal.SIGKILL)
        self._process.communicate()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips a, b and c, and an engine that sleeps on a frame of b; not to be changed."""
    target = tmp_path_factory.mktemp("interrupt") / "benchmark"
    folder = write_live(target, "a", "b", "c", n_frames=N_FRAMES).parent
    add_tensors(folder, "one")
    add_python(folder, "own", SLOW)
    use(folder / "benchmark.yaml", "own", "one")
    return folder


@pytest.fixture(scope="module")
def whole(written: Path, tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """A run that nobody stopped."""
    return run_quietly(written, tmp_path_factory.mktemp("whole") / "run")


@pytest.fixture
def benchmark(written: Path, tmp_path: Path) -> Path:
    """The benchmark, where `slow_at` tells its engine to sleep."""
    return Path(shutil.copytree(written, tmp_path / "benchmark"))


SLOW = """\
slow = Path(__file__).parents[2] / "slow"
        if self.clip == "b" and slow.exists():
            frame, seconds = slow.read_text().split()
            if self.n == int(frame):
                slow.with_name("reached").touch()
                time.sleep(float(seconds))"""


def slow_at(benchmark: Path, frame: int, seconds: float) -> None:
    """Let the engine sleep there, until the file is gone."""
    (benchmark.parent / "slow").write_text(f"{frame} {seconds}")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    """Start a run of the benchmark; whatever is left of it is killed in the end."""
    begun: list[Started] = []

    def call(*options: str) -> Started:
        begun.append(Started(tmp_path, *options))
        return begun[-1]

    yield call
    for one in begun:
        one.kill()


def assert_goes_on(benchmark: Path, out: Path, whole: FinishedRun) -> None:
    """What was complete is kept, and the end is that of a run that nobody stopped."""
    (benchmark.parent / "slow").unlink()
    kept = {name: data for name, data in files_of(out / "detections").items() if "/." not in name}
    assert not (out / "run.json").exists()
    resumed = run_quietly(benchmark, out)
    assert kept.items() <= files_of(out / "detections").items()
    assert not halves(out)
    assert files_of(out / "detections") == files_of(whole.folder.path / "detections")
    assert run_json_without_times(resumed.folder) == run_json_without_times(whole.folder)


def halves(out: Path) -> list[Path]:
    """Files that were not finished."""
    return [*out.rglob(".*.part*")]


def has_clip(out: Path, clip: str) -> bool:
    folder = RunFolder(out)
    names = [folder.detections(name, clip) for name in ("own", "one")]
    return folder.decoded(clip).is_file() and all(one.is_file() for one in names)


@pytest.mark.parametrize(
    ("kind", "frame"),
    [
        (signal.SIGINT, ONE_AT_A_TIME),
        (signal.SIGINT, OVERLAPPED),
        (signal.SIGTERM, OVERLAPPED),
    ],
)
def test_once_ends_in_order(
    benchmark: Path,
    whole: FinishedRun,
    start: Callable[..., Started],
    kind: signal.Signals,
    frame: int,
) -> None:
    slow_at(benchmark, frame, 0.3)
    run = start()
    run.wait_until_reached()
    run.signal(kind)
    ended = run.end()
    assert ended.code == ExitCode.INTERRUPTED
    assert "interrupted" in ended.stderr
    assert "complete clips are kept" in ended.stderr
    assert "--out" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert has_clip(run.out, "a")
    assert not has_clip(run.out, "b")
    assert not halves(run.out)
    assert_goes_on(benchmark, run.out, whole)


def test_twice_ends_at_once(
    benchmark: Path, whole: FinishedRun, start: Callable[..., Started]
) -> None:
    slow_at(benchmark, OVERLAPPED, SLOW_ENGINE_S)
    run = start()
    run.wait_until_reached()
    run.signal(signal.SIGINT)
    time.sleep(0.5)
    assert run.is_running()
    run.signal(signal.SIGINT)
    ended = run.end(AT_ONCE_S)
    assert ended.code == ExitCode.INTERRUPTED
    assert "stopped at once" in ended.stderr
    assert has_clip(run.out, "a")
    assert not has_clip(run.out, "b")
    assert_goes_on(benchmark, run.out, whole)


@pytest.mark.parametrize(("kind", "all_of_group"), [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_with_jobs_once_ends_every_process(
    benchmark: Path,
    whole: FinishedRun,
    start: Callable[..., Started],
    kind: signal.Signals,
    all_of_group: bool,
) -> None:
    """Ctrl-C in a terminal reaches all of them, and a CI system may tell the first one alone."""
    slow_at(benchmark, OVERLAPPED, 0.3)
    run = start("--jobs", "2")
    run.wait_until_reached()
    run.signal(kind, all_of_group=all_of_group)
    ended = run.end()
    assert ended.code == ExitCode.INTERRUPTED
    assert "interrupted" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not has_clip(run.out, "b")
    assert not halves(run.out)
    assert_goes_on(benchmark, run.out, whole)


def test_with_jobs_twice_ends_at_once(
    benchmark: Path, whole: FinishedRun, start: Callable[..., Started]
) -> None:
    slow_at(benchmark, OVERLAPPED, SLOW_ENGINE_S)
    run = start("--jobs", "2")
    run.wait_until_reached()
    run.signal(signal.SIGINT, all_of_group=True)
    time.sleep(0.3)
    run.signal(signal.SIGINT, all_of_group=True)
    ended = run.end(AT_ONCE_S)
    assert ended.code == ExitCode.INTERRUPTED
    assert "Traceback" not in ended.stderr
    assert not has_clip(run.out, "b")
    assert_goes_on(benchmark, run.out, whole)


def test_killed_it_goes_on(
    benchmark: Path, whole: FinishedRun, start: Callable[..., Started]
) -> None:
    """Processes of --jobs end with the one that started them, and their half files are removed."""
    slow_at(benchmark, OVERLAPPED, SLOW_ENGINE_S)
    run = start("--jobs", "2")
    run.wait_until_reached()
    run.signal(signal.SIGKILL)
    ended = run.end(AT_ONCE_S)
    assert ended.code == -signal.SIGKILL
    assert halves(run.out)
    assert not has_clip(run.out, "b")
    assert_goes_on(benchmark, run.out, whole)


def test_killed_at_any_moment_it_goes_on(
    benchmark: Path, whole: FinishedRun, start: Callable[..., Started]
) -> None:
    slow_at(benchmark, OVERLAPPED, 0.0)
    for delay_s in (0.0, 0.15):
        run = start()
        run.wait_until_begun()
        time.sleep(delay_s)
        run.signal(signal.SIGKILL)
        run.end(AT_ONCE_S)
        if (run.out / "run.json").exists():
            pytest.skip("the machine is faster than this test")
    assert_goes_on(benchmark, run.out, whole)
