"""The steps chained: numbers by hand, the run folder, determinism, nothing overwritten."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import pytest

from tests.bench.runs import (
    RecordingProgress,
    counts,
    gate_result,
    metric,
    run_json_without_times,
    run_quietly,
)
from tests.bench.small import N_FRAMES, edit, files_of, set_gates
from vbench.bench.finished import FinishedRun
from vbench.bench.progress import NoProgress
from vbench.bench.run import run_benchmark
from vbench.bench.schema import schema_text
from vbench.errors import ConfigError, RunFolderError, TruthError
from vbench.record.run_json import read_run, run_text
from vbench.report.ci.code_quality import code_quality_json
from vbench.report.ci.junit import junit_text
from vbench.report.text.comment import comment_markdown
from vbench.report.text.summary import summary_markdown
from vbench.types import Verdict

HOURS = 2 * N_FRAMES / 25 / 3600
"""Footage of both clips."""


@pytest.mark.parametrize(
    ("pipeline", "clip", "expected"),
    [
        ("v1", None, (12, 0, 12)),
        ("v1", "a-day", (12, 0, 0)),
        ("v1", "b-night", (0, 0, 12)),
        ("v2", None, (24, 1, 0)),
        ("v2", "a-day", (12, 0, 0)),
        ("v2", "b-night", (12, 1, 0)),
    ],
)
def test_counts(
    finished: FinishedRun, pipeline: str, clip: str | None, expected: tuple[int, ...]
) -> None:
    assert counts(finished.run, pipeline, clip=clip) == expected


@pytest.mark.parametrize(
    ("name", "pipeline", "expected"),
    [
        ("recall", "v1", 0.5),
        ("precision", "v1", 1.0),
        ("f1", "v1", 2 / 3),
        ("recall", "v2", 1.0),
        ("precision", "v2", 24 / 25),
        ("f1", "v2", 48 / 49),
        ("fp_per_frame", "v2", 1 / 24),
        ("fp_per_camera_hour", "v1", 0.0),
        ("fp_per_camera_hour", "v2", 1 / HOURS),
        ("frame_recall", "v1", 0.5),
        ("mota", "v2", 1 - 1 / 24),
    ],
)
def test_ratios(finished: FinishedRun, name: str, pipeline: str, expected: float) -> None:
    assert metric(finished.run, name, pipeline).value == pytest.approx(expected, rel=1e-12)


def test_slices(finished: FinishedRun) -> None:
    run = finished.run
    day, night, small = (("daypart", "day"),), (("daypart", "night"),), (("size", "small"),)
    assert metric(run, "recall", "v1", slice_=day).value == 1.0
    assert metric(run, "recall", "v1", slice_=night).value == 0.0
    assert metric(run, "precision", "v2", slice_=night).value == 12 / 13
    # The stray box of 20 x 22 px is the only small thing.
    assert metric(run, "fp", "v2", slice_=small).value == 1
    assert metric(run, "recall", "v2", slice_=small).value is None


def test_what_cannot_be_measured_says_why(finished: FinishedRun) -> None:
    recall = metric(finished.run, "recall", "v2", class_name="forklift")
    assert recall.value is None
    assert recall.reason == "no truth boxes of class forklift"
    latency = metric(finished.run, "latency_ms_p95", "v1")
    assert latency.value is None
    assert "replayed" in str(latency.reason)


def test_operating_point_is_beside_every_number(finished: FinishedRun) -> None:
    assert all(row.operating_point is not None for row in finished.run.metrics)
    assert finished.run.pipelines[0].operating_point.text() == "score >= 0.3, IoU >= 0.5"


@pytest.mark.parametrize(
    ("title", "pipeline", "verdict"),
    [
        ("recall[person] >= 0.9", "v1", Verdict.FAIL),
        ("recall[person] >= 0.9", "v2", Verdict.PASS),
        ("recall[person] daypart=night >= 0.8", "v1", Verdict.FAIL),
        ("recall[person] daypart=night >= 0.8", "v2", Verdict.PASS),
        ("precision drops at most 0.01", "v2", Verdict.FAIL),
        ("fp_per_camera_hour <= 0", "v1", Verdict.PASS),
        ("fp_per_camera_hour <= 0", "v2", Verdict.FAIL),
    ],
)
def test_gates(finished: FinishedRun, title: str, pipeline: str, verdict: Verdict) -> None:
    assert gate_result(finished.run, title, pipeline).verdict is verdict


def test_verdicts(finished: FinishedRun) -> None:
    assert finished.run.verdict is Verdict.FAIL
    assert [item.verdict for item in finished.run.pipelines] == [Verdict.FAIL, Verdict.FAIL]
    # The baseline is not compared with itself.
    assert len(finished.run.gates) == 7


def test_a_warning_fails_its_gate_but_not_the_pipeline(small: Path, tmp_path: Path) -> None:
    set_gates(small / "benchmark.yaml", "{metric: fp, max: 0, level: warn}")
    run = run_quietly(small, tmp_path / "run").run
    assert gate_result(run, "fp <= 0", "v2").verdict is Verdict.FAIL
    assert run.verdict is Verdict.PASS


def test_without_gates_the_run_says_that_nothing_was_required(small: Path, tmp_path: Path) -> None:
    benchmark = small / "benchmark.yaml"
    benchmark.write_text(benchmark.read_text().partition("gates:")[0])
    run = run_quietly(small, tmp_path / "run").run
    assert run.verdict is Verdict.PASS
    assert any("has no gates" in note for note in run.notes)


def test_run_json_follows_its_schema_and_reads_back(finished: FinishedRun) -> None:
    text = finished.folder.run_json.read_text()
    schema = json.loads(schema_text("run"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(text))
    again = read_run(finished.folder)
    assert again == finished.run
    assert run_text(again) == text


def test_run_folder_holds_every_shard_and_no_leftovers(finished: FinishedRun) -> None:
    shards = {
        f"{part}/{pipeline}/{clip}.parquet"
        for part in ("detections", "matches")
        for pipeline in ("v1", "v2")
        for clip in ("a-day", "b-night")
    }
    copy = {f"golden/dock/{name}" for name in ("golden.json", "a-day.parquet", "b-night.parquet")}
    decoded = {"decoded/a-day.json", "decoded/b-night.json"}
    evaluated = {"evaluated/v1/dock.bin", "evaluated/v2/dock.bin"}
    for_ci = {"junit.xml", "summary.md", "comment.md", "code-quality.json"}
    single = {"run.json", "benchmark.yaml", "media.json", *for_ci}
    assert set(files_of(finished.folder.path)) == shards | copy | decoded | evaluated | single


def test_what_ci_reads_is_written_also_when_gates_fail(finished: FinishedRun) -> None:
    folder, run = finished.folder, finished.run
    assert run.verdict is Verdict.FAIL
    assert folder.junit_xml.read_text("utf-8") == junit_text(run)
    assert folder.summary_md.read_text("utf-8") == summary_markdown(run)
    assert folder.comment_md.read_text("utf-8") == comment_markdown(run)
    assert folder.code_quality_json.read_text("utf-8") == code_quality_json(run)


def test_an_unlocked_set_is_said(finished: FinishedRun, small: Path, tmp_path: Path) -> None:
    (note,) = finished.run.notes
    assert "dock is not locked" in note
    progress = RecordingProgress()
    run_benchmark(small, tmp_path / "run", progress, report=False)
    assert any("no golden.lock" in note for note in progress.notes)


def test_same_inputs_same_run(finished: FinishedRun, small: Path, tmp_path: Path) -> None:
    again = run_quietly(small, tmp_path / "elsewhere" / "run")
    assert run_json_without_times(again.folder) == run_json_without_times(finished.folder)
    first, second = files_of(finished.folder.path), files_of(again.folder.path)
    assert first.keys() == second.keys()
    differing = {name for name in first if first[name] != second[name]}
    # These carry the time of the run, what the machine did meanwhile, or where files are on it.
    local = {"run.json", "junit.xml", "summary.md", "comment.md", "media.json"}
    assert {name for name in differing if not name.startswith("decoded/")} <= local


def test_the_folder_of_the_benchmark_file_may_be_given(small: Path, tmp_path: Path) -> None:
    by_file = run_quietly(small / "benchmark.yaml", tmp_path / "1")
    by_folder = run_quietly(small, tmp_path / "2")
    assert run_json_without_times(by_file.folder) == run_json_without_times(by_folder.folder)


def test_default_run_folder(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = run_benchmark(small, None, NoProgress(), report=False).folder
    assert folder.path.parent == Path("runs")
    assert folder.path.name.endswith("-dock-release")
    assert (tmp_path / folder.run_json).is_file()


def test_a_finished_run_is_never_overwritten(
    finished: FinishedRun, written: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    shutil.copytree(finished.folder.path, out)
    before = files_of(out)
    with pytest.raises(RunFolderError, match="never overwritten"):
        run_quietly(written, out)
    assert files_of(out) == before


def test_a_foreign_folder_is_left_alone(written: Path, tmp_path: Path) -> None:
    out = tmp_path / "holiday"
    out.mkdir()
    (out / "beach.jpg").write_bytes(b"sand")
    with pytest.raises(RunFolderError, match="not of a run"):
        run_quietly(written, out)
    assert files_of(out) == {"beach.jpg": b"sand"}


def test_a_file_as_out_is_left_alone(written: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    out.write_text("mine")
    with pytest.raises(RunFolderError, match="is a file"):
        run_quietly(written, out)
    assert out.read_text() == "mine"


def test_an_existing_empty_folder_is_used(written: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    out.mkdir()
    assert run_quietly(written, out).folder.run_json.is_file()


def test_out_is_refused_before_anything_is_decoded(written: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    out.write_text("mine")
    progress = RecordingProgress()
    with pytest.raises(RunFolderError):
        run_benchmark(written, out, progress, report=False)
    assert progress.clips == []


def test_broken_results_are_found_before_the_run_folder_is_made(
    small: Path, tmp_path: Path
) -> None:
    (small / "results" / "v2" / "b-night.txt").write_text("1,1,10,8,30,48,nan,-1,-1,-1\n")
    with pytest.raises(TruthError, match="finite"):
        run_quietly(small, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_two_pipelines_of_one_name(small: Path, tmp_path: Path) -> None:
    edit(small / "pipelines" / "v2.yaml", "name: v2", "name: v1")
    with pytest.raises(ConfigError, match='two pipelines are named "v1"'):
        run_quietly(small, tmp_path / "run")


def test_operating_points_per_class(small: Path, tmp_path: Path) -> None:
    pipeline = small / "pipelines" / "v2.yaml"
    with pipeline.open("a") as file:
        file.write("    post: {score: 0.3, score_per_class: {person: 0.85}}\n")
    run = run_quietly(small, tmp_path / "run").run
    # The stray box has score 0.8, the true ones 0.9.
    assert counts(run, "v1") == (12, 0, 12)
    assert counts(run, "v2") == (24, 0, 0)
    assert run.pipelines[1].operating_point.scores == (("person", 0.85), ("forklift", 0.3))
    assert metric(run, "recall", "v2", class_name="person").signature.find("score:0.85") > 0
    assert read_run(run_quietly(small, tmp_path / "again").folder).metrics == run.metrics
