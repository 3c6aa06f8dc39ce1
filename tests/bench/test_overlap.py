"""Overlapped or one at a time: the same answers, within bounds."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.bench.live import (
    LETTERBOX,
    TRACKED,
    add_python,
    add_tensors,
    use,
    write_images,
    write_live,
)
from tests.bench.runs import metric, run_quietly
from tests.bench.small import REPLAY, TRUTH_BOX, edit, files_of, mot_row, write_small_benchmark
from vbench.bench.frame_source import DecodedFrame, FrameSource
from vbench.bench.infer import AnsweredClip, Inference
from vbench.bench.options import Measure
from vbench.bench.overlap import N_AHEAD, N_TENSORS
from vbench.bench.plan import make_plan
from vbench.bench.progress import NoProgress
from vbench.bench.sections import n_sampled
from vbench.errors import EngineError, MediaError, RunFolderError
from vbench.pipeline.frame_pipeline import FramePipeline, InferredFrame
from vbench.pipeline.load import load_pipeline
from vbench.pipeline.prepared import InputKey, Prepared, PreparedInputs
from vbench.record.folder import RunFolder
from vbench.record.shards import read_timings
from vbench.types import Clip, Frame
from vbench.video import open_media
from vbench.video.media import Media

N_WARMUP = 2


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """A benchmark of one clip without pipelines."""
    return write_live(tmp_path / "benchmark").parent


class Counted(NoProgress):
    """Counts frames."""

    def __init__(self) -> None:
        self.n_frames = 0

    def advance(self, n_frames: int = 1) -> None:
        self.n_frames += n_frames


def answer(
    live: Path, out: Path, measure: Measure, *names: str, allow_damaged: bool = False
) -> AnsweredClip:
    """The clip through pipelines, into a run folder; all the frames must be counted."""
    plan = make_plan(use(live / "benchmark.yaml", *names), NoProgress(), allow_damaged=True)
    (golden_set,) = plan.golden_sets
    (clip,) = golden_set.clips
    progress = Counted()
    inference = Inference(
        RunFolder(out),
        golden_set.taxonomy.names,
        progress,
        n_clips=1,
        n_warmup=N_WARMUP,
        measure=measure,
        allow_damaged=allow_damaged,
    )
    pipelines = [load_pipeline(file, golden_set.taxonomy) for file in plan.pipelines]
    try:
        for pipeline in pipelines:
            pipeline.check(golden_set.clips)
        found = inference.run(clip, pipelines)
    finally:
        for pipeline in pipelines:
            pipeline.close()
    if not found.failed and measure != "throughput" and not allow_damaged:
        assert progress.n_frames == clip.facts.n_frames
    assert not any(one.name.startswith("vbench-") for one in threading.enumerate())
    return found


def stored(out: Path) -> dict[str, bytes]:
    """Detections and alerts; nothing half may lie beside them."""
    assert not list(out.rglob(".*"))
    return files_of(out / "detections") | files_of(out / "alerts")


def assert_same(live: Path, tmp_path: Path, *names: str) -> dict[str, bytes]:
    """Every way to run these pipelines stores the same."""
    answer(live, tmp_path / "latency", "latency", *names)
    expected = stored(tmp_path / "latency")
    assert {f"{name}/a.parquet" for name in names} <= set(expected)
    for measure in ("sample", "throughput"):
        answer(live, tmp_path / measure, measure, *names)
        assert stored(tmp_path / measure) == expected
    return expected


def test_one_pipeline(live: Path, tmp_path: Path) -> None:
    add_tensors(live, "one")
    assert_same(live, tmp_path, "one")


def test_pipelines_that_share_an_input(live: Path, tmp_path: Path) -> None:
    add_tensors(live, "one")
    add_tensors(live, "other", post="score: 0.2, nms: {iou: 0.05}")
    found = assert_same(live, tmp_path, "one", "other")
    assert found["one/a.parquet"] != found["other/a.parquet"]


def test_pipelines_with_different_inputs(live: Path, tmp_path: Path) -> None:
    add_tensors(live, "one")
    add_tensors(live, "other", "square", entry=LETTERBOX)
    found = assert_same(live, tmp_path, "one", "other")
    assert found["one/a.parquet"] != found["other/a.parquet"]


def test_pipelines_with_different_colors_decode_once(
    live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_tensors(live, "one")
    add_tensors(live, "other", decode="matrix: bt601, range: full")
    found = assert_same(live, tmp_path, "one", "other")
    assert found["one/a.parquet"] != found["other/a.parquet"]

    opened: list[Media[object]] = []
    n_decoded: list[int] = []
    next_frame = FrameSource.next

    def opening(*given: object, **named: object) -> Media[object]:
        opened.append(open_media(*given, **named))  # type: ignore[arg-type]
        return opened[-1]

    def counting(self: FrameSource) -> DecodedFrame | None:
        found = next_frame(self)
        if found is not None:
            n_decoded.append(len(found.views))
        return found

    monkeypatch.setattr("vbench.bench.infer.open_media", opening)
    monkeypatch.setattr(FrameSource, "next", counting)
    told = answer(live, tmp_path / "again", "sample", "one", "other")
    assert len(opened) == 1
    assert n_decoded == [2] * 120
    assert told.decoded["one"].color != told.decoded["other"].color


def test_an_engine_that_takes_frames(live: Path, tmp_path: Path) -> None:
    add_python(live, "own")
    add_tensors(live, "one")
    assert_same(live, tmp_path, "own", "one")


def test_trackers_rules_and_classifiers(live: Path, tmp_path: Path) -> None:
    add_tensors(live, "tracked", behind=TRACKED)
    found = assert_same(live, tmp_path, "tracked")
    assert len(found["tracked/a.json"]) > 50


def test_an_image_folder(live: Path, tmp_path: Path) -> None:
    write_images(live)
    add_tensors(live, "one")
    assert_same(live, tmp_path, "one")


def test_stored_results_beside_a_model(live: Path, tmp_path: Path) -> None:
    add_tensors(live, "one")
    (live / "results" / "stored").mkdir(parents=True)
    (live / "results" / "stored" / "a.txt").write_text(mot_row(7, TRUTH_BOX, 0.9))
    (live / "pipelines" / "stored.yaml").write_text(REPLAY.replace("NAME", "stored"))
    assert_same(live, tmp_path, "stored", "one")


@pytest.mark.parametrize("failing", [1, 20, 33, 90, 120])
def test_a_pipeline_that_fails(live: Path, tmp_path: Path, failing: int) -> None:
    """In each kind of section, and on the first and the last frame."""
    add_tensors(live, "one")
    add_python(live, "own", f"assert self.n != {failing} or self.clip != 'a', 'out of ideas'")
    # The warm-up calls `detect` once for the first frame only.
    edit(live / "pipelines" / "own.py", "self.clip, self.n = clip_id, 0", WARM)
    errors = []
    for measure in ("latency", "sample"):
        told = answer(live, tmp_path / measure, measure, "own", "one")
        (error,) = told.failed.values()
        errors.append((error.what, error.where, error.hint))
        assert list(told.decoded) == ["one"]
        assert list(stored(tmp_path / measure)) == ["one/a.parquet"]
        assert files_of(tmp_path / measure / "timings").keys() == {"one/a.parquet"}
    assert errors[0] == errors[1]
    assert f"clip a, stage detect, frame {failing - 1}" in errors[0][1]
    assert stored(tmp_path / "latency") == stored(tmp_path / "sample")


WARM = """\
self.clip = 'warm-up' if not hasattr(self, 'clip') else clip_id
        self.n = 0"""


def test_the_last_pipeline_that_fails_ends_the_clip(live: Path, tmp_path: Path) -> None:
    add_python(live, "own", "assert self.n < 50 or 1 / 0")
    told = answer(live, tmp_path / "run", "sample", "own")
    assert "frame 49" in told.failed["own"].where
    assert not told.decoded


def test_damage_behind_the_last_failure_is_not_met(
    live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decoding is ahead of a slow engine; one at a time it would not have got there."""
    add_python(live, "own", "time.sleep(0.02 * (self.n > 48)); assert self.n < 50")
    with_damage_at(monkeypatch, 52)
    for measure in ("latency", "sample"):
        told = answer(live, tmp_path / measure, measure, "own")
        assert "frame 49" in told.failed["own"].where


def test_damage_is_met_once_the_frames_before_it_are_answered(
    live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_python(live, "own", "time.sleep(0.002)")
    seen: list[int] = []
    finish = FramePipeline.finish

    def counting(self: FramePipeline, inferred: InferredFrame) -> object:
        seen.append(inferred.frame.index)
        return finish(self, inferred)

    monkeypatch.setattr(FramePipeline, "finish", counting)
    with_damage_at(monkeypatch, 60)
    with pytest.raises(MediaError, match="broken here"):
        answer(live, tmp_path / "run", "sample", "own")
    assert seen[-1] == 59
    assert not stored(tmp_path / "run")


def with_damage_at(monkeypatch: pytest.MonkeyPatch, frame_index: int) -> None:
    """Decoding raises instead of giving this frame."""
    next_frame = FrameSource.next

    def damaged(self: FrameSource) -> DecodedFrame | None:
        found = next_frame(self)
        if found is not None and found.views[0].index == frame_index:
            raise MediaError("broken here")
        return found

    monkeypatch.setattr(FrameSource, "next", damaged)


def test_a_bug_in_a_thread_is_raised(
    live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_tensors(live, "one")

    def broken(_self: FramePipeline, _inferred: InferredFrame) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(FramePipeline, "finish", broken)
    with pytest.raises(ZeroDivisionError):
        answer(live, tmp_path / "run", "sample", "one")
    assert not stored(tmp_path / "run")


class Watch:
    """Frames and tensors under way while a run goes on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, slow_s: float) -> None:
        self._lock = threading.Lock()
        self._n_ahead = 0
        self.most_ahead = 0
        self.addresses: set[int] = set()
        self._patch(monkeypatch, slow_s)

    def _patch(self, monkeypatch: pytest.MonkeyPatch, slow_s: float) -> None:
        prepare, finish = PreparedInputs.prepare, FramePipeline.finish

        def preparing(inputs: PreparedInputs, frame: Frame) -> Mapping[InputKey, Prepared]:
            made = prepare(inputs, frame)
            with self._lock:
                self.addresses |= {one.tensor.ctypes.data for one in made.values()}
                self._n_ahead += 1
                self.most_ahead = max(self.most_ahead, self._n_ahead)
            return made

        def finishing(pipeline: FramePipeline, inferred: InferredFrame) -> object:
            time.sleep(slow_s)
            found = finish(pipeline, inferred)
            with self._lock:
                self._n_ahead -= 1
            return found

        monkeypatch.setattr(PreparedInputs, "prepare", preparing)
        monkeypatch.setattr(FramePipeline, "finish", finishing)


@pytest.mark.parametrize("slow_s", [0.0, 0.002])
def test_what_is_under_way_is_bounded(
    live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slow_s: float
) -> None:
    add_tensors(live, "one")
    watch = Watch(monkeypatch, slow_s=slow_s)
    answer(live, tmp_path / "run", "throughput", "one")
    assert 1 <= len(watch.addresses) <= N_TENSORS
    # In the pool, waiting to be finished, at being inferred, and at being finished.
    assert watch.most_ahead <= N_TENSORS + N_AHEAD + 2
    if slow_s:
        assert watch.most_ahead > N_AHEAD


def test_frames_without_tensors_are_bounded_too(
    live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_python(live, "own")
    watch = Watch(monkeypatch, slow_s=0.002)
    answer(live, tmp_path / "run", "throughput", "own")
    assert not watch.addresses
    assert N_AHEAD < watch.most_ahead <= N_TENSORS + N_AHEAD + 3


def test_one_tensor_serves_all_who_take_the_same(
    live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_tensors(live, "one")
    add_tensors(live, "other", post="score: 0.2, nms: {iou: 0.3}")
    add_tensors(live, "third", "square", entry=LETTERBOX)
    seen: list[list[str]] = []
    prepare = PreparedInputs.prepare

    def counting(self: PreparedInputs, frame: Frame) -> Mapping[InputKey, Prepared]:
        made = prepare(self, frame)
        seen.append(sorted(made))
        return made

    monkeypatch.setattr(PreparedInputs, "prepare", counting)
    answer(live, tmp_path / "run", "sample", "one", "other", "third")
    assert {len(keys) for keys in seen} == {2}


# What is timed.


def test_a_normal_run_times_a_sample(live: Path, tmp_path: Path) -> None:
    add_tensors(live, "one")
    answer(live, tmp_path / "run", "sample", "one")
    timings = read_timings(RunFolder(tmp_path / "run").timings("one", "a"))
    assert timings is not None
    assert (timings.mode, timings.n_warmup) == ("latency", N_WARMUP)
    assert timings.frame_index.tolist() == list(range(N_WARMUP + n_sampled(120, 1)))
    assert timings.input_paths == (("detect", "fused"),)


def test_latency_times_every_frame(live: Path, tmp_path: Path) -> None:
    add_tensors(live, "one")
    answer(live, tmp_path / "run", "latency", "one")
    timings = read_timings(RunFolder(tmp_path / "run").timings("one", "a"))
    assert timings is not None
    assert timings.frame_index.tolist() == list(range(120))
    assert timings.input_paths == (("detect", "fused"),)


def test_throughput_times_every_interval(live: Path, tmp_path: Path) -> None:
    add_tensors(live, "one")
    answer(live, tmp_path / "run", "throughput", "one")
    timings = read_timings(RunFolder(tmp_path / "run").timings("one", "a"))
    assert timings is not None
    assert timings.mode == "throughput"
    assert timings.frame_index.tolist() == list(range(120))
    assert (timings.interval_ns > 0).all()
    assert timings.input_paths == (("detect", "fused"),)


def test_throughput_is_told_and_latency_is_not(live: Path, tmp_path: Path) -> None:
    add_tensors(live, "one")
    run = run_quietly(
        use(live / "benchmark.yaml", "one"), tmp_path / "run", measure="throughput"
    ).run
    fps = metric(run, "throughput_fps", "one")
    assert fps.value is not None
    assert fps.value > 0
    latency = metric(run, "latency_ms_p95", "one")
    assert latency.value is None
    assert "throughput" in str(latency.reason)


@pytest.mark.parametrize(("measure", "n_timed"), [("sample", 30), ("latency", 118)])
def test_latency_says_of_how_many_frames(
    live: Path, tmp_path: Path, measure: Measure, n_timed: int
) -> None:
    add_tensors(live, "one")
    run = run_quietly(use(live / "benchmark.yaml", "one"), tmp_path / "run", measure=measure).run
    latency = metric(run, "latency_ms_p95", "one")
    assert latency.n == n_timed
    assert latency.value is not None


def test_another_measurement_does_not_go_on_with_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    benchmark = write_small_benchmark(tmp_path / "benchmark")

    def stop(_self: Inference, _clip: Clip, _pipelines: object) -> AnsweredClip:
        raise EngineError("stopped")

    with monkeypatch.context() as patch:
        patch.setattr(Inference, "run", stop)
        with pytest.raises(EngineError):
            run_quietly(benchmark, tmp_path / "run")
    with pytest.raises(RunFolderError, match="changed: measure "):
        run_quietly(benchmark, tmp_path / "run", measure="latency")
