import json
from dataclasses import replace
from pathlib import Path

from tests.report.made_plan import decided_plan
from tests.report.made_run import make_run
from vbench.record.run_json import read_run
from vbench.report.gates_view import gate_views
from vbench.report.lookup import MetricIndex
from vbench.report.text.report_json import report_json
from vbench.report.verdicts import pipeline_verdicts


def test_it_says_what_the_page_says(tmp_path: Path) -> None:
    plan = decided_plan()
    folder = make_run(tmp_path / "run", replace(plan, clips=plan.clips[:3], n_pictures=0))
    run = read_run(folder)
    document = json.loads(report_json(folder))
    assert document["schema"] == "vbench.report/v1"
    assert document["verdict"] == run.verdict.value
    verdicts = pipeline_verdicts(run)
    assert [item["recommendation"] for item in document["pipelines"]] == [
        item.recommendation for item in verdicts
    ]
    views = gate_views(MetricIndex.of(run))
    assert [item["sentence"] for item in document["gates"]] == [view.sentence for view in views]
    headline = {row["name"]: row for row in document["golden_sets"][0]["headline"]}
    assert headline["latency_ms_p50"]["pipelines"]["vendor-replay"]["reason"]
    assert document["worst_frames"]


def test_a_run_without_frames_with_errors_has_none(tmp_path: Path) -> None:
    plan = decided_plan()
    one = replace(
        plan,
        clips=[replace(plan.clips[5], n_frames=1)],
        pipelines=[replace(plan.pipelines[0], false_per_frame=0.0)],
        baseline=None,
        gates=[],
        n_pictures=0,
    )
    document = json.loads(report_json(make_run(tmp_path / "run", one)))
    assert document["worst_frames"] == []
