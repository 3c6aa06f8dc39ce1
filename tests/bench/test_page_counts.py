"""The counts that a page's slider shows are those of `vbench score RUN --score S`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.runs import metric, run_quietly
from tests.bench.small import edit
from tests.report.page_data.unpacking import unpacked
from vbench.bench.finished import FinishedRun
from vbench.bench.progress import NoProgress
from vbench.bench.score import score_run
from vbench.metrics.score_counts import SCORE_THRESHOLDS
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.report.evidence import read_evidence
from vbench.report.lookup import MetricIndex
from vbench.report.page_data import page_data
from vbench.types import Run

CLASSES = (None, "person", "forklift")


def counts_of_page(folder: RunFolder, pipeline: int, row: int, at: int) -> tuple[int, int, int]:
    """Found, false, missed as `vb.countsAt` takes them from the page's data."""
    run = read_run(folder)
    evidence = read_evidence(folder, run)
    data = page_data(folder, MetricIndex.of(run), evidence, images={})
    curve = data["curves"][0][pipeline]
    tp, fp = (int(unpacked(curve[name]).reshape(-1, 101)[row, at]) for name in ("tp", "fp"))
    return tp, fp, curve["n_truth"][row] - tp


def counts_of_run(run: Run, pipeline: str, class_name: str | None) -> tuple[float | None, ...]:
    return tuple(
        metric(run, name, pipeline, class_name=class_name).value for name in ("tp", "fp", "fn")
    )


@pytest.mark.parametrize("score", [0.01, 0.3, 0.55, 0.9, 1.0])
def test_counts_at_a_score(finished: FinishedRun, score: float) -> None:
    at = SCORE_THRESHOLDS.tolist().index(score)
    judged = score_run(finished.folder.path, None, score, None, NoProgress()).run
    for number, pipeline in enumerate(judged.pipelines):
        for row, class_name in enumerate(CLASSES):
            assert counts_of_page(finished.folder, number, row, at) == counts_of_run(
                judged, pipeline.name, class_name
            )


def test_counts_at_the_operating_point(finished: FinishedRun) -> None:
    run = finished.run
    evidence = read_evidence(finished.folder, run)
    data = page_data(finished.folder, MetricIndex.of(run), evidence, images={})
    for number, pipeline in enumerate(run.pipelines):
        for row, class_name in enumerate(CLASSES):
            counts = [of_all[row] for of_all in data["curves"][0][number]["at_point"]]
            assert tuple(counts) == counts_of_run(run, pipeline.name, class_name)


def test_where_false_alarms_cannot_be_known(small: Path, tmp_path: Path) -> None:
    edit(
        small / "golden" / "golden.yaml",
        "tags: {daypart: night}",
        "tags: {daypart: night}, exhaustive_classes: [forklift]",
    )
    finished = run_quietly(small / "benchmark.yaml", tmp_path / "run")
    judged = score_run(finished.folder.path, None, 0.5, None, NoProgress()).run
    for number, pipeline in enumerate(judged.pipelines):
        assert counts_of_page(finished.folder, number, 1, 50) == counts_of_run(
            judged, pipeline.name, "person"
        )
