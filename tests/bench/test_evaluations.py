"""Judged again: what stands is taken, what changed is computed, and the run is the same."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.small import edit, files_of, set_gates
from vbench.bench import evaluation_keys, evaluations, measured
from vbench.bench.evaluations import Entrant, Evaluation, evaluate_alike, open_evaluations
from vbench.bench.finished import FinishedRun
from vbench.bench.gate import gate_run
from vbench.bench.progress import NoProgress
from vbench.bench.results import as_decoded
from vbench.bench.rules import StoredClip
from vbench.bench.score import score_run
from vbench.config.benchmark_file import IntervalsEntry
from vbench.metrics import evaluate
from vbench.metrics.resampled import row_key
from vbench.record.detection_cache import DetectionCache
from vbench.record.folder import RunFolder
from vbench.record.golden_copy import read_golden_copy
from vbench.record.run_json import read_run
from vbench.record.shards import read_detections, write_detections
from vbench.types import GoldenSet, Run

GATES = (
    ("{metric: recall, min: 0.9}",),
    ("{metric: f1, class: person, min: 0.99, confidence: 0.9}",),
    ("{metric: precision, class: person, slice: {daypart: night}, min: 0.99, confidence: 0.9}",),
    ("{metric: ap, min: 0.999}", "{metric: ap50, slice: {size: medium}, max_drop: 0.0}"),
    ("{metric: recall, not_worse: {margin: 0.01, confidence: 0.95}}",),
    ("{metric: frame_recall, max_drop: 0.001}", "{metric: fp, max: 0}"),
    ("{metric: fp_per_camera_hour, max_rise: 1, versus: v1}", "{metric: mota, min: 0.99}"),
    ("{metric: longest_gap_s_max, max: 0}", "{metric: flicker_per_object_minute, max: 0}"),
)


@pytest.fixture
def moved(finished: FinishedRun, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished.folder.path, tmp_path / "run"))


@pytest.fixture
def bare(moved: Path, tmp_path: Path) -> Path:
    """The same run without what was kept."""
    found = Path(shutil.copytree(moved, tmp_path / "bare"))
    shutil.rmtree(found / "evaluated")
    return found


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Pipelines whose rows were computed since."""
    calls: list[str] = []
    real = evaluate.evaluate_pipeline

    def counted(golden_set: GoldenSet, pipeline: str, *rest: object, **named: object) -> object:
        calls.append(pipeline)
        return real(golden_set, pipeline, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(evaluate, "evaluate_pipeline", counted)
    return calls


def judged(run: Path, benchmark: Path | None = None, score: float | None = None) -> Run:
    return score_run(run, benchmark, score, None, NoProgress()).run


def test_a_run_keeps_what_it_computed(finished: FinishedRun) -> None:
    kept = sorted(files_of(finished.folder.path / "evaluated"))
    assert kept == ["v1/dock.bin", "v2/dock.bin"]


@pytest.mark.parametrize("gates", GATES)
def test_judged_again_equals_judged_afresh(
    moved: Path, bare: Path, small: Path, computed: list[str], gates: tuple[str, ...]
) -> None:
    set_gates(small / "benchmark.yaml", *gates)
    again = judged(moved, small / "benchmark.yaml")
    assert computed == []
    assert again == judged(bare, small / "benchmark.yaml")
    assert computed == ["v1", "v2"]
    assert again.gates


def test_nothing_is_read_where_nothing_changed(
    moved: Path, finished: FinishedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*rest: object) -> object:
        raise AssertionError("read")

    for name in ("block_length_of", "scored_boxes", "_digest_of"):
        monkeypatch.setattr(evaluations, name, refused)
    monkeypatch.setattr(StoredClip, "detection_blocks", refused)
    assert judged(moved) == finished.run


def test_a_new_gate_of_a_kept_run_is_explained_from_what_is_kept(
    moved: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_gates(small / "benchmark.yaml", "{metric: recall, class: person, min: 0.999}")
    monkeypatch.setattr(evaluations, "scored_boxes", lambda *rest: pytest.fail("read"))
    run = judged(moved, small / "benchmark.yaml")
    assert any(result.causes for result in run.gates)


def test_another_score_slice_or_seed_is_computed(
    moved: Path, small: Path, computed: list[str]
) -> None:
    judged(moved, score=0.85)
    assert computed == ["v1", "v2"]
    edit(small / "benchmark.yaml", "slices: [daypart, size]", "slices: [daypart]")
    judged(moved, small / "benchmark.yaml")
    assert len(computed) == 4
    with (small / "benchmark.yaml").open("a") as file:
        file.write("intervals: {seed: 1}\n")
    judged(moved, small / "benchmark.yaml")
    assert len(computed) == 6


def test_changed_code_computes_everything(
    moved: Path, computed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation_keys, "code_key", lambda: "other code")
    judged(moved)
    assert computed == ["v1", "v2"]


def test_other_answers_of_one_pipeline_are_computed(
    moved: Path, bare: Path, computed: list[str]
) -> None:
    for run in (moved, bare):
        shard = RunFolder(run).detections("v2", "a-day")
        found = read_detections(shard)
        write_detections(shard, found.take(found.frame_index != 3), ["person", "forklift"])
        RunFolder(run).matches("v2", "a-day").unlink()
    again = judged(moved)
    assert computed == ["v2"]
    assert again == judged(bare)


def test_what_was_flipped_is_computed(
    moved: Path, finished: FinishedRun, computed: list[str]
) -> None:
    path = RunFolder(moved).evaluated("v1", "dock")
    broken = bytearray(path.read_bytes())
    broken[len(broken) // 2] ^= 1
    path.write_bytes(broken)
    before = files_of(moved)
    assert judged(moved) == finished.run
    assert computed == ["v1"]
    assert files_of(moved) == before, "a finished run is never changed"


def test_what_was_computed_goes_into_the_new_run(
    moved: Path, tmp_path: Path, computed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vbench.bench.outputs.write_reports", lambda *rest, **named: None)
    out = tmp_path / "stricter"
    first = score_run(moved, None, 0.85, out, NoProgress()).run
    assert computed == ["v1", "v2"]
    assert judged(out) == first
    assert computed == ["v1", "v2"]


def test_an_earlier_baseline_is_taken_too(moved: Path, bare: Path, computed: list[str]) -> None:
    earlier = Path(shutil.copytree(moved, moved.parent / "earlier"))
    record = earlier / "run.json"
    record.write_text(record.read_text().replace('"verdict": "fail"', '"verdict": "pass"'))
    compared = f"{earlier}:v2"
    again = gate_run(moved, None, compared, None, NoProgress()).run
    assert computed == []
    shutil.rmtree(earlier / "evaluated")
    afresh = gate_run(bare, None, compared, None, NoProgress()).run
    assert computed == ["v1", "v2", again.baseline]
    assert again == afresh
    assert any(result.baseline is not None for result in again.gates)


def test_judging_again_loads_no_compiler(moved: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from vbench.bench.progress import NoProgress\n"
        "from vbench.bench.score import score_run\n"
        f"score_run(Path({str(moved)!r}), None, None, None, NoProgress())\n"
        "print(sorted({'numba', 'av', 'cv2', 'jinja2', 'pandas', 'onnxruntime'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def opened(run: Path, cache: DetectionCache | None) -> list[Evaluation]:
    folder = RunFolder(run)
    golden_set = as_decoded(folder, read_golden_copy(folder, "dock"))
    entrants = [
        Entrant(one.name, folder, one.name, one.operating_point)
        for one in read_run(folder).pipelines
    ]
    return open_evaluations(golden_set, entrants, cache)


def test_a_cache_serves_another_run_of_the_same_answers(
    moved: Path, bare: Path, tmp_path: Path, computed: list[str]
) -> None:
    notes: list[str] = []
    cache = DetectionCache(tmp_path / "cache", 10**9, notes.append)
    first = opened(bare, cache)
    keep = {row_key(row) for row in read_run(RunFolder(moved)).metrics if row.name == "recall"}
    intervals, keys = IntervalsEntry(), [("daypart",)]
    rows = evaluate_alike(first[0].golden_set, first, keys, intervals, keep)
    assert computed == ["v1", "v2"]
    for one in first:
        one.store(cache)
    shutil.rmtree(bare / "evaluated")
    again = opened(bare, cache)
    found = evaluate_alike(again[0].golden_set, again, keys, intervals, keep)
    assert [one.metrics for one in found] == [one.metrics for one in rows]
    assert computed == ["v1", "v2"]
    for one in again:
        one.store(cache)
    assert (bare / "evaluated").is_dir(), "the run folder has it too"
    assert notes == []


def test_match_tables_come_from_the_cache(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = DetectionCache(tmp_path / "cache", 10**9, pytest.fail)
    (one, _) = opened(bare, None)
    tables = bare / "matches" / "v1"
    made = files_of(tables)
    measured._match(one.golden_set, one.entrant, cache)
    shutil.rmtree(tables)
    monkeypatch.setattr(measured, "match_clip", lambda *rest: pytest.fail("matched again"))
    measured._match(one.golden_set, one.entrant, cache)
    assert files_of(tables) == made


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(bare: Path) -> None:
    (bare / "evaluated").write_text("a file in the way")
    (one, _) = opened(bare, None)
    evaluate_alike(one.golden_set, [one], [], IntervalsEntry(), [])
    one.store(None)
    assert one.kept.changed
