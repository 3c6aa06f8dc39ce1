"""Planted regressions through the whole of measuring and judging."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench.many_clips import run_pipelines, write_golden_set, write_pipeline
from tests.bench.small import files_of, set_gates
from vbench.bench.finished import FinishedRun
from vbench.bench.progress import NoProgress
from vbench.bench.selftest import CONTROL, Outcome, Planted, SelfTest, plant_and_judge, run_selftest
from vbench.bench.selftest_gates import not_worse
from vbench.bench.selftest_source import GateGroup, stored_source
from vbench.errors import InputError, RunFolderError
from vbench.record.folder import RunFolder
from vbench.record.shards import read_detections, write_detections
from vbench.types import Detections, Verdict


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one pipeline on nine clips; not to be changed."""
    folder = tmp_path_factory.mktemp("many")
    write_golden_set(folder)
    write_pipeline(folder, "v1", 0.9, seed=1)
    return run_pipelines(folder, folder / "run", "v1").folder.path


@pytest.fixture
def run(many: Path, tmp_path: Path) -> Path:
    """A copy of that run, whose gates may be changed."""
    return Path(shutil.copytree(many, tmp_path / "run"))


@pytest.fixture(scope="module")
def strict(many: Path, tmp_path_factory: pytest.TempPathFactory) -> SelfTest:
    """With one gate that passes, one that fails already, and one that must be sure."""
    run = Path(shutil.copytree(many, tmp_path_factory.mktemp("strict") / "run"))
    set_gates(
        run / "benchmark.yaml",
        "{metric: precision, min: 0.87}",
        "{metric: recall, min: 0.999}",
        "{metric: recall, slice: {daypart: night}, min: 0.7, confidence: 0.95}",
    )
    return selftest(run)


@pytest.fixture(scope="module")
def lax(many: Path, tmp_path_factory: pytest.TempPathFactory) -> SelfTest:
    """With gates that stop nothing."""
    run = Path(shutil.copytree(many, tmp_path_factory.mktemp("lax") / "run"))
    set_gates(run / "benchmark.yaml", *LAX)
    return selftest(run)


LAX = ("{metric: recall, min: 0.1}", "{metric: precision, min: 0.87, level: warn}")


def selftest(run: Path, pipeline: str | None = None, out: Path | None = None) -> SelfTest:
    return run_selftest(run, pipeline, out, NoProgress())


def one(found: SelfTest, name: str) -> Planted:
    (planted,) = (item for item in found.planted if item.name == name)
    return planted


def titles(planted: Planted, group: str = "the benchmark's gates") -> list[tuple[str, str]]:
    return [
        (result.gate.title(), result.verdict.value) for result in dict(planted.worse).get(group, ())
    ]


def test_a_gate_catches_what_it_looks_at_and_nothing_else(strict: SelfTest) -> None:
    caught = {item.name for item in strict.planted if item.outcome is Outcome.CAUGHT}
    assert caught == {"false-alarms"}
    assert titles(one(strict, "false-alarms")) == [("precision >= 0.87", "fail")]
    assert not strict.passed


def test_a_gate_that_fails_already_catches_nothing(strict: SelfTest) -> None:
    ((_, results), _) = strict.control
    assert [result.gate.title() for result in results] == ["recall >= 0.999"]
    assert not strict.broken_control
    assert not [
        title for item in strict.planted for title, _ in titles(item) if title == "recall >= 0.999"
    ]


def test_inconclusive_is_noticed_but_not_caught(strict: SelfTest) -> None:
    drop = one(strict, "drop-20")
    assert titles(drop) == [("recall daypart=night >= 0.7 (95 % sure)", "inconclusive")]
    assert drop.outcome is Outcome.NOTICED


def test_what_planting_did(lax: SelfTest) -> None:
    effects = {
        (effect.after.name, effect.after.slice): effect.change
        for effect in one(lax, "drop-20").effects
    }
    night, whole = effects["recall", (("daypart", "night"),)], effects["recall", ()]
    assert night is not None
    # A fifth of the night's boxes, found or false; the night is four of nine clips.
    assert night == pytest.approx(-0.2 * 0.9, abs=0.03)
    assert whole == pytest.approx(night * 4 / 9, abs=0.001)


def test_what_is_not_caught_gets_a_gate_that_catches_it(lax: SelfTest, run: Path) -> None:
    assert one(lax, "drop-20").suggestion == (
        "- {metric: recall, slice: {daypart: night}, not_worse: {margin: 0.01}}"
    )
    assert one(lax, "shift-boxes").suggestion == ("- {metric: mean_iou, not_worse: {margin: 0.01}}")
    text = (run / "benchmark.yaml").read_text()
    before_slices = "baseline: {run: earlier, pipeline: v1}\nslices:"
    (run / "benchmark.yaml").write_text(text.replace("slices:", before_slices))
    line = one(lax, "drop-5").suggestion.removeprefix("- ")
    set_gates(run / "benchmark.yaml", *LAX, line)
    assert one(selftest(run), "drop-5").outcome is Outcome.CAUGHT


def test_the_preset_is_shown_apart_and_does_not_count(lax: SelfTest) -> None:
    alarms = one(lax, "false-alarms")
    assert alarms.outcome is Outcome.MISSED
    preset = titles(alarms, "preset no-regression")
    assert ("precision not worse by 0.01 (95 % sure)", "fail") in preset


def test_a_warning_does_not_catch(lax: SelfTest) -> None:
    alarms = one(lax, "false-alarms")
    assert titles(alarms) == [("precision >= 0.87", "fail")]
    assert alarms.outcome is Outcome.MISSED


def test_a_number_that_did_not_change_is_not_noticed(lax: SelfTest) -> None:
    shifted = one(lax, "shift-boxes")
    changes = {effect.after.name: effect.change for effect in shifted.effects}
    assert (changes["recall"], changes["precision"]) == (0, 0)
    assert titles(shifted, "preset no-regression") == []


def test_gates_that_fail_an_unchanged_pipeline_break_the_control(run: Path, tmp_path: Path) -> None:
    source = stored_source(run, None, RunFolder(tmp_path / "scratch"))
    drops = replace(not_worse(("recall", ()), -0.1), form="max_drop", confidence=None)
    source = replace(source, groups=(GateGroup("own", (drops,), counts=True),))
    found = plant_and_judge(source, RunFolder(tmp_path / "scratch"))
    (broken,) = found.broken_control
    assert (broken.pipeline, broken.verdict) == (CONTROL, Verdict.FAIL)
    assert not found.passed


def test_the_control_is_judged_as_the_run_was(run: Path, finished: FinishedRun) -> None:
    found = selftest(finished.folder.path, "v1")
    failed = {
        result.gate.title()
        for name, results in found.control
        for result in results
        if name == "the benchmark's gates"
    }
    assert failed == {
        result.gate.title()
        for result in finished.run.gates
        if result.pipeline == "v1" and result.verdict is not Verdict.PASS
    }


def test_the_pipeline_is_the_baseline_unless_named(finished: FinishedRun) -> None:
    path = finished.folder.path
    assert selftest(path).of == f"v1 1.0.0 of {path}"
    assert selftest(path, "v2").of == f"v2 1.0.0 of {path}"


def test_gates_of_other_pipelines_and_on_times_are_left_out_and_named(
    written: Path, finished: FinishedRun, tmp_path: Path
) -> None:
    run = Path(shutil.copytree(finished.folder.path, tmp_path / "run"))
    set_gates(
        run / "benchmark.yaml",
        "{metric: recall, min: 0.9, pipelines: [v1]}",
        "{metric: latency_ms_p95, max: 40}",
        "{metric: precision, max_drop: 0.01, versus: v1, pipelines: [v2]}",
    )
    found = selftest(run, "v2")
    assert [gate.title() for gate in found.groups[0].gates] == ["precision drops at most 0.01"]
    assert found.notes == (
        "left out, since times are not changed: latency_ms_p95 <= 40",
        "left out, since they judge other pipelines: recall >= 0.9",
    )


def test_a_pipeline_that_found_nothing_proves_nothing(run: Path) -> None:
    for file in (run / "detections" / "v1").iterdir():
        write_detections(file, Detections.empty(), ["person"])
    found = selftest(run)
    assert all(item.obstacle for item in found.planted)
    assert not found.passed


def test_the_run_is_not_changed_and_out_keeps_the_planted_versions(
    lax: SelfTest, run: Path, tmp_path: Path
) -> None:
    set_gates(run / "benchmark.yaml", *LAX)
    before = files_of(run)
    again = selftest(run, out=tmp_path / "out")
    assert replace(again, of=lax.of) == lax
    assert files_of(run) == before
    kept = RunFolder(tmp_path / "out")
    reference = read_detections(kept.detections("reference", "clip-0"))
    assert len(reference) == len(read_detections(RunFolder(run).detections("v1", "clip-0")))
    shifted = read_detections(kept.detections("shift-boxes", "clip-0"))
    assert (shifted.boxes_xyxy > reference.boxes_xyxy).all()


def test_bad_input(run: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match='no pipeline "v2"'):
        selftest(run, "v2")
    with pytest.raises(InputError, match="no run to take a pipeline from"):
        run_selftest(None, "v1", None, NoProgress())
    with pytest.raises(InputError, match="not an empty folder"):
        selftest(run, out=run)
    with pytest.raises(RunFolderError, match="does not exist"):
        selftest(tmp_path / "none")
    data = json.loads((run / "run.json").read_text())
    data["manifest"]["partial"] = "only 1 of 9 clips"
    (run / "run.json").write_text(json.dumps(data))
    with pytest.raises(InputError, match="only 1 of 9 clips"):
        selftest(run)
