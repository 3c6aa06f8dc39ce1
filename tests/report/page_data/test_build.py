from dataclasses import replace
from pathlib import Path

import pytest

from tests.report.made_plan import ClipPlan, PipelinePlan, RunPlan, demo_plan
from tests.report.made_run import make_run
from tests.report.page_data.unpacking import unpacked
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.report.evidence import read_evidence
from vbench.report.lookup import MetricIndex
from vbench.report.page_data import PageData, json_text, page_data
from vbench.types import OperatingPoint, Run


def data_of(folder: RunFolder, run: Run) -> PageData:
    evidence = read_evidence(folder, run)
    return page_data(folder, MetricIndex.of(run), evidence, images={})


def test_numbers_are_places(demo_folder: RunFolder, demo_run: Run) -> None:
    data = data_of(demo_folder, demo_run)
    assert data["schema"] == "vbench.page/v1"
    assert data["server"] is None
    assert [item["name"] for item in data["pipelines"]] == [
        item.name for item in demo_run.pipelines
    ]
    assert [item["is_baseline"] for item in data["pipelines"]] == [True, False, False]
    assert [item["name"] for item in data["clips"]] == [item.id for item in demo_run.clips]
    assert [item["key"] for item in data["clips"]] == [f"clip-1-{k}" for k in range(1, 7)]
    (golden_set,) = data["sets"]
    assert golden_set["classes"] == ["person", "forklift", "pallet", "truck"]
    assert golden_set["scores"] == [[0.3] * 4] * 3
    assert (golden_set["floors"], golden_set["iou"]) == ([0.01] * 3, 0.5)
    titles = [item["title"] for item in data["slices"]]
    night = titles.index("daypart=night")
    assert [night in clip["slices"] for clip in data["clips"]] == [
        ("daypart", "night") in clip.tags for clip in demo_run.clips
    ]


def test_scores_of_each_class(demo_folder: RunFolder, demo_run: Run) -> None:
    scores = (("person", 0.35), ("forklift", 0.4), ("pallet", 0.345), ("truck", 0.9))
    first = replace(demo_run.pipelines[0], operating_point=OperatingPoint(0.5, scores))
    data = data_of(demo_folder, replace(demo_run, pipelines=(first,), gates=()))
    assert data["sets"][0]["scores"] == [[0.35, 0.4, 0.345, 0.9]]
    curve = data["curves"][0][0]
    tp = unpacked(curve["tp"]).reshape(-1, 101)
    assert curve["at_point"][0][1:3] == [tp[1, 35], tp[2, 40]]
    assert tp[3, 35] <= curve["at_point"][0][3] <= tp[3, 34]


@pytest.mark.parametrize(
    ("n_frames", "n_objects", "false_per_frame", "recall"),
    [(1, 3, 0.5, 0.9), (1, 0, 0.0, 0.0), (30, 0, 0.0, 0.0), (30, 4, 0.0, 0.0), (30, 0, 1.0, 0.0)],
)
def test_small_and_empty_runs(
    run_path: Path, n_frames: int, n_objects: int, false_per_frame: float, recall: float
) -> None:
    plan = RunPlan(
        clips=[ClipPlan("only", n_frames, (), n_objects=n_objects)],
        pipelines=[PipelinePlan("p", {"": recall}, false_per_frame, None)],
        n_pictures=1,
    )
    folder = make_run(run_path, plan)
    run = read_run(folder)
    data = data_of(folder, run)
    (clip,) = data["clips"]
    assert clip["n_frames"] == n_frames
    assert clip["counts"][0]["n"] == 3 * n_frames
    assert clip["truth"] is not None
    assert json_text(data)


def test_fifty_pipelines(run_path: Path) -> None:
    plan = replace(
        demo_plan(),
        clips=[ClipPlan("a", 40, ()), ClipPlan("b", 30, ())],
        pipelines=[PipelinePlan(f"p{k}", {"": 0.5}, 0.1, None) for k in range(50)],
        gates=(),
        baseline=None,
    )
    folder = make_run(run_path, plan)
    data = data_of(folder, read_run(folder))
    assert [len(clip["counts"]) for clip in data["clips"]] == [50, 50]
    assert len(data["curves"][0]) == 50
