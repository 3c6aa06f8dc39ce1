"""A run that was stopped goes on where complete clips end, and only with the same inputs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.bench.runs import RecordingProgress, run_json_without_times, run_quietly
from tests.bench.small import edit, files_of
from vbench.bench.infer import AnsweredClip, Inference
from vbench.bench.run import run_benchmark
from vbench.errors import EngineError, Interrupted, RunFolderError, VbenchError
from vbench.pipeline.load import Pipeline
from vbench.record.folder import RunFolder
from vbench.types import Clip


@pytest.fixture
def framewise(small: Path) -> Path:
    """The small benchmark with a model beside the replayed pipelines."""
    edit(
        small / "benchmark.yaml",
        "[pipelines/v1.yaml, pipelines/v2.yaml]",
        "[pipelines/v1.yaml, pipelines/v2.yaml, pipelines/constant.yaml]",
    )
    return small


def stop_at(monkeypatch: pytest.MonkeyPatch, clip_id: str, error: VbenchError) -> list[str]:
    """Make inference of one clip raise; returns the list of clips that get that far."""
    begun: list[str] = []

    run_clip = Inference.run

    def infer(self: Inference, clip: Clip, pipelines: Sequence[Pipeline]) -> AnsweredClip:
        begun.append(clip.id)
        if clip.id == clip_id:
            raise error
        return run_clip(self, clip, pipelines)

    monkeypatch.setattr(Inference, "run", infer)
    return begun


@pytest.mark.parametrize(
    "error", [Interrupted("interrupted"), EngineError("the model failed")], ids=["stop", "engine"]
)
def test_a_stopped_run_goes_on(
    framewise: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: VbenchError
) -> None:
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        stop_at(patch, "b-night", error)
        with pytest.raises(type(error)):
            run_quietly(framewise, out)
    assert not (out / "run.json").exists()
    done = files_of(out / "detections") | files_of(out / "timings")
    assert {name.rpartition("/")[2] for name in done} == {"a-day.parquet"}

    begun = stop_at(monkeypatch, "nowhere", error)
    progress = RecordingProgress()
    resumed = run_benchmark(framewise, out, progress, report=False)
    assert begun == ["b-night"]
    assert done.items() <= (files_of(out / "detections") | files_of(out / "timings")).items()
    assert not resumed.folder.plan_json.exists()

    whole = run_quietly(framewise, tmp_path / "whole")
    assert run_json_without_times(resumed.folder) == run_json_without_times(whole.folder)


def test_a_clip_without_its_last_file_is_run_again(
    framewise: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        stop_at(patch, "b-night", Interrupted("interrupted"))
        with pytest.raises(Interrupted):
            run_quietly(framewise, out)
    RunFolder(out).decoded("a-day").unlink()
    begun = stop_at(monkeypatch, "nowhere", Interrupted("interrupted"))
    run_quietly(framewise, out)
    assert begun == ["a-day", "b-night"]


def stopped_run(small: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    with monkeypatch.context() as patch:
        stop_at(patch, "b-night", Interrupted("interrupted"))
        with pytest.raises(Interrupted):
            run_quietly(small, out)
    return files_of(out)


@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    [
        ("pipelines/constant.yaml", "score: 0.3", "score: 0.4", "constant.yaml"),
        ("results/v2/b-night.txt", "0.8,", "0.7,", "results/v2/b-night.txt"),
        ("golden/truth/b-night.csv", "\n0,person,1,10.0", "\n0,person,1,11.0", "dock"),
    ],
)
def test_other_inputs_are_refused(
    framewise: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    old: str,
    new: str,
    changed: str,
) -> None:
    out = tmp_path / "run"
    before = stopped_run(framewise, out, monkeypatch)
    edit(framewise / file, old, new)
    with pytest.raises(RunFolderError, match="unfinished run of other inputs") as caught:
        run_quietly(framewise, out)
    assert changed in caught.value.what
    assert files_of(out) == before


def test_an_unreadable_plan_is_refused(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    stopped_run(small, out, monkeypatch)
    (out / "plan.json").write_text("[")
    with pytest.raises(RunFolderError, match="its plan"):
        run_quietly(small, out)


def test_other_gates_do_not_need_the_frames_again(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    stopped_run(small, out, monkeypatch)
    edit(small / "benchmark.yaml", "min: 0.9", "min: 0.5")
    begun = stop_at(monkeypatch, "nowhere", Interrupted("interrupted"))
    finished = run_quietly(small, out)
    assert begun == ["b-night"]
    assert finished.folder.benchmark_yaml.read_text() == (small / "benchmark.yaml").read_text()


def test_a_broken_note_of_a_clip_names_its_file(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    stopped_run(small, out, monkeypatch)
    RunFolder(out).decoded("a-day").write_text(json.dumps({"color": "x"}))
    with pytest.raises(RunFolderError, match="cannot be read") as caught:
        run_quietly(small, out)
    assert caught.value.where.endswith("a-day.json")


def test_an_interrupted_run_says_how_to_go_on(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    stop_at(monkeypatch, "b-night", Interrupted("interrupted"))
    with pytest.raises(Interrupted) as caught:
        run_benchmark(small, None, RecordingProgress(), report=False)
    (folder,) = Path("runs").iterdir()
    assert f"vbench run {small} --out {folder}" in caught.value.hint
