"""A second run takes from the cache what the first one left there, and nothing that is stale."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.bench.runs import RecordingProgress, run_json_without_times
from tests.bench.small import N_FRAMES, edit, files_of, set_gates
from tests.video.clips import write_clip
from vbench.bench.infer import AnsweredClip, Inference
from vbench.bench.options import RunOptions
from vbench.bench.run import run_benchmark
from vbench.config.model_file import ModelFile
from vbench.config.pipeline_file import PipelineFile
from vbench.pipeline import load
from vbench.pipeline.load import Pipeline, load_pipeline
from vbench.record.cache_folder import detections_folder, list_entries
from vbench.record.folder import RunFolder
from vbench.types import Clip, Taxonomy

NO_CACHE = RunOptions(cache=False)


class Runs:
    """Runs a benchmark, and says what that took."""

    def __init__(self, benchmark: Path, folder: Path) -> None:
        self.benchmark = benchmark
        self.clips: list[str] = []
        """Clips with pipelines that the last run inferred."""
        self.loaded: list[str] = []
        """Pipelines that it loaded."""
        self.notes: list[str] = []
        self._folder = folder
        self._n_runs = 0

    def __call__(self, options: RunOptions = RunOptions()) -> RunFolder:  # noqa: B008 frozen
        self.clips.clear()
        self.loaded.clear()
        progress = RecordingProgress()
        out = self._folder / str(self._n_runs)
        self._n_runs += 1
        finished = run_benchmark(self.benchmark, out, progress, options=options, report=False)
        self.notes = progress.notes
        return finished.folder


@pytest.fixture
def runs(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    """The small benchmark with two models."""
    text = (small / "pipelines" / "constant.yaml").read_text()
    (small / "pipelines" / "other.yaml").write_text(
        text.replace("name: constant", "name: other").replace("color: bgr", "color: rgb")
    )
    # Clips of the same bytes would share their entries.
    write_clip(small / "golden" / "videos" / "b-night.mp4", N_FRAMES, rate=20)
    edit(
        small / "benchmark.yaml",
        "[pipelines/v1.yaml, pipelines/v2.yaml]",
        "[pipelines/constant.yaml, pipelines/other.yaml]",
    )
    edit(small / "benchmark.yaml", "baseline: v1", "baseline: other\nintervals: {resamples: 100}")
    set_gates(small / "benchmark.yaml", "{metric: recall, min: 0.5}")
    made = Runs(small, tmp_path / "runs")
    run_clip = Inference.run

    def infer(self: Inference, clip: Clip, pipelines: Sequence[Pipeline]) -> AnsweredClip:
        made.clips.extend(f"{clip.id} {one.name}" for one in pipelines)
        return run_clip(self, clip, pipelines)

    def loaded(file: ModelFile[PipelineFile], taxonomy: Taxonomy) -> Pipeline:
        pipeline = load_pipeline(file, taxonomy)
        made.loaded.append(pipeline.name)
        return pipeline

    monkeypatch.setattr(Inference, "run", infer)
    monkeypatch.setattr(load, "load_pipeline", loaded)
    return made


def test_clips_of_the_same_bytes_share_their_answers(runs: Runs) -> None:
    videos = runs.benchmark / "golden" / "videos"
    shutil.copy(videos / "a-day.mp4", videos / "b-night.mp4")
    runs()
    # Two pipelines, each with answers, match tables, metric rows and a trial.
    assert len(list_entries(detections_folder())) == 8


EVERYTHING = ["a-day constant", "a-day other", "b-night constant", "b-night other"]


def answers_of(folder: RunFolder) -> dict[str, bytes]:
    return files_of(folder.path / "detections") | files_of(folder.path / "alerts")


def result_of(folder: RunFolder) -> dict[str, object]:
    """``run.json`` without times, and without where they come from."""
    data = run_json_without_times(folder)
    manifest = data["manifest"]
    assert isinstance(manifest, dict)
    manifest.pop("timing", None)
    return data


def test_nothing_is_computed_twice(runs: Runs) -> None:
    first = runs()
    assert (runs.clips, runs.loaded) == (EVERYTHING, ["constant", "other"])
    second = runs()
    assert (runs.clips, runs.loaded) == ([], [])
    assert answers_of(second) == answers_of(first)
    assert files_of(second.path / "timings") == files_of(first.path / "timings")
    assert result_of(second) == result_of(first)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("benchmark.yaml", "{metric: recall, min: 0.5}", "{metric: precision, min: 0.9}"),
        ("benchmark.yaml", "slices: [daypart, size]", "slices: [daypart]"),
        ("pipelines/constant.yaml", "post: {score: 0.3}", "post: {score: 0.95}"),
        ("pipelines/constant.yaml", "version: 1.0.0", "version: 1.0.1"),
        ("golden/golden.yaml", "daypart: day", "daypart: morning"),
    ],
)
def test_what_is_judged_may_change(file: str, old: str, new: str, runs: Runs) -> None:
    runs()
    edit(runs.benchmark / file, old, new)
    second = runs()
    notes = runs.notes
    if file.startswith("golden"):
        # Other truth, so a trial of the pipelines may say otherwise.
        assert runs.loaded == ["constant", "other"]
    else:
        assert runs.loaded == []
    assert runs.clips == []
    fresh = runs(NO_CACHE)
    assert runs.clips == EVERYTHING
    assert result_of(second) == result_of(fresh)
    assert notes == runs.notes


def test_what_changes_answers_is_computed(runs: Runs) -> None:
    runs()
    edit(runs.benchmark / "pipelines" / "constant.yaml", "resize: stretch", "resize: letterbox")
    second = runs()
    assert runs.clips == ["a-day constant", "b-night constant"]
    assert runs.loaded == ["constant"]
    fresh = runs(NO_CACHE)
    assert result_of(second) == result_of(fresh)
    edit(runs.benchmark / "pipelines" / "constant.yaml", "resize: letterbox", "resize: stretch")
    runs()
    assert runs.clips == []


@pytest.mark.parametrize("options", [NO_CACHE, RunOptions(measure="latency")])
def test_without_the_cache(options: RunOptions, runs: Runs) -> None:
    runs(options)
    assert not detections_folder().exists()
    runs()
    runs(options)
    assert runs.clips == EVERYTHING


def test_damaged_entries_are_computed_again(runs: Runs) -> None:
    first = runs()
    for position in (30, -1):
        for entry in list_entries(detections_folder()):
            data = bytearray(entry.path.read_bytes())
            data[position] ^= 1
            entry.path.write_bytes(data)
        again = runs()
        assert runs.clips == EVERYTHING
        assert answers_of(again) == answers_of(first)
        assert sum("is damaged and not used" in note for note in runs.notes) >= 4
    runs()
    assert runs.clips == []


def test_one_lost_clip_is_computed_alone(runs: Runs) -> None:
    first = runs()
    entries = list_entries(detections_folder())
    for entry in entries:
        # One at a time, with everything else there.
        data = entry.path.read_bytes()
        entry.path.unlink()
        again = runs()
        assert len(runs.clips) <= 1
        assert answers_of(again) == answers_of(first)
        assert result_of(again) == result_of(first)
        entry.path.write_bytes(data)


def test_an_odd_cache_costs_nothing_but_itself(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = runs()
    (tmp_path / "file").write_text("")
    for odd in (tmp_path / "file", Path(os.devnull)):
        monkeypatch.setenv("VBENCH_CACHE", str(odd))
        again = runs()
        assert runs.clips == EVERYTHING
        assert sum("cannot keep results for the next run" in note for note in runs.notes) == 1
        assert result_of(again) == result_of(first)


def test_what_is_evicted_at_once_is_only_computed_again(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VBENCH_CACHE_LIMIT", "8KB")
    first = runs()
    again = runs()
    assert runs.clips
    assert result_of(again) == result_of(first)
    assert sum(one.n_bytes for one in list_entries(detections_folder())) <= 8_000
