"""Clips in several processes: the answers of one process, and failures told as one would."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from pathlib import Path

import pytest

from tests.bench.live import TRACKED, add_python, add_tensors, use, write_live
from tests.bench.runs import RecordingProgress, run_json_without_times
from tests.bench.small import REPLAY, TRUTH_BOX, files_of, mot_row
from tests.video.clips import write_clip
from vbench.bench.finished import FinishedRun
from vbench.bench.golden import lock_golden_set
from vbench.bench.options import Measure, RunOptions
from vbench.bench.progress import NoProgress
from vbench.bench.run import run_benchmark
from vbench.errors import EngineError, ExitCode, InputError, MediaError
from vbench.record.folder import RunFolder
from vbench.record.shards import read_timings
from vbench.video import file_sha256

CLIPS = ("a", "b", "c", "d")
N_FRAMES = 45


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A benchmark of four clips without pipelines; not to be changed."""
    target = tmp_path_factory.mktemp("jobs") / "benchmark"
    return write_live(target, *CLIPS, n_frames=N_FRAMES).parent


@pytest.fixture
def live(written: Path, tmp_path: Path) -> Path:
    """The benchmark, to be changed."""
    return Path(shutil.copytree(written, tmp_path / "benchmark"))


def run(
    live: Path, out: Path, n_jobs: int, *names: str, measure: Measure = "sample"
) -> FinishedRun:
    """Run pipelines; no process may be left, and nothing half-written."""
    benchmark = use(live / "benchmark.yaml", *names)
    options = RunOptions(n_jobs=n_jobs, cache=False, measure=measure)
    try:
        return run_benchmark(benchmark, out, RecordingProgress(), options=options, report=False)
    finally:
        assert not multiprocessing.active_children()
        assert not list(out.rglob(".*"))


def answers(out: Path) -> dict[str, bytes]:
    """Everything that is found and judged."""
    found: dict[str, bytes] = {}
    for kind in ("detections", "alerts", "matches"):
        found |= {f"{kind}/{name}": data for name, data in files_of(out / kind).items()}
    return found


def timed_frames(out: Path) -> dict[str, list[int]]:
    """Which frames of each clip were timed."""
    found = {}
    for clip in CLIPS:
        timings = read_timings(RunFolder(out).timings("one", clip))
        assert timings is not None
        found[clip] = timings.frame_index.tolist()
    return found


def test_as_many_processes_as_one_likes(live: Path, tmp_path: Path) -> None:
    add_tensors(live, "one", behind=TRACKED)
    add_python(live, "own")
    alone = run(live, tmp_path / "1", 1, "one", "own")
    many = run(live, tmp_path / "3", 3, "one", "own")
    assert answers(tmp_path / "3") == answers(tmp_path / "1")
    assert run_json_without_times(many.folder) == run_json_without_times(alone.folder)
    assert timed_frames(tmp_path / "3") == timed_frames(tmp_path / "1")


def test_stored_results_need_no_times(live: Path, tmp_path: Path) -> None:
    (live / "results" / "stored").mkdir(parents=True)
    for clip in CLIPS:
        (live / "results" / "stored" / f"{clip}.txt").write_text(mot_row(7, TRUTH_BOX, 0.9))
    (live / "pipelines" / "stored.yaml").write_text(REPLAY.replace("NAME", "stored"))
    alone = run(live, tmp_path / "1", 1, "stored")
    many = run(live, tmp_path / "2", 2, "stored")
    assert answers(tmp_path / "2") == answers(tmp_path / "1")
    assert run_json_without_times(many.folder) == run_json_without_times(alone.folder)


def test_a_process_that_is_killed(live: Path, tmp_path: Path) -> None:
    """Complete clips are kept, and the same command goes on."""
    cure = tmp_path / "cure"
    body = (
        f"if self.clip == 'c' and self.n == 40 and not Path({str(cure)!r}).exists()"
        f" and os.getpid() != {os.getpid()}: os.kill(os.getpid(), 9)"
    )
    add_python(live, "own", body)
    out = tmp_path / "run"
    with pytest.raises(EngineError, match="killed by signal 9") as caught:
        run(live, out, 2, "own")
    assert caught.value.exit_code == ExitCode.MEDIA_OR_ENGINE
    assert caught.value.where == "clip c"
    assert "own" in caught.value.what
    kept = files_of(out / "detections")
    assert {"own/a.parquet", "own/b.parquet"} <= set(kept)
    assert "own/c.parquet" not in kept
    assert not (out / "run.json").exists()
    cure.touch()
    resumed = run(live, out, 2, "own")
    assert kept.items() <= files_of(out / "detections").items()
    whole = run(live, tmp_path / "whole", 1, "own")
    assert answers(out) == answers(tmp_path / "whole")
    assert run_json_without_times(resumed.folder) == run_json_without_times(whole.folder)


def failure(finished: FinishedRun) -> tuple[str, str]:
    (found,) = finished.run.failures
    return found.name, found.reason


def test_an_engine_that_fails_is_told_as_in_one_process(live: Path, tmp_path: Path) -> None:
    add_tensors(live, "one")
    add_python(live, "own", "assert self.clip != 'b' or self.n != 40")
    alone = run(live, tmp_path / "1", 1, "one", "own")
    many = run(live, tmp_path / "2", 2, "one", "own")
    assert failure(many) == failure(alone)
    assert "clip b, stage detect, frame 39" in failure(many)[1]
    assert files_of(tmp_path / "2" / "matches") == files_of(tmp_path / "1" / "matches")


@pytest.mark.parametrize(
    "body",
    [
        # The later clip fails long before the earlier one.
        "time.sleep(0.02 * (self.clip == 'a' and self.n > 35));"
        "assert (self.clip, self.n) not in [('a', 44), ('b', 40)]",
        # The later one fails already while times are taken.
        "assert (self.clip, self.n) not in [('a', 44), ('b', 3)]",
    ],
    ids=["later", "sooner"],
)
def test_of_two_failures_the_first_clip_s_is_told(live: Path, tmp_path: Path, body: str) -> None:
    add_tensors(live, "one")
    add_python(live, "own", body)
    many = run(live, tmp_path / "2", 2, "one", "own")
    assert "clip a, stage detect, frame 43" in failure(many)[1]
    alone = run(live, tmp_path / "1", 1, "one", "own")
    assert failure(many) == failure(alone)


def test_what_fails_only_while_times_are_taken_has_failed(live: Path, tmp_path: Path) -> None:
    """Else its clip would have answers without times."""
    add_tensors(live, "one")
    add_python(
        live, "own", f"assert self.clip != 'b' or self.n != 3 or os.getpid() != {os.getpid()}"
    )
    many = run(live, tmp_path / "2", 2, "one", "own")
    assert failure(many)[0] == "own"
    assert "clip b, stage detect, frame 2" in failure(many)[1]


def test_no_pipeline_left(live: Path, tmp_path: Path) -> None:
    add_python(live, "own", "assert self.clip != 'b' or self.n < 3")
    errors = []
    for n_jobs in (1, 2):
        with pytest.raises(EngineError) as caught:
            run(live, tmp_path / str(n_jobs), n_jobs, "own")
        errors.append((caught.value.what, caught.value.where, caught.value.hint))
        assert set(files_of(tmp_path / str(n_jobs) / "detections")) == {"own/a.parquet"}
    assert errors[0] == errors[1]


def cut(path: Path, share: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])


@pytest.mark.parametrize("share", [0.3, 0.9], ids=["while times are taken", "in a process"])
def test_damage_of_the_first_clip_in_order_is_told(
    live: Path, tmp_path: Path, share: float
) -> None:
    """Both clips are damaged where only decoding tells."""
    add_tensors(live, "one")
    lock_and_cut(live, {"b": share, "d": 0.2})
    errors = []
    for n_jobs in (1, 2):
        with pytest.raises(MediaError) as caught:
            run(live, tmp_path / str(n_jobs), n_jobs, "one")
        errors.append((caught.value.what, caught.value.where))
        assert "one/a.parquet" in files_of(tmp_path / str(n_jobs) / "detections")
        assert "one/b.parquet" not in files_of(tmp_path / str(n_jobs) / "detections")
    assert errors[0] == errors[1]
    assert "clip b" in errors[0][1]


def lock_and_cut(live: Path, shares: dict[str, float]) -> None:
    """Cut clips that were locked, and lock their bytes as they are now: only decoding can tell."""
    golden = live / "golden"
    for k, clip in enumerate(CLIPS):
        # The index at the front, so that a cut file still opens.
        media = golden / f"{clip}.mp4"
        write_clip(media, N_FRAMES + k, container_options={"movflags": "+faststart"})
    lock = lock_golden_set(golden, NoProgress())
    for clip, share in shares.items():
        media = golden / f"{clip}.mp4"
        before = file_sha256(media)
        cut(media, share)
        lock.write_text(lock.read_text().replace(before, file_sha256(media)))


@pytest.mark.parametrize("measure", ["latency", "throughput"])
def test_times_of_every_frame_are_not_taken_side_by_side(
    live: Path, tmp_path: Path, measure: Measure
) -> None:
    add_tensors(live, "one")
    with pytest.raises(InputError, match="side by side") as caught:
        run(live, tmp_path / "run", 2, "one", measure=measure)
    assert caught.value.where == f"--measure {measure}"
    assert "--jobs 1" in caught.value.hint
    assert not (tmp_path / "run").exists()


def test_a_bug_in_a_process_is_a_bug(live: Path, tmp_path: Path) -> None:
    """With the place where it happened, which lies in another process."""
    add_python(live, "own", BUG)
    with pytest.raises(ZeroDivisionError) as caught:
        run(live, tmp_path / "run", 2, "own")
    assert any("Traceback" in note for note in caught.value.__notes__)


BUG = f"""\
if os.getpid() != {os.getpid()}:
            from vbench.pipeline.frame_pipeline import FramePipeline
            FramePipeline.finish = lambda *_: 1 / 0"""
