"""Three runs of one benchmark, a week apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.report.made_plan import PipelinePlan, RunPlan, decided_plan
from tests.report.made_run import make_run
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run, write_run
from vbench.types import Run

Change = Callable[[Run], Run]


def small_plan(recall: float) -> RunPlan:
    """Two clips and one pipeline."""
    plan = decided_plan()
    return replace(
        plan,
        clips=plan.clips[:2],
        pipelines=[PipelinePlan("person-v1", {"": recall}, 0.1, 9.0)],
        baseline=None,
        n_pictures=0,
    )


def run_on(path: Path, day: int, recall: float, change: Change = lambda run: run) -> RunFolder:
    """A run of that day of November."""
    folder = make_run(path, small_plan(recall))
    run = read_run(folder)
    manifest = replace(run.manifest, started_at=f"2026-11-{day:02d}T18:04:11Z")
    write_run(folder, change(replace(run, manifest=manifest)))
    return folder


def renamed(run: Run) -> Run:
    """The same run of a pipeline with the name ``new``, without gates."""
    return replace(
        run,
        pipelines=tuple(replace(item, name="new") for item in run.pipelines),
        metrics=tuple(replace(item, pipeline="new") for item in run.metrics),
        gates=(),
    )


@pytest.fixture(scope="session")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunFolder, ...]:
    """Recall falls from week to week; the third week has another version of the pipeline."""
    path = tmp_path_factory.mktemp("weeks")

    def newer(run: Run) -> Run:
        pipelines = tuple(replace(item, version="2.2.0") for item in run.pipelines)
        return replace(run, pipelines=pipelines)

    return (
        run_on(path / "first", 1, 0.9),
        run_on(path / "second", 8, 0.85),
        run_on(path / "third", 15, 0.3, newer),
    )
