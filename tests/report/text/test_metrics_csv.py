import csv
from dataclasses import replace
from pathlib import Path

from tests.report.hostile import HOSTILE
from tests.report.made_plan import PipelinePlan, demo_plan
from tests.report.made_run import make_run
from vbench.record.run_json import read_run
from vbench.report.text.metrics_csv import COLUMNS, metrics_csv


def test_every_metric_row_is_there_unrounded(tmp_path: Path) -> None:
    plan = demo_plan()
    run = read_run(make_run(tmp_path / "run", replace(plan, clips=plan.clips[:2], n_pictures=0)))
    rows = list(csv.DictReader(metrics_csv(run).splitlines()))
    assert len(rows) == len(run.metrics)
    assert tuple(rows[0]) == COLUMNS
    for row, metric in zip(rows, run.metrics, strict=True):
        assert (row["pipeline"], row["name"]) == (metric.pipeline, metric.name)
        assert row["value"] == ("" if metric.value is None else repr(metric.value))
        assert row["reason"] == (metric.reason or "")


def test_names_are_never_formulas(tmp_path: Path) -> None:
    plan = demo_plan()
    hostile = replace(
        plan,
        clips=plan.clips[:1],
        pipelines=[PipelinePlan("@SUM(A1)", {"": 0.5}, 0.1, None)],
        baseline=None,
        gates=[],
        n_pictures=0,
        classes=(HOSTILE, "b", "c"),
        absent_classes=frozenset(),
    )
    run = read_run(make_run(tmp_path / "run", hostile))
    rows = list(csv.DictReader(metrics_csv(run).splitlines()))
    assert {row["pipeline"] for row in rows} == {"'@SUM(A1)"}
