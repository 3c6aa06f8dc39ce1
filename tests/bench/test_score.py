"""Stored detections judged again: nothing is decoded, and the run itself stays as it is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import vbench
from tests.bench.runs import counts, gate_result, run_json_without_times, run_quietly
from tests.bench.small import edit, files_of
from vbench.bench import measured, outputs
from vbench.bench.finished import FinishedRun
from vbench.bench.progress import NoProgress
from vbench.bench.score import score_run
from vbench.errors import ConfigError, InputError, RunFolderError
from vbench.matching import match_clip
from vbench.record.baseline import baseline_folder
from vbench.record.run_json import read_run
from vbench.types import Clip, Matches, Verdict


@pytest.fixture(autouse=True)
def _no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes seconds and has tests of its own."""
    monkeypatch.setattr(outputs, "write_pdf", lambda folder, **_: folder.report_pdf)


@pytest.fixture
def moved(finished: FinishedRun, tmp_path: Path) -> Path:
    """A copy of the finished run, with neither videos nor pipelines beside it."""
    return Path(shutil.copytree(finished.folder.path, tmp_path / "moved" / "run"))


def score(
    run: Path,
    benchmark: Path | None = None,
    threshold: float | None = None,
    out: Path | None = None,
) -> FinishedRun:
    return score_run(run, benchmark, threshold, out, NoProgress())


def test_the_same_rules_give_the_same_run(finished: FinishedRun, moved: Path) -> None:
    before = files_of(moved)
    again = score(moved)
    assert again.run == finished.run
    assert files_of(moved) == before


@pytest.fixture
def match_clip_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The clips that were matched since."""
    calls: list[str] = []

    def counted(clip: Clip, *rest: object) -> Matches:
        calls.append(clip.id)
        return match_clip(clip, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(measured, "match_clip", counted)
    return calls


def test_match_tables_that_stand_are_not_made_anew(
    moved: Path, tmp_path: Path, match_clip_calls: list[str]
) -> None:
    result = score(moved, threshold=0.85, out=tmp_path / "again")
    assert match_clip_calls == []
    made, kept = result.folder.path / "matches", moved / "matches"
    assert not (made / "v1").is_symlink()
    assert files_of(made) == files_of(kept)


def test_a_missing_match_table_is_made_anew(
    finished: FinishedRun, moved: Path, match_clip_calls: list[str]
) -> None:
    (moved / "matches" / "v1" / "a-day.parquet").unlink()
    before = files_of(moved)
    assert score(moved).run == finished.run
    assert len(match_clip_calls) == len(set(match_clip_calls)) > 0, "of one pipeline only"
    assert files_of(moved) == before


def test_match_tables_of_another_version_are_made_anew(
    finished: FinishedRun, moved: Path, match_clip_calls: list[str]
) -> None:
    record = moved / "run.json"
    edit(record, f'"vbench_version": "{vbench.__version__}"', '"vbench_version": "0.0.1"')
    assert score(moved).run.metrics == finished.run.metrics
    assert len(match_clip_calls) == 2 * len(set(match_clip_calls)) > 0, "of both pipelines"


def test_another_operating_point(moved: Path) -> None:
    run = score(moved, threshold=0.85).run
    assert counts(run, "v2") == (24, 0, 0)
    assert counts(score(moved, threshold=0.95).run, "v2") == (0, 0, 24)
    assert run.pipelines[0].operating_point.scores == (("person", 0.85), ("forklift", 0.85))


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_a_score_that_was_not_stored_is_refused(moved: Path, threshold: float) -> None:
    with pytest.raises(InputError, match="cannot be judged"):
        score(moved, threshold=threshold)


def test_a_score_below_the_floor_is_refused(small: Path, tmp_path: Path) -> None:
    edit(small / "benchmark.yaml", "v2.yaml]", "v2.yaml, pipelines/constant.yaml]")
    run = run_quietly(small, tmp_path / "run")
    assert counts(score(run.folder.path, threshold=0.05).run, "constant") == (24, 24, 0)
    with pytest.raises(InputError, match=r"constant stored detections from 0\.01"):
        score(run.folder.path, threshold=0.001)


def test_other_gates(moved: Path, small: Path) -> None:
    edit(
        small / "benchmark.yaml",
        "{metric: recall, class: person, min: 0.9}",
        "{metric: f1, min: 0.5}",
    )
    run = score(moved, small / "benchmark.yaml").run
    assert gate_result(run, "f1 >= 0.5", "v1").verdict is Verdict.PASS


def test_another_matching_iou(moved: Path, small: Path) -> None:
    with (small / "benchmark.yaml").open("a") as file:
        file.write("matching: {iou: 0.9}\n")
    run = score(moved, small / "benchmark.yaml").run
    assert run.pipelines[0].operating_point.iou == 0.9
    assert counts(run, "v2") == (24, 1, 0)


def test_gates_on_what_the_run_did_not_see_are_refused(moved: Path, small: Path) -> None:
    edit(small / "benchmark.yaml", "daypart: night", "daypart: dusk")
    with pytest.raises(ConfigError, match='value of daypart "dusk"'):
        score(moved, small / "benchmark.yaml")


def test_out_is_a_run_of_its_own(moved: Path, tmp_path: Path) -> None:
    before = files_of(moved)
    out = tmp_path / "again"
    result = score(moved, threshold=0.85, out=out)
    assert files_of(moved) == before
    assert read_run(result.folder) == result.run
    for part in ("detections", "golden", "decoded"):
        assert files_of(out / part) == files_of(moved / part)
    assert result.folder.junit_xml.is_file()
    # A run made by judging again can itself be judged again.
    assert score(out).run == result.run


@pytest.mark.parametrize("place", ["moved/run", "full"])
def test_out_is_never_overwritten(moved: Path, tmp_path: Path, place: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    before = files_of(tmp_path)
    with pytest.raises(RunFolderError):
        score(moved, out=tmp_path / place)
    assert files_of(tmp_path) == before


def test_out_does_not_mix_with_an_unfinished_run(moved: Path, tmp_path: Path) -> None:
    out = tmp_path / "unfinished"
    out.mkdir()
    (out / "plan.json").write_text("{}")
    with pytest.raises(RunFolderError, match="holds an unfinished run"):
        score(moved, out=out)
    assert files_of(out) == {"plan.json": b"{}"}


def test_nothing_is_left_of_a_judgement_that_fails(moved: Path, tmp_path: Path) -> None:
    (moved / "detections" / "v1" / "a-day.parquet").write_bytes(b"")
    with pytest.raises(RunFolderError):
        score(moved, out=tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_another_baseline_is_kept_with_the_result(
    moved: Path, finished: FinishedRun, small: Path, tmp_path: Path
) -> None:
    shutil.copytree(finished.folder.path, small / "runs" / "may")
    edit(
        small / "benchmark.yaml",
        "baseline: v1",
        "baseline: {run: runs/may, pipeline: v1, accept_failed: true}",
    )
    result = score(moved, small / "benchmark.yaml", out=tmp_path / "again")
    kept = baseline_folder(result.folder)
    assert kept.run_json.read_bytes() == finished.folder.run_json.read_bytes()
    shutil.rmtree(small)
    assert score(tmp_path / "again").run.gates == result.run.gates


def test_a_run_with_times_keeps_them(small: Path, tmp_path: Path) -> None:
    edit(small / "benchmark.yaml", "v2.yaml]", "v2.yaml, pipelines/constant.yaml]")
    edit(
        small / "benchmark.yaml",
        "gates:",
        "gates:\n  - {metric: latency_ms_p95, slice: {stage: decode}, pipelines: [constant], "
        "max: 60000}",
    )
    finished = run_quietly(small, tmp_path / "run")
    again = score(finished.folder.path)
    assert again.run == finished.run


def test_a_broken_shard_is_named(moved: Path) -> None:
    shard = moved / "detections" / "v1" / "a-day.parquet"
    shard.write_bytes(shard.read_bytes()[:40])
    with pytest.raises(RunFolderError, match="cannot be read") as caught:
        score(moved)
    assert caught.value.where.endswith("detections/v1/a-day.parquet")


def test_a_missing_shard_is_named(moved: Path) -> None:
    (moved / "golden" / "dock" / "a-day.parquet").unlink()
    with pytest.raises(RunFolderError, match="missing"):
        score(moved)


def test_run_json_is_the_same_but_for_what_was_asked(moved: Path, tmp_path: Path) -> None:
    result = score(moved, out=tmp_path / "again")
    first = json.loads((moved / "run.json").read_bytes())
    del first["manifest"]["started_at"], first["manifest"]["finished_at"]
    assert run_json_without_times(result.folder).keys() == first.keys()
    assert run_json_without_times(result.folder)["metrics"] == first["metrics"]
