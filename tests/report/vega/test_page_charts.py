import json
import re

import numpy as np
import pytest

from tests.report.html_reading import read_html
from tests.report.made_plan import ClipPlan, PipelinePlan, RunPlan, gate
from tests.report.made_run import make_run
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.record.shards import write_timings
from vbench.report.evidence import read_evidence
from vbench.report.lookup import MetricIndex
from vbench.report.vega.page_charts import Charts, charts_of
from vbench.report.vega.print_charts import print_paretos
from vbench.report.web.html import render_html
from vbench.types import Timings

MS = 1_000_000
SCRIPT = "</script><!--"


def made(tmp_path_factory: pytest.TempPathFactory, n_pipelines: int, name: str = "p") -> RunFolder:
    plan = RunPlan(
        clips=[ClipPlan("dock", 60, (("daypart", "day"),)), ClipPlan("gate", 40, ())],
        pipelines=[
            PipelinePlan(f"{name}{k}", {"": 0.5 + 0.4 * k / n_pipelines}, 0.1, 5.0 + k)
            for k in range(n_pipelines)
        ],
        classes=("person", SCRIPT),
        baseline=f"{name}0",
        gates=[gate("recall", "min", 0.6)],
        n_pictures=0,
    )
    folder = make_run(tmp_path_factory.mktemp("charts") / "run", plan)
    for k, pipeline in enumerate(plan.pipelines):
        for clip in plan.clips:
            frames = np.arange(20)
            ms = np.stack([frames * 0 + 3, 4 + k + frames], axis=1)
            times = Timings(("decode", "detect.infer"), ms * MS, 2, "latency", frames)
            write_timings(folder.timings(pipeline.name, clip.id), times)
    return folder


def charts(folder: RunFolder) -> Charts:
    run = read_run(folder)
    return charts_of(folder, MetricIndex.of(run), read_evidence(folder, run))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return made(tmp_path_factory, 3)


@pytest.fixture(scope="module")
def drawn(folder: RunFolder) -> Charts:
    return charts(folder)


def test_every_figure_of_the_page_has_its_specification(folder: RunFolder, drawn: Charts) -> None:
    page = read_html(render_html(folder))
    figures = [
        node.attributes["data-chart"]
        for node in page.all("figure")
        if "data-chart" in node.attributes
    ]
    known = json.loads(drawn.json)["charts"]
    assert set(figures) <= set(known)
    assert len(figures) == len(set(figures)) == 2 + 3 + 3 + 1
    # The others are accuracies that the script can show in place of the first.
    choices = [
        node.attributes["value"] for node in page.all("option") if "value" in node.attributes
    ]
    assert set(known) - set(figures) <= set(choices)


def test_the_json_cannot_end_its_element(drawn: Charts) -> None:
    assert "<" not in drawn.json
    assert "NaN" not in drawn.json
    assert json.loads(drawn.json)["sets"][0].keys() == {"operating", "bins", "known"}


def test_operating_points_are_the_metrics_of_the_run(folder: RunFolder, drawn: Charts) -> None:
    index = MetricIndex.of(read_run(folder))
    operating = json.loads(drawn.json)["sets"][0]["operating"]
    for k, pipeline in enumerate(index.run.pipelines):
        for row, class_name in enumerate((None, "person", SCRIPT)):
            score, recall, precision, _ = operating[k][row]
            assert score == 0.3
            for name, value in (("recall", recall), ("precision", precision)):
                metric = index.find(pipeline.name, "loading-dock", name, class_name=class_name)
                assert metric is not None
                assert metric.value is not None
                assert value == pytest.approx(metric.value, 1e-4)


def test_the_table_without_a_script_shows_the_operating_point(drawn: Charts) -> None:
    line = drawn.sets[0].curves.lines[1]
    assert (line.pipeline, line.score, line.floor) == ("p1", "0.3", "0.01")
    assert all(re.fullmatch(r"[\d.,]+", cell.text) for cell in line.cells)


def test_frames_that_come_too_late_are_counted(drawn: Charts) -> None:
    lines = drawn.sets[0].latency.lines
    # 25 frames per second: 40 ms; the slowest took 25.
    assert lines[2].late.startswith("None of 36 timed frames took longer")
    assert drawn.sets[0].latency.series is not None


def test_charts_are_the_same_every_time(folder: RunFolder, drawn: Charts) -> None:
    assert charts(folder) == drawn


def test_one_pipeline_has_nothing_to_trade(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = made(tmp_path_factory, 1)
    found = charts(folder)
    assert found.sets[0].paretos == ()
    assert len(found.sets[0].curves.figures) == 3
    run = read_run(folder)
    assert print_paretos(MetricIndex.of(run), "loading-dock", "p") == ()
    assert 'id="pareto"' not in render_html(folder)


def test_fifty_pipelines_stay_readable_and_small(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = made(tmp_path_factory, 50)
    found = charts(folder)
    assert len(found.sets[0].latency.waterfalls) == 6
    assert found.sets[0].latency.drawn == 6
    page = render_html(folder)
    assert "38 more pipelines (colours begin again after eight" in page
    assert "Stages of 44 more pipelines" in page
    assert "Drawn are the first 6 of 50 pipelines." in page
    assert len(found.json) + len(found.runtime.packed) < 1_600_000


def test_print_has_a_drawing_for_each_cost(folder: RunFolder) -> None:
    latency, throughput = print_paretos(MetricIndex.of(read_run(folder)), "loading-dock", "p1")
    assert "var(" not in latency.svg
    assert latency.title == "F1 against latency p95"
    assert throughput.title == "F1 against throughput"
    assert 'id="p1-latency' in latency.svg or "clip" not in latency.svg
