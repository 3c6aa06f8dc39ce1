"""Gates against a pipeline of this run and of an earlier one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.bench.runs import gate_result, run_quietly
from tests.bench.small import edit, set_gates
from vbench.bench.progress import NoProgress
from vbench.bench.score import score_run
from vbench.errors import ConfigError, RunFolderError
from vbench.record.baseline import baseline_folder
from vbench.types import Verdict


@pytest.fixture
def against_earlier(small: Path) -> Path:
    """The small benchmark with v2 alone, compared with v1 of an earlier run."""
    run_quietly(small, small / "runs" / "may")
    benchmark = small / "benchmark.yaml"
    edit(benchmark, "[pipelines/v1.yaml, pipelines/v2.yaml]", "[pipelines/v2.yaml]")
    edit(benchmark, "baseline: v1", "baseline: {run: runs/may, pipeline: v1, accept_failed: true}")
    set_gates(
        benchmark,
        "{metric: precision, max_drop: 0.01}",
        "{metric: recall, max_drop: 0}",
        "{metric: fp, max_rise: 1, versus: baseline}",
    )
    return small


def test_an_earlier_run_as_baseline(against_earlier: Path, tmp_path: Path) -> None:
    finished = run_quietly(against_earlier, tmp_path / "run")
    run = finished.run
    precision = gate_result(run, "precision drops at most 0.01", "v2")
    assert precision.verdict is Verdict.FAIL
    assert precision.baseline is not None
    assert precision.baseline.value == 1.0
    assert str(precision.baseline_name).startswith("v1 of 2")
    assert gate_result(run, "recall drops at most 0", "v2").verdict is Verdict.PASS
    assert gate_result(run, "fp rises at most 1", "v2").verdict is Verdict.PASS
    assert run.baseline == precision.baseline_name
    kept = baseline_folder(finished.folder)
    assert kept.run_json.read_bytes() == (against_earlier / "runs/may/run.json").read_bytes()
    assert kept.detections("v1", "a-day").is_file()


def test_judging_again_uses_the_kept_copy_of_the_baseline(
    against_earlier: Path, tmp_path: Path
) -> None:
    finished = run_quietly(against_earlier, tmp_path / "run")
    shutil.rmtree(against_earlier)
    again = score_run(finished.folder.path, None, None, None, NoProgress())
    assert again.run.gates == finished.run.gates
    assert again.run.baseline == finished.run.baseline


def test_a_baseline_on_other_footage_decides_nothing(against_earlier: Path, tmp_path: Path) -> None:
    edit(against_earlier / "golden" / "truth" / "a-day.csv", "\n0,person,1,10.0", "\n0,person,1,9")
    run = run_quietly(against_earlier, tmp_path / "run").run
    assert {result.verdict for result in run.gates} == {Verdict.INCONCLUSIVE}
    assert "it has changed since v1 of 2" in run.gates[0].explanation
    assert run.verdict is Verdict.INCONCLUSIVE


def test_other_frames_of_the_baseline_decide_nothing(against_earlier: Path, tmp_path: Path) -> None:
    decoded = against_earlier / "runs" / "may" / "decoded" / "b-night.json"
    edit(decoded, '"missing_frames": []', '"missing_frames": [3]')
    run = run_quietly(against_earlier, tmp_path / "run").run
    assert {result.verdict for result in run.gates} == {Verdict.INCONCLUSIVE}
    assert "other frames of clip b-night" in run.gates[0].explanation


def test_the_baseline_is_compared_frame_by_frame(against_earlier: Path, tmp_path: Path) -> None:
    run = run_quietly(against_earlier, tmp_path / "run").run
    change = gate_result(run, "recall drops at most 0", "v2").change
    assert change is not None
    assert change.value == 0.5
    assert change.interval is not None


def test_a_baseline_that_failed_is_refused_unless_told(
    against_earlier: Path, tmp_path: Path
) -> None:
    edit(against_earlier / "benchmark.yaml", ", accept_failed: true", "")
    with pytest.raises(ConfigError, match="v1 failed its gates in the baseline run") as caught:
        run_quietly(against_earlier, tmp_path / "run")
    assert caught.value.where.endswith("benchmark.yaml:5: baseline.run")
    assert not (tmp_path / "run").exists()


def test_a_baseline_without_its_detections_is_refused(
    against_earlier: Path, tmp_path: Path
) -> None:
    shutil.rmtree(against_earlier / "runs" / "may" / "detections")
    with pytest.raises(RunFolderError, match="no detections of the pipeline") as caught:
        run_quietly(against_earlier, tmp_path / "run")
    assert caught.value.where.endswith("benchmark.yaml:5: baseline.run")
    assert not (tmp_path / "run").exists()


def test_a_metric_that_the_baseline_lacks_fails(against_earlier: Path, tmp_path: Path) -> None:
    set_gates(
        against_earlier / "benchmark.yaml",
        "{metric: recall, class: forklift, max_drop: 0.5}",
    )
    run = run_quietly(against_earlier, tmp_path / "run").run
    assert run.gates[0].verdict is Verdict.FAIL


def test_a_missing_baseline_run_is_refused(against_earlier: Path, tmp_path: Path) -> None:
    shutil.rmtree(against_earlier / "runs")
    with pytest.raises(ConfigError, match="does not exist") as caught:
        run_quietly(against_earlier, tmp_path / "run")
    assert caught.value.where.endswith("benchmark.yaml:5: baseline.run")
    assert not (tmp_path / "run").exists()


def test_an_unfinished_baseline_run_is_refused(against_earlier: Path, tmp_path: Path) -> None:
    may = against_earlier / "runs" / "may"
    (may / "run.json").unlink()
    (may / "plan.json").write_text("{}")
    with pytest.raises(RunFolderError, match="the run is not finished") as caught:
        run_quietly(against_earlier, tmp_path / "run")
    assert caught.value.where.endswith("benchmark.yaml:5: baseline.run")


def test_a_pipeline_that_the_baseline_run_lacks_is_refused(
    against_earlier: Path, tmp_path: Path
) -> None:
    edit(against_earlier / "benchmark.yaml", "pipeline: v1,", "pipeline: v7,")
    with pytest.raises(ConfigError, match='no pipeline "v7"'):
        run_quietly(against_earlier, tmp_path / "run")


def test_a_gate_may_name_another_pipeline_of_the_run(small: Path, tmp_path: Path) -> None:
    set_gates(small / "benchmark.yaml", "{metric: recall, max_drop: 0.1, versus: v2}")
    run = run_quietly(small, tmp_path / "run").run
    (result,) = run.gates
    assert (result.pipeline, result.baseline_name) == ("v1", "v2")
    assert result.verdict is Verdict.FAIL


def test_an_unchanged_pipeline_is_not_worse_however_little_footage_there_is(
    against_earlier: Path, tmp_path: Path
) -> None:
    edit(against_earlier / "benchmark.yaml", "pipelines/v2.yaml", "pipelines/v1.yaml")
    set_gates(
        against_earlier / "benchmark.yaml",
        "{metric: recall, not_worse: {margin: 0}}",
        "{metric: ap50, not_worse: {margin: 0.01, confidence: 0.99}}",
        "{metric: recall, max_drop: -0.1}",
    )
    run = run_quietly(against_earlier, tmp_path / "run").run
    verdicts = [result.verdict for result in run.gates]
    assert verdicts == [Verdict.PASS, Verdict.PASS, Verdict.FAIL]
    assert "both gave the very same answers" in run.gates[0].explanation


def test_other_answers_are_never_taken_for_the_same(against_earlier: Path, tmp_path: Path) -> None:
    set_gates(against_earlier / "benchmark.yaml", "{metric: recall, not_worse: {margin: 0}}")
    run = run_quietly(against_earlier, tmp_path / "run").run
    assert "very same" not in run.gates[0].explanation


def test_speed_of_another_machine_is_never_compared(small: Path, tmp_path: Path) -> None:
    benchmark = small / "benchmark.yaml"
    edit(benchmark, "[pipelines/v1.yaml, pipelines/v2.yaml]", "[pipelines/constant.yaml]")
    edit(benchmark, "baseline: v1", "baseline: constant")
    set_gates(benchmark, "{metric: latency_ms_p95, max: 60000}")
    earlier = run_quietly(small, small / "runs" / "may").folder
    text = earlier.run_json.read_text()
    earlier.run_json.write_text(text.replace('"n_cpus": "', '"n_cpus": "9'))
    edit(benchmark, "baseline: constant", "baseline: {run: runs/may, pipeline: constant}")
    set_gates(benchmark, "{metric: latency_ms_p95, not_worse: {margin: 1000}}")
    (result,) = run_quietly(small, tmp_path / "run").run.gates
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "that was another machine: n_cpus is 9" in result.explanation
