"""Other operating points of a finished run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.bench.runs import metric
from tests.bench.small import edit, files_of
from vbench.bench.finished import FinishedRun
from vbench.bench.progress import NoProgress
from vbench.bench.run import run_benchmark
from vbench.bench.score import score_run
from vbench.bench.sweep import sweep_run
from vbench.errors import InputError, RunFolderError


@pytest.fixture
def run(finished: FinishedRun, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished.folder.path, tmp_path / "run"))


def test_the_stray_alarm_is_swept_away(run: Path) -> None:
    before = files_of(run)
    sweep = sweep_run(run, "f1", [])
    assert [(one.pipeline, one.rows.class_name) for one in sweep.tables] == [
        ("v1", None),
        ("v2", None),
    ]
    # v2 finds everything at 0.9 and cries wolf once at 0.8.
    table = sweep.tables[1]
    assert table.recommendation.score == 0.9
    assert table.rows.at(table.rows.scores[table.rows.scores == 0.9]).fp.tolist() == [0]
    assert table.rows.fp.max() == 1
    assert files_of(run) == before


def test_the_rows_are_what_score_says_there(run: Path) -> None:
    table = sweep_run(run, "recall >= 0.9", ["person"]).tables[1]
    for k in (0, 3, 8):
        at = float(table.rows.scores[k])
        judged = score_run(run, None, at, None, NoProgress()).run
        for name in ("recall", "f1", "fp_per_camera_hour"):
            row = metric(judged, name, "v2", class_name="person")
            assert float(getattr(table.rows, name)[k]) == row.value, (name, at)


def test_a_goal_out_of_reach(run: Path) -> None:
    v1 = sweep_run(run, "recall >= 0.9", []).tables[0].recommendation
    assert v1.score is None
    assert "recall is 0.5 at best" in str(v1.reason)


def test_a_class_without_truth(run: Path) -> None:
    table = sweep_run(run, "recall >= 0.9", ["forklift"]).tables[0]
    assert "no detections" in str(table.recommendation.reason)
    assert len(table.rows) > 0


def test_nothing_below_the_floor_is_offered(small: Path, tmp_path: Path) -> None:
    edit(
        small / "pipelines" / "constant.yaml",
        "post: {score: 0.3}",
        "post: {score: 0.3, floor: 0.2}",
    )
    edit(
        small / "benchmark.yaml",
        "pipelines/v2.yaml]",
        "pipelines/v2.yaml, pipelines/constant.yaml]",
    )
    run = run_benchmark(small, tmp_path / "run", NoProgress(), report=False).folder.path
    table = sweep_run(run, "f1", []).tables[2]
    assert table.score_floor == 0.2
    assert table.rows.scores.min() == 0.2
    assert table.operating_score == 0.3
    assert 0.3 in table.rows.scores


def test_bad_input(run: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a metric"):
        sweep_run(run, "recal >= 0.9", [])
    with pytest.raises(InputError, match='no class "persn"') as caught:
        sweep_run(run, "f1", ["persn"])
    assert caught.value.hint == 'did you mean "person"?'
    with pytest.raises(RunFolderError):
        sweep_run(tmp_path, "f1", [])
