"""Golden sets that are out of the ordinary: empty, several, with tags on boxes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.bench.runs import counts, gate_result, metric, run_quietly
from tests.bench.small import N_FRAMES, STRAY_BOX, TRUTH_BOX, edit, mot_row, set_gates
from vbench.errors import ConfigError, InputError
from vbench.types import Verdict

HEADER = "frame,class,track_id,x1,y1,x2,y2,ignore,crowd"


def empty_truth(small: Path) -> None:
    for clip in ("a-day", "b-night"):
        (small / "golden" / "truth" / f"{clip}.csv").write_text(HEADER + "\n")


def test_empty_frames_count_false_positives(small: Path, tmp_path: Path) -> None:
    empty_truth(small)
    run = run_quietly(small, tmp_path / "run").run
    assert counts(run, "v1") == (0, 12, 0)
    assert counts(run, "v2") == (0, 25, 0)
    assert metric(run, "precision", "v2").value == 0.0
    assert metric(run, "frame_fpr", "v2", class_name="person").value == 1.0
    assert metric(run, "frame_fpr", "v1", class_name="person").value == 0.5
    assert metric(run, "recall", "v2").value is None


def test_a_gate_on_what_is_undefined_fails_with_the_reason(small: Path, tmp_path: Path) -> None:
    empty_truth(small)
    set_gates(small / "benchmark.yaml", "{metric: recall, class: person, min: 0.001}")
    run = run_quietly(small, tmp_path / "run").run
    result = gate_result(run, "recall[person] >= 0.001", "v2")
    assert result.verdict is Verdict.FAIL
    assert "no truth boxes of class person" in result.explanation


def test_a_clip_without_a_truth_file_is_a_clip_of_empty_frames(small: Path, tmp_path: Path) -> None:
    edit(small / "golden" / "golden.yaml", " truth: truth/b-night.csv,", "")
    run = run_quietly(small, tmp_path / "run").run
    assert counts(run, "v2") == (12, 13, 0)


def test_a_gate_on_a_class_that_never_occurs_fails(small: Path, tmp_path: Path) -> None:
    set_gates(small / "benchmark.yaml", "{metric: recall, class: forklift, min: 0.5}")
    run = run_quietly(small, tmp_path / "run").run
    assert [one.verdict for one in run.gates] == [Verdict.FAIL, Verdict.FAIL]
    assert "undefined: no truth boxes of class forklift" in run.gates[0].explanation
    assert any("never finds forklift" in note for note in run.pipelines[0].notes)


@pytest.fixture
def two_sets(small: Path) -> Path:
    """A second golden set, `yard`, with one clip of its own that v2 misses."""
    yard = small / "yard"
    shutil.copytree(small / "golden", yard)
    text = (yard / "golden.yaml").read_text().replace("name: dock", "name: yard")
    kept = [line for line in text.splitlines() if "b-night" not in line]
    text = "\n".join(kept).replace("id: a-day", "id: c-day").replace("daypart: day", "gate: 4")
    (yard / "golden.yaml").write_text(text + "\n")
    edit(small / "benchmark.yaml", "golden_sets: [golden]", "golden_sets: [golden, yard]")
    rows = "".join(mot_row(frame, TRUTH_BOX, 0.9) for frame in range(N_FRAMES))
    (small / "results" / "v1" / "c-day.txt").write_text(rows)
    (small / "results" / "v2" / "c-day.txt").write_text(mot_row(0, STRAY_BOX, 0.9))
    return small


def test_each_golden_set_is_judged_on_its_own(two_sets: Path, tmp_path: Path) -> None:
    set_gates(
        two_sets / "benchmark.yaml",
        "{metric: recall, min: 0.9}",
        "{metric: recall, slice: {daypart: night}, min: 0.8, golden_set: dock}",
        "{metric: recall, clip: c-day, min: 0.9}",
    )
    run = run_quietly(two_sets, tmp_path / "run").run
    assert counts(run, "v1", golden_set="yard") == (12, 0, 0)
    assert counts(run, "v2", golden_set="yard") == (0, 1, 12)
    assert counts(run, "v2", golden_set="dock") == (24, 1, 0)
    whole = "recall >= 0.9"
    verdicts = {
        (pipeline, golden_set): gate_result(run, whole, pipeline, golden_set).verdict
        for pipeline in ("v1", "v2")
        for golden_set in ("dock", "yard")
    }
    assert verdicts == {
        ("v1", "dock"): Verdict.FAIL,
        ("v1", "yard"): Verdict.PASS,
        ("v2", "dock"): Verdict.PASS,
        ("v2", "yard"): Verdict.FAIL,
    }
    judged = [(one.gate.title(), one.pipeline, one.golden_set) for one in run.gates]
    assert judged[4:] == [
        ("recall daypart=night >= 0.8", "v1", "dock"),
        ("recall daypart=night >= 0.8", "v2", "dock"),
        ("recall clip=c-day >= 0.9", "v1", "yard"),
        ("recall clip=c-day >= 0.9", "v2", "yard"),
    ]


def test_a_slice_that_a_golden_set_lacks_fails_there(two_sets: Path, tmp_path: Path) -> None:
    set_gates(two_sets / "benchmark.yaml", "{metric: recall, slice: {daypart: night}, min: 0.001}")
    run = run_quietly(two_sets, tmp_path / "run").run
    result = gate_result(run, "recall daypart=night >= 0.001", "v2", "yard")
    assert result.verdict is Verdict.FAIL
    assert "not measured on this golden set" in result.explanation


def test_a_second_set_is_checked_before_the_first_is_run(two_sets: Path, tmp_path: Path) -> None:
    (two_sets / "results" / "v2" / "c-day.txt").unlink()
    with pytest.raises(ConfigError, match='no results for clip "c-day"'):
        run_quietly(two_sets, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_class_of_one_set_only_is_noted(two_sets: Path, tmp_path: Path) -> None:
    edit(two_sets / "yard" / "golden.yaml", "name: forklift, means: a truck", "name: van")
    run = run_quietly(two_sets, tmp_path / "run").run
    assert any("never finds forklift, van" in note for note in run.pipelines[0].notes)
    assert run.pipelines[0].operating_point.scores == (
        ("person", 0.3),
        ("forklift", 0.3),
        ("van", 0.3),
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name: yard", "name: dock", 'already has the golden set "dock"'),
        ("id: c-day", "id: a-day", 'already has the clip "a-day"'),
    ],
)
def test_names_are_unique_over_golden_sets(
    two_sets: Path, tmp_path: Path, old: str, new: str, message: str
) -> None:
    edit(two_sets / "yard" / "golden.yaml", old, new)
    with pytest.raises(ConfigError, match=message):
        run_quietly(two_sets, tmp_path / "run")


def tag_boxes(small: Path) -> None:
    """Every second truth box is occluded."""
    for clip in ("a-day", "b-night"):
        path = small / "golden" / "truth" / f"{clip}.csv"
        header, *rows = path.read_text().splitlines()
        tagged = [f"{row},{'true' if k % 2 else ''}" for k, row in enumerate(rows)]
        path.write_text("\n".join([f"{header},occluded", *tagged]) + "\n")


def test_gates_on_tags_of_boxes_and_sizes(small: Path, tmp_path: Path) -> None:
    tag_boxes(small)
    set_gates(
        small / "benchmark.yaml",
        "{metric: recall, slice: {occluded: true}, min: 0.5}",
        "{metric: fp, slice: {size: small}, max: 0}",
        "{metric: recall, clip: b-night, min: 0.5}",
    )
    run = run_quietly(small, tmp_path / "run").run
    assert metric(run, "recall", "v1", slice_=(("occluded", "true"),)).n == 12
    assert [(one.pipeline, one.verdict.value) for one in run.gates] == [
        ("v1", "pass"),
        ("v2", "pass"),
        ("v1", "pass"),
        ("v2", "fail"),
        ("v1", "fail"),
        ("v2", "pass"),
    ]


def test_a_key_with_two_meanings_is_refused_before_the_run(small: Path, tmp_path: Path) -> None:
    tag_boxes(small)
    edit(small / "golden" / "golden.yaml", "{daypart: day}", "{daypart: day, occluded: all}")
    edit(small / "benchmark.yaml", "[daypart, size]", "[daypart, size, occluded]")
    with pytest.raises(InputError, match='"occluded" has more than one meaning'):
        run_quietly(small, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_gate_on_a_combination_of_two_keys(small: Path, tmp_path: Path) -> None:
    tag_boxes(small)
    set_gates(
        small / "benchmark.yaml",
        "{metric: recall, slice: {size: medium, daypart: night}, min: 0.5}",
        "{metric: recall, slice: {daypart: night, occluded: true}, min: 0.5, pipelines: [v2]}",
        "{metric: fp, slice: {daypart: day, size: small}, max: 0, pipelines: [v2]}",
        "{metric: fp, slice: {daypart: night, size: small}, max: 0, pipelines: [v2]}",
    )
    run = run_quietly(small, tmp_path / "run").run
    assert [(one.pipeline, one.verdict.value) for one in run.gates] == [
        ("v1", "fail"),
        ("v2", "pass"),
        ("v2", "pass"),
        ("v2", "pass"),
        ("v2", "fail"),
    ]
    night_medium = gate_result(run, "recall daypart=night size=medium >= 0.5", "v1").observed
    assert night_medium is not None
    assert (night_medium.value, night_medium.n) == (0.0, 12)
