"""Promoting what passed, and going back."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench.runs import gate_result, run_quietly
from tests.bench.small import edit, files_of, set_gates
from vbench.bench.finished import FinishedRun
from vbench.bench.promote import promote_run, roll_back
from vbench.errors import (
    ExitCode,
    GateFailedError,
    InconclusiveError,
    InputError,
    LedgerError,
    RunFolderError,
    VbenchError,
)
from vbench.record.folder import RunFolder
from vbench.record.ledger import file_sha256, promoted_run, read_ledger
from vbench.record.run_json import read_run, write_run
from vbench.types import GateResult, Run, Verdict

BENCHMARK = "dock-release"


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository to work in."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(finished: FinishedRun, tmp_path: Path) -> RunFolder:
    """A run whose pipelines both pass all gates that count."""
    folder = RunFolder(Path(shutil.copytree(finished.folder.path, tmp_path / "runs" / "may")))
    rewrite(folder, Verdict.PASS)
    return folder


def rewrite(folder: RunFolder, verdict: Verdict, *, note: str = "") -> None:
    """Let every gate that counts, and every pipeline, have this verdict."""

    def judged(result: GateResult) -> GateResult:
        return result if result.gate.level == "warn" else replace(result, verdict=verdict)

    found = read_run(folder)
    write_run(
        folder,
        replace(
            found,
            pipelines=tuple(replace(item, verdict=verdict) for item in found.pipelines),
            gates=tuple(judged(item) for item in found.gates),
            verdict=verdict,
            notes=(*found.notes, note),
        ),
    )


def another(run: RunFolder, name: str) -> RunFolder:
    """A later run of the same."""
    folder = RunFolder(Path(shutil.copytree(run.path, run.path.parent / name)))
    rewrite(folder, Verdict.PASS, note=name)
    return folder


def change(folder: RunFolder, **fields: object) -> None:
    run: Run = replace(read_run(folder), **fields)  # type: ignore[arg-type]
    write_run(folder, run)


def test_what_is_kept_of_a_promotion(run: RunFolder, working_folder: Path) -> None:
    done = promote_run(run.path, "v2", None, "release 12")
    assert done.written
    assert done.before is None
    (entry,) = read_ledger(working_folder / "deployments.jsonl").entries
    assert entry == done.entry
    assert (entry.action, entry.benchmark, entry.pipeline) == ("promote", BENCHMARK, "v2")
    assert (entry.run, entry.run_sha256) == ("runs/may", file_sha256(run.run_json))
    assert entry.note == "release 12"
    assert [(one.name, one.version) for one in entry.golden_sets] == [("dock", "1.0.0")]
    assert entry.golden_sets[0].digest == read_run(run).golden_sets[0].digest
    gates = [(gate.title, gate.level, gate.verdict.value) for gate in entry.gates]
    assert gates == [
        ("recall[person] >= 0.9", "error", "pass"),
        ("recall[person] daypart=night >= 0.8", "error", "pass"),
        ("precision drops at most 0.01", "error", "pass"),
        ("fp_per_camera_hour <= 0", "warn", "fail"),
    ]
    assert entry.gates[0].value == 1.0
    assert [digest.name for digest in entry.digests] == [
        "../results/v2/a-day.txt",
        "../results/v2/b-night.txt",
        "v2.yaml",
    ]


def test_the_working_folder_has_the_ledger_of_a_repository(
    run: RunFolder, working_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote_run(run.path, "v1", None, "")
    below = working_folder / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    promote_run(run.path, "v2", None, "")
    assert [entry.pipeline for entry in read_ledger(Path("../deployments.jsonl")).entries] == [
        "v1",
        "v2",
    ]
    assert list(below.iterdir()) == []


def test_a_named_ledger(run: RunFolder, working_folder: Path) -> None:
    (working_folder / "releases").mkdir()
    path = working_folder / "releases" / "all.jsonl"
    done = promote_run(run.path, "v2", path, "")
    assert done.entry.run == "../runs/may"
    assert promoted_run(path, BENCHMARK).folder.path.resolve() == run.path
    assert not (working_folder / "deployments.jsonl").exists()


def test_the_same_again_is_no_second_line(run: RunFolder) -> None:
    first = promote_run(run.path, "v2", None, "")
    again = promote_run(run.path, "v2", None, "once more")
    assert not again.written
    assert again.entry == first.entry
    assert len(read_ledger(Path("deployments.jsonl")).entries) == 1


@pytest.mark.parametrize(
    ("verdict", "kind", "code", "what"),
    [
        (Verdict.FAIL, GateFailedError, ExitCode.GATE_FAILED, "3 of its 3 gates failed"),
        (
            Verdict.INCONCLUSIVE,
            InconclusiveError,
            ExitCode.INCONCLUSIVE,
            "3 of its 3 gates could not be decided",
        ),
    ],
)
def test_what_did_not_pass_is_refused(
    run: RunFolder, verdict: Verdict, kind: type[VbenchError], code: ExitCode, what: str
) -> None:
    rewrite(run, verdict)
    with pytest.raises(kind) as caught:
        promote_run(run.path, "v2", None, "")
    assert caught.value.exit_code == code
    assert caught.value.what.startswith(f"v2 1.0.0 was not promoted: {what}: recall[person] >= 0.9")
    assert "on dock" in caught.value.what
    assert caught.value.hint
    assert not Path("deployments.jsonl").exists()


def test_a_quarantined_failure_does_not_stand_in_the_way(run: RunFolder) -> None:
    first, *others = (one for one in read_run(run).gates if one.pipeline == "v2")
    first = replace(first, verdict=Verdict.FAIL, in_quarantine=True)
    change(run, gates=(first, *others))
    kept = promote_run(run.path, "v2", None, "").entry.gates[0]
    assert (kept.verdict, kept.in_quarantine) == (Verdict.FAIL, True)


def test_a_run_without_a_gate_that_counts_is_refused(run: RunFolder) -> None:
    change(run, gates=tuple(one for one in read_run(run).gates if one.gate.level == "warn"))
    with pytest.raises(InputError, match="no gate that counts judged it"):
        promote_run(run.path, "v2", None, "")


def test_a_part_of_a_benchmark_is_refused_by_its_reason(run: RunFolder) -> None:
    rewrite(run, Verdict.INCONCLUSIVE)
    manifest = replace(read_run(run).manifest, partial="only 1 of 2 clips were run")
    change(run, manifest=manifest)
    with pytest.raises(InconclusiveError, match="only 1 of 2 clips were run"):
        promote_run(run.path, "v2", None, "")


def test_one_of_several_pipelines_must_be_named(run: RunFolder) -> None:
    with pytest.raises(InputError, match="several pipelines") as caught:
        promote_run(run.path, None, None, "")
    assert caught.value.hint == "name one with --pipeline: v1 (pass), v2 (pass)"


def test_an_only_pipeline_need_not_be_named(run: RunFolder) -> None:
    change(run, pipelines=read_run(run).pipelines[1:])
    assert promote_run(run.path, None, None, "").entry.pipeline == "v2"


def test_an_unknown_pipeline(run: RunFolder) -> None:
    with pytest.raises(InputError, match='no pipeline "v22"') as caught:
        promote_run(run.path, "v22", None, "")
    assert caught.value.hint == 'did you mean "v2"?'


def test_what_is_no_run_is_refused(working_folder: Path) -> None:
    with pytest.raises(RunFolderError, match="does not exist"):
        promote_run(working_folder / "none", None, None, "")


def test_rolling_back_restores_the_one_before(run: RunFolder) -> None:
    june, july = another(run, "june"), another(run, "july")
    first = promote_run(run.path, "v1", None, "").entry
    second = promote_run(june.path, "v2", None, "").entry
    promote_run(july.path, "v2", None, "")
    done = roll_back(None, None, "misses forklifts")
    assert done.written
    assert (done.entry.action, done.entry.note) == ("rollback", "misses forklifts")
    assert done.entry.is_same(second)
    assert (done.entry.gates, done.entry.digests) == (second.gates, second.digests)
    assert done.promoted_at == second.at
    assert done.before.run == "runs/july"
    assert promoted_run(Path("deployments.jsonl"), BENCHMARK).folder.path == june.path
    assert roll_back(None, None, "").entry.is_same(first)
    assert promoted_run(Path("deployments.jsonl"), BENCHMARK).folder.path == run.path


def test_what_was_rolled_back_from_does_not_come_back(run: RunFolder) -> None:
    june, july = another(run, "june"), another(run, "july")
    promote_run(run.path, "v1", None, "")
    promote_run(june.path, "v1", None, "")
    roll_back(None, None, "")
    promote_run(july.path, "v1", None, "")
    assert roll_back(None, None, "").entry.run == "runs/may"


def test_a_benchmark_compares_with_what_is_promoted(run: RunFolder, small: Path) -> None:
    edit(small / "benchmark.yaml", "baseline: v1", "baseline: promoted")
    set_gates(small / "benchmark.yaml", "{metric: recall, max_drop: 0.1}")
    june = another(run, "june")
    promote_run(run.path, "v1", None, "")
    promote_run(june.path, "v2", None, "")
    result = run_quietly(small, small / "with-v2")
    assert str(result.run.baseline).startswith("v2 of ")
    assert gate_result(result.run, "recall drops at most 0.1", "v1").verdict is Verdict.FAIL
    roll_back(None, None, "")
    result = run_quietly(small, small / "with-v1")
    assert str(result.run.baseline).startswith("v1 of ")
    assert gate_result(result.run, "recall drops at most 0.1", "v1").verdict is Verdict.PASS


def test_a_benchmark_without_a_promotion_is_refused(small: Path) -> None:
    edit(small / "benchmark.yaml", "baseline: v1", "baseline: promoted")
    with pytest.raises(InputError, match="no pipeline is promoted") as caught:
        run_quietly(small, small / "run")
    assert caught.value.where.endswith("benchmark.yaml:5: baseline")


def test_a_dry_run_writes_nothing(run: RunFolder, working_folder: Path) -> None:
    promote_run(run.path, "v1", None, "")
    promote_run(run.path, "v2", None, "")
    (working_folder / "deployments.jsonl.lock").unlink()
    before = files_of(working_folder)
    done = roll_back(None, None, "", dry_run=True)
    assert not done.written
    assert done.entry.pipeline == "v1"
    assert files_of(working_folder) == before


def test_a_rollback_works_without_the_old_run(run: RunFolder) -> None:
    june = another(run, "june")
    promote_run(run.path, "v1", None, "")
    promote_run(june.path, "v1", None, "")
    shutil.rmtree(run.path)
    done = roll_back(None, None, "")
    assert done.run_problem == "is gone"
    with pytest.raises(LedgerError, match="is gone"):
        promoted_run(Path("deployments.jsonl"), BENCHMARK)


def test_nothing_to_roll_back_to(run: RunFolder) -> None:
    with pytest.raises(LedgerError, match="nothing was promoted yet"):
        roll_back(None, None, "")
    promote_run(run.path, "v1", None, "")
    before = Path("deployments.jsonl").read_bytes()
    for dry_run in (False, True):
        with pytest.raises(LedgerError, match=r"nothing to roll back to: v1 1\.0\.0 is the only"):
            roll_back(None, None, "", dry_run=dry_run)
    assert Path("deployments.jsonl").read_bytes() == before


def test_an_empty_ledger_has_nothing(working_folder: Path) -> None:
    (working_folder / "deployments.jsonl").touch()
    with pytest.raises(InputError, match="the ledger is empty"):
        roll_back(None, None, "")


def test_a_benchmark_must_be_named_where_there_are_several(run: RunFolder) -> None:
    promote_run(run.path, "v1", None, "")
    promote_run(run.path, "v2", None, "")
    other = another(run, "other")
    change(other, manifest=replace(read_run(other).manifest, benchmark="gate-release"))
    promote_run(other.path, "v1", None, "")
    with pytest.raises(InputError, match="several benchmarks") as caught:
        roll_back(None, None, "")
    assert caught.value.hint == "name one with --benchmark: dock-release, gate-release"
    with pytest.raises(InputError, match='no benchmark "dock"'):
        roll_back("dock", None, "")
    assert roll_back(BENCHMARK, None, "").entry.pipeline == "v1"
