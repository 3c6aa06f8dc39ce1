"""Finished runs against each other: what is picked, what is refused, what comes out."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench.many_clips import run_pipelines, write_golden_set, write_pipeline
from tests.bench.small import edit, files_of
from vbench.bench.compare import ComparedRow, Comparison, RunComparison, compare_runs
from vbench.bench.progress import NoProgress
from vbench.errors import InputError, RunFolderError
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run, write_run
from vbench.stats import holm

Runs = tuple[Path, Path]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Two runs over the same footage; `steady` is alike in both, `tuned` finds more in June."""
    folder = tmp_path_factory.mktemp("compare")
    write_golden_set(folder)
    write_pipeline(folder, "steady", 0.7, seed=1)
    write_pipeline(folder, "tuned", 0.6, seed=2)
    write_pipeline(folder, "only-may", 0.5, seed=3)
    run_pipelines(folder, folder / "may", "steady", "tuned", "only-may")
    write_pipeline(folder, "tuned", 0.8, seed=2)
    run_pipelines(folder, folder / "june", "steady", "tuned")
    return folder / "may", folder / "june"


@pytest.fixture(scope="session")
def found(made: Runs) -> RunComparison:
    """Both runs compared."""
    return compared(made)


@pytest.fixture
def runs(made: Runs, tmp_path: Path) -> Runs:
    """The same, to be changed."""
    may, june = (Path(shutil.copytree(one, tmp_path / one.name)) for one in made)
    return may, june


def compared(
    runs: Sequence[Path],
    *,
    pipelines: Sequence[str] = (),
    allow: Sequence[str] = (),
    metrics: Sequence[str] = (),
    classes: Sequence[str] = (),
) -> RunComparison:
    return compare_runs(runs, pipelines, allow, metrics, classes, NoProgress())


def of_pipeline(found: RunComparison, name: str) -> Comparison:
    (one,) = (item for item in found.comparisons if item.candidate.pipeline.name == name)
    return one


def row(comparison: Comparison, name: str, **slice_: str) -> ComparedRow:
    (found,) = (
        item
        for item in comparison.rows
        if item.candidate.name == name and dict(item.candidate.slice) == slice_
    )
    return found


def test_pipelines_of_the_same_name_are_compared(made: Runs, found: RunComparison) -> None:
    pairs = [
        (one.reference.pipeline.name, one.candidate.pipeline.name) for one in found.comparisons
    ]
    assert pairs == [("steady", "steady"), ("tuned", "tuned")]
    assert [(one.letter, one.folder.path) for one in found.runs] == list(
        zip("AB", made, strict=True)
    )
    assert found.differences == ()
    assert found.intervals.resamples == 200


def test_a_change_is_candidate_minus_reference(made: Runs, found: RunComparison) -> None:
    recall = row(of_pipeline(found, "tuned"), "recall")
    before, after = (
        next(
            metric.value
            for metric in read_run(RunFolder(one)).metrics
            if (metric.pipeline, metric.name, metric.clip, metric.class_name, metric.slice)
            == ("tuned", "recall", None, None, ())
        )
        for one in made
    )
    assert before is not None
    assert after is not None
    assert (recall.reference.value, recall.candidate.value) == (before, after)
    assert recall.change is not None
    assert recall.change.value == after - before
    assert recall.change.interval is not None
    assert recall.change.interval.low < 0.2 < recall.change.interval.high
    assert recall.change.interval.low > 0
    assert recall.p_adjusted is not None
    assert recall.p_adjusted < 0.05


def test_what_did_not_change_cannot_be_told_apart(found: RunComparison) -> None:
    steady = of_pipeline(found, "steady")
    assert len(steady.rows) > 8
    for one in steady.rows:
        assert one.change is not None
        assert one.change.value == 0
        assert one.p_adjusted in (None, 1.0)


def test_rows_are_the_whole_first_then_slices(found: RunComparison) -> None:
    rows = of_pipeline(found, "tuned").rows
    subjects = [(one.candidate.name, dict(one.candidate.slice)) for one in rows]
    assert subjects[:3] == [("recall", {}), ("precision", {}), ("f1", {})]
    assert subjects[-4:] == [
        ("recall", {"daypart": "day"}),
        ("precision", {"daypart": "day"}),
        ("recall", {"daypart": "night"}),
        ("precision", {"daypart": "night"}),
    ]
    assert all(one.candidate.class_name is None and one.candidate.clip is None for one in rows)


@pytest.mark.parametrize(("of_slices", "at_least"), [(False, 8), (True, 4)])
def test_p_values_are_corrected_for_being_many(
    found: RunComparison, of_slices: bool, at_least: int
) -> None:
    rows = [
        one
        for one in of_pipeline(found, "tuned").rows
        if bool(one.candidate.slice) is of_slices and one.p_adjusted is not None
    ]
    p_values = [one.change.p_value for one in rows if one.change and one.change.p_value is not None]
    assert len(p_values) == len(rows) >= at_least
    assert [one.p_adjusted for one in rows] == list(holm(p_values))


def test_pairing_is_sharper_than_two_intervals(found: RunComparison) -> None:
    recall = row(of_pipeline(found, "tuned"), "recall")
    intervals = [one.interval for one in (recall.reference, recall.candidate)]
    assert recall.change is not None
    assert recall.change.interval is not None
    alone = [one.high - one.low for one in intervals if one is not None]
    assert len(alone) == 2
    assert recall.change.interval.high - recall.change.interval.low < math.hypot(*alone)


def test_metrics_and_classes_of_choice(made: Runs) -> None:
    found = compared(made, metrics=["fn", "precision"], classes=["person"])
    rows = [
        (one.candidate.name, one.candidate.class_name, dict(one.candidate.slice))
        for one in of_pipeline(found, "tuned").rows
    ]
    assert rows == [
        ("fn", "person", {}),
        ("precision", "person", {}),
        ("fn", "person", {"daypart": "day"}),
        ("precision", "person", {"daypart": "day"}),
        ("fn", "person", {"daypart": "night"}),
        ("precision", "person", {"daypart": "night"}),
    ]


def test_the_same_again_is_the_same(made: Runs, found: RunComparison) -> None:
    again = compared(made, pipelines=["tuned"])
    assert again.comparisons == (of_pipeline(found, "tuned"),)


def test_no_run_is_changed(runs: Runs, tmp_path: Path) -> None:
    before = files_of(tmp_path)
    compared(runs, pipelines=["tuned"])
    assert files_of(tmp_path) == before


def test_two_pipelines_of_one_run(made: Runs) -> None:
    may = made[0]
    found = compared([may, may], pipelines=["A=only-may", "B=steady"])
    (one,) = found.comparisons
    assert (one.reference.pipeline.name, one.candidate.pipeline.name) == ("only-may", "steady")
    change = row(one, "recall").change
    assert change is not None
    assert change.value > 0
    assert found.notes == ()


def test_three_runs_have_one_reference(made: Runs) -> None:
    may, june = made
    found = compared([may, june, may], pipelines=["A=tuned", "B=tuned", "C=steady"])
    labels = [(one.reference.label, one.candidate.label) for one in found.comparisons]
    assert labels == [("A", "B"), ("A", "C")]


def test_times_of_different_runs_are_not_compared(found: RunComparison) -> None:
    (note,) = found.notes
    assert note.startswith("latency and throughput are left out")


@pytest.mark.parametrize(
    ("pipelines", "what"),
    [
        (["tune"], 'run A ({may}) has no pipeline "tune"'),
        (["only-may"], 'run B ({june}) has no pipeline "only-may"'),
        (["A=tuned"], "it is open which pipeline of run B to compare: steady, tuned"),
        (["A=tuned", "steady"], "more than one pipeline is named for a run"),
        (["A=tuned", "A=steady"], "more than one pipeline is named for a run"),
    ],
)
def test_pipelines_that_cannot_be_picked(made: Runs, pipelines: list[str], what: str) -> None:
    with pytest.raises(InputError) as caught:
        compared(made, pipelines=pipelines)
    assert caught.value.what == what.format(may=made[0], june=made[1])
    assert caught.value.hint


def test_a_run_with_itself_says_nothing(made: Runs) -> None:
    with pytest.raises(InputError, match="A and B are the same: steady of one run"):
        compared([made[0], made[0]])


@pytest.mark.parametrize("n_runs", [1, 27])
def test_how_many_runs(made: Runs, n_runs: int) -> None:
    with pytest.raises(InputError, match="not to be compared"):
        compared([made[0]] * n_runs)


def test_what_is_not_known(made: Runs, tmp_path: Path) -> None:
    with pytest.raises(InputError, match='metric "recal" is not known'):
        compared(made, metrics=["recal"])
    with pytest.raises(InputError, match='no run has the class "persn"'):
        compared(made, classes=["persn"])
    with pytest.raises(InputError, match='"golden" is nothing that can be allowed'):
        compared(made, allow=["taxonomy,golden"])
    with pytest.raises(RunFolderError, match="does not exist"):
        compared([made[0], tmp_path / "none"])


def other_digest(run: Path) -> None:
    found = read_run(RunFolder(run))
    (golden_set,) = found.golden_sets
    changed = replace(golden_set, version="1.1.0", digest="ab" * 32)
    write_run(RunFolder(run), replace(found, golden_sets=(changed,)))
    edit(RunFolder(run).golden("dock"), golden_set.digest, "ab" * 32)


def fewer_frames(run: Path) -> None:
    folder = RunFolder(run)
    path = folder.decoded("clip-3")
    data = json.loads(path.read_text())
    data["missing_frames"] = [28, 29]
    path.write_text(json.dumps(data))
    found = read_run(folder)
    clips = tuple(
        replace(clip, n_frames_annotated=28, n_truth=28) if clip.id == "clip-3" else clip
        for clip in found.clips
    )
    write_run(folder, replace(found, clips=clips))


def other_taxonomy(run: Path) -> None:
    found = read_run(RunFolder(run))
    (golden_set,) = found.golden_sets
    taxonomy = replace(golden_set.taxonomy, version=2)
    write_run(RunFolder(run), replace(found, golden_sets=(replace(golden_set, taxonomy=taxonomy),)))


def other_point(run: Path) -> None:
    found = read_run(RunFolder(run))
    pipelines = tuple(
        replace(one, operating_point=replace(one.operating_point, scores=(("person", 0.85),)))
        for one in found.pipelines
    )
    write_run(RunFolder(run), replace(found, pipelines=pipelines))


@pytest.mark.parametrize(
    ("change", "kind", "what"),
    [
        (other_digest, "golden-set", "golden set dock is not the same footage in A and B"),
        (fewer_frames, "golden-set", "golden set dock is not the same footage in A and B"),
        (other_taxonomy, "taxonomy", "the taxonomy of golden set dock differs between A and B"),
        (other_point, "operating-point", "score >= 0.85, IoU >= 0.5 in B"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_runs_that_differ_are_refused_unless_told(
    runs: Runs, change: Callable[[Path], None], kind: str, what: str
) -> None:
    change(runs[1])
    others = {"golden-set", "taxonomy", "operating-point"} - {kind}
    with pytest.raises(InputError, match="the runs cannot be compared") as caught:
        compared(runs, allow=sorted(others))
    assert what in caught.value.what
    assert caught.value.hint.endswith(f"--allow {kind}")
    assert str(runs[1]) in caught.value.where
    found = compared(runs, pipelines=["tuned"], allow=[kind])
    assert any(what in text for text in found.differences)


def test_all_differences_are_in_one_message(runs: Runs) -> None:
    other_digest(runs[1])
    other_point(runs[1])
    with pytest.raises(InputError) as caught:
        compared(runs)
    assert caught.value.what.count(";") == 1
    assert caught.value.hint.endswith("--allow golden-set,operating-point")
    allowed = compared(runs, pipelines=["tuned"], allow=["golden-set, operating-point"])
    assert len(allowed.differences) == 2


def test_other_footage_is_not_paired(found: RunComparison, runs: Runs) -> None:
    other_digest(runs[1])
    paired = row(of_pipeline(found, "tuned"), "recall")
    (alone,) = compared(runs, pipelines=["tuned"], allow=["golden-set"]).comparisons
    apart = row(alone, "recall")
    assert (paired.paired, apart.paired) == (True, False)
    assert paired.change is not None
    assert apart.change is not None
    assert apart.change.value == paired.change.value
    assert paired.change.interval is not None
    assert apart.change.interval is not None
    widths = [one.high - one.low for one in (paired.change.interval, apart.change.interval)]
    assert widths[0] < widths[1]


def test_another_operating_point_is_used(runs: Runs) -> None:
    other_point(runs[1])
    found = compared(runs, pipelines=["steady"], allow=["operating-point"])
    precision = row(of_pipeline(found, "steady"), "precision")
    # The stray boxes have score 0.8.
    assert precision.candidate.value == 1.0
    assert precision.reference.value is not None
    assert precision.reference.value < 1.0


def test_no_golden_set_in_common(runs: Runs) -> None:
    found = read_run(RunFolder(runs[1]))
    sets = tuple(replace(one, name="gate") for one in found.golden_sets)
    write_run(RunFolder(runs[1]), replace(found, golden_sets=sets))
    with pytest.raises(InputError, match=r"no golden set in common \(A: dock; B: gate\)"):
        compared(runs)
