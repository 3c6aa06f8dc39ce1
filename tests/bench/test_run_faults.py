"""What a machine may do to a run: nothing is lost, and nothing half is taken for whole."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.bench.live import TRACKED, add_tensors, use, write_live, write_seeing_model
from tests.bench.runs import RecordingProgress, run_json_without_times
from tests.bench.small import edit, files_of, set_gates
from tests.video.clips import write_clip
from vbench.bench.finished import FinishedRun
from vbench.bench.golden import lock_golden_set
from vbench.bench.infer import AnsweredClip, Inference
from vbench.bench.options import RunOptions
from vbench.bench.progress import NoProgress
from vbench.bench.run import run_benchmark
from vbench.errors import ExitCode, LockError, RunFolderError
from vbench.pipeline.load import Pipeline
from vbench.record.cache_folder import detections_folder, list_entries
from vbench.types import Clip

N_FRAMES = 45


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two clips, and two pipelines that share nothing but them; not to be changed."""
    target = tmp_path_factory.mktemp("faults") / "benchmark"
    folder = write_live(target, "a", "b", n_frames=N_FRAMES).parent
    add_tensors(folder, "one", behind=TRACKED)
    add_tensors(folder, "other", post="score: 0.2, nms: {iou: 0.3}")
    use(folder / "benchmark.yaml", "one", "other")
    return folder


@pytest.fixture(scope="module")
def plain(written: Path, tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """A run that nothing happened to."""
    return run(written, tmp_path_factory.mktemp("plain") / "run", cache=False)


@pytest.fixture
def live(written: Path, tmp_path: Path) -> Path:
    """The benchmark, to be changed."""
    return Path(shutil.copytree(written, tmp_path / "benchmark"))


def run(
    live: Path,
    out: Path,
    progress: RecordingProgress | None = None,
    *,
    cache: bool = True,
    n_jobs: int = 1,
    only: Sequence[str] = (),
    report: bool = False,
) -> FinishedRun:
    options = RunOptions(cache=cache, n_jobs=n_jobs)
    told = progress or RecordingProgress()
    return run_benchmark(
        live, out, told, options=options, only_pipelines=only, report=report, pdf=False
    )


def assert_equal(run_: FinishedRun, other: FinishedRun) -> None:
    """The same answers and the same judgement."""
    for kind in ("detections", "alerts", "matches"):
        assert files_of(run_.folder.path / kind) == files_of(other.folder.path / kind)
    assert without_times(run_) == without_times(other)


def without_times(run_: FinishedRun) -> dict[str, object]:
    """Times of an earlier run are said to be so."""
    data = run_json_without_times(run_.folder)
    manifest = data["manifest"]
    assert isinstance(manifest, dict)
    manifest.pop("timing")
    return data


# The disk is full.


def fill_disk(monkeypatch: pytest.MonkeyPatch, kind: str, at: str = "write") -> None:
    """No file whose path holds this text can be written any more."""
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    write_bytes = Path.write_bytes

    def write(self: Path, data: bytes) -> int:
        if kind in str(self):
            raise full
        return write_bytes(self, data)

    class Writer(pq.ParquetWriter):  # type: ignore[misc]
        def __init__(self, where: Path, *given: object, **named: object) -> None:
            super().__init__(where, *given, **named)
            self.fails = kind in str(where)

        def write_table(self, table: object) -> None:
            if self.fails and at == "write":
                raise full
            super().write_table(table)

        def close(self) -> None:
            super().close()
            if self.fails and at == "close":
                raise full

    monkeypatch.setattr(Path, "write_bytes", write)
    monkeypatch.setattr(pq, "ParquetWriter", Writer)


@pytest.mark.parametrize(
    ("kind", "at"),
    [
        ("detections/one/.b", "write"),
        ("detections/one/.b", "close"),
        ("timings/other/.b", "write"),
        ("alerts/one/.b", "write"),
        ("decoded/.b", "write"),
        ("matches/one/.b", "write"),
        (".run.json", "write"),
    ],
)
def test_a_full_disk(
    live: Path,
    plain: FinishedRun,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    at: str,
) -> None:
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        fill_disk(patch, kind, at)
        with pytest.raises(RunFolderError, match="No space left on device") as caught:
            run(live, out, cache=False)
    assert caught.value.exit_code == ExitCode.INPUT
    assert caught.value.where.endswith(kind.replace("/.", "/").lstrip(".") + SUFFIX[kind])
    assert "free some space" in caught.value.hint
    assert not (out / "run.json").exists()
    assert not list(out.rglob(".*"))
    kept = files_of(out / "detections")
    assert {"one/a.parquet", "other/a.parquet"} <= set(kept)
    resumed = run(live, out, cache=False)
    assert kept.items() <= files_of(out / "detections").items()
    assert_equal(resumed, plain)


SUFFIX = {
    "detections/one/.b": ".parquet",
    "timings/other/.b": ".parquet",
    "alerts/one/.b": ".json",
    "decoded/.b": ".json",
    "matches/one/.b": ".parquet",
    ".run.json": "",
}


def test_a_run_folder_that_cannot_be_made(live: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunFolderError, match="cannot be written: Not a directory") as caught:
        run(live, tmp_path / "file" / "run", cache=False)
    assert "may the folder be written to" in caught.value.hint


# Media change.


def change_clip(live: Path) -> None:
    write_clip(live / "golden" / "b.mp4", N_FRAMES + 1, options={"crf": "40"})


def stop_at_b(monkeypatch: pytest.MonkeyPatch) -> None:
    run_clip = Inference.run

    def stopped(self: Inference, clip: Clip, pipelines: Sequence[Pipeline]) -> AnsweredClip:
        if clip.id == "b":
            raise RunFolderError("stopped")
        return run_clip(self, clip, pipelines)

    monkeypatch.setattr(Inference, "run", stopped)


@pytest.mark.parametrize("locked", [True, False])
def test_media_that_change_before_a_run_goes_on(
    live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    if locked:
        lock_golden_set(live / "golden", NoProgress())
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        stop_at_b(patch)
        with pytest.raises(RunFolderError, match="stopped"):
            run(live, out)
    before = files_of(out)
    change_clip(live)
    with pytest.raises(LockError if locked else RunFolderError) as caught:
        run(live, out)
    assert ("no longer match" if locked else "changed: dock") in caught.value.what
    assert files_of(out) == before


def test_answers_on_other_media_are_not_reused(live: Path, tmp_path: Path) -> None:
    first = run(live, tmp_path / "1")
    change_clip(live)
    again = run(live, tmp_path / "2")
    assert_equal(again, run(live, tmp_path / "3", cache=False))
    one = "one/b.parquet"
    before, after = (files_of(item.folder.path / "detections")[one] for item in (first, again))
    assert before != after


# The cache fails.


def no_cache_entry(_suffix: str, _prefix: str, _folder: Path) -> None:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def test_a_cache_that_cannot_be_written(
    live: Path, plain: FinishedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = RecordingProgress()
    with monkeypatch.context() as patch:
        patch.setattr("vbench.record.detection_cache.tempfile.mkstemp", no_cache_entry)
        assert_equal(run(live, tmp_path / "2", progress), plain)
    assert sum("cannot keep results" in note for note in progress.notes) == 1


def test_a_cache_that_is_no_folder(
    live: Path, plain: FinishedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("VBENCH_CACHE", str(tmp_path / "file"))
    progress = RecordingProgress()
    assert_equal(run(live, tmp_path / "2", progress), plain)
    assert sum("cannot keep results" in note for note in progress.notes) == 1


def test_a_flipped_byte_costs_a_computation_and_a_note(
    live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(live, tmp_path / "first")
    whole = detections_folder()
    names = [one.path.name for one in list_entries(whole)]
    # Of each pipeline: its trial, both clips, their match tables, and the judgement.
    assert len(names) == 2 * 6
    for k, name in enumerate(names):
        monkeypatch.setenv("VBENCH_CACHE", str(tmp_path / f"cache-{k}"))
        path = Path(shutil.copytree(whole, detections_folder())) / name
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        progress = RecordingProgress()
        assert_equal(run(live, tmp_path / str(k), progress), first)
        (note,) = (note for note in progress.notes if "damaged" in note)
        assert str(path) in note
        # What was computed anew is there for the next run.
        assert path.read_bytes() != data


def test_two_runs_at_once_on_one_cache(live: Path, plain: FinishedRun, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "vbench", "run", str(live), "--no-report", "--out"]
    started = [
        subprocess.Popen(
            [*command, str(tmp_path / name)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        for name in ("first", "second")
    ]
    for one in started:
        stderr = one.communicate(timeout=120)[1]
        assert one.returncode == ExitCode.OK, stderr
    for name in ("first", "second"):
        for kind in ("detections", "alerts", "matches"):
            assert files_of(tmp_path / name / kind) == files_of(plain.folder.path / kind)
    assert not list(detections_folder().glob(".*"))


# Never the same work twice.


def refuse_models(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("a model was loaded")

    monkeypatch.setattr("vbench.pipeline.load.load_pipeline", refused)


def test_the_same_again_runs_nothing(
    live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(live, tmp_path / "1")
    refuse_models(monkeypatch)
    assert_equal(run(live, tmp_path / "2"), first)
    assert files_of(tmp_path / "2" / "timings") == files_of(tmp_path / "1" / "timings")


def test_nor_with_jobs(live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run(live, tmp_path / "1", n_jobs=2)
    refuse_models(monkeypatch)
    assert_equal(run(live, tmp_path / "2"), first)
    assert_equal(run(live, tmp_path / "3", n_jobs=2), first)


@pytest.mark.parametrize(
    "change", ["gates", "score", "report", "part", "slices", "name"], ids=lambda name: name
)
def test_what_does_not_change_detections_runs_nothing(
    live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    run(live, tmp_path / "1")
    if change == "gates":
        set_gates(live / "benchmark.yaml", "{metric: recall, min: 0.9}")
    elif change == "score":
        edit(live / "pipelines" / "other.yaml", "score: 0.2", "score: 0.6")
    elif change == "slices":
        edit(live / "benchmark.yaml", "warmup_frames: 2", "warmup_frames: 2\nslices: [size]")
    elif change == "name":
        edit(live / "benchmark.yaml", "name: live", "name: alive")
    with monkeypatch.context() as patch:
        refuse_models(patch)
        only = ["one"] if change == "part" else []
        again = run(live, tmp_path / "2", only=only, report=change == "report")
    if change == "score":
        assert_equal(again, run(live, tmp_path / "3", cache=False))


@pytest.mark.parametrize("change", ["nms", "model", "input", "warm-up", "decode", "score"])
def test_what_changes_them_runs_anew(live: Path, tmp_path: Path, change: str) -> None:
    run(live, tmp_path / "1")
    pipeline = live / "pipelines" / "other.yaml"
    if change == "nms":
        edit(pipeline, "iou: 0.3", "iou: 0.05")
    elif change == "model":
        model = live / "wide.onnx"
        write_seeing_model(model, (64, 96), seed=9)
    elif change == "score":
        # A classifier and a rule look at what is above it.
        edit(live / "pipelines" / "one.yaml", "score: 0.5", "score: 0.75")
    elif change == "input":
        edit(pipeline, "resize: stretch", "resize: stretch, scale: 0.5")
    elif change == "decode":
        edit(pipeline, "stages:", "decode: {range: full}\nstages:")
    else:
        edit(live / "benchmark.yaml", "warmup_frames: 2", "warmup_frames: 3")
    assert_equal(run(live, tmp_path / "2"), run(live, tmp_path / "3", cache=False))
    before, after = (files_of(tmp_path / name / "detections") for name in ("1", "2"))
    changed = {name for name in after if after[name] != before[name]}
    names = {"model": ("one", "other"), "score": ("one",), "warm-up": ()}.get(change, ("other",))
    assert changed == {f"{name}/{clip}.parquet" for name in names for clip in ("a", "b")}


def test_no_cache_reads_and_writes_nothing(
    live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(live, tmp_path / "1", cache=False)
    assert not detections_folder().exists()
    run(live, tmp_path / "2")
    before = files_of(detections_folder())
    assert before
    refuse_models(monkeypatch)
    with pytest.raises(AssertionError, match="a model was loaded"):
        run(live, tmp_path / "3", cache=False)
    assert files_of(detections_folder()) == before


def test_part_of_a_run_in_the_cache_is_completed(
    live: Path, plain: FinishedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the pipeline that was added runs."""
    run(live, tmp_path / "1", only=["one"])
    seen: list[list[str]] = []
    run_clip = Inference.run

    def watched(self: Inference, clip: Clip, pipelines: Sequence[Pipeline]) -> AnsweredClip:
        seen.append([one.name for one in pipelines])
        return run_clip(self, clip, pipelines)

    with monkeypatch.context() as patch:
        patch.setattr(Inference, "run", watched)
        again = run(live, tmp_path / "2")
    assert seen == [["other"], ["other"]]
    assert_equal(again, plain)
