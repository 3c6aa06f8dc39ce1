from dataclasses import replace
from pathlib import Path

import pytest

from tests.report.made_plan import ClipPlan, PipelinePlan, demo_plan
from tests.report.made_run import make_run
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.report.evidence import Evidence, read_evidence
from vbench.report.lookup import MetricIndex
from vbench.report.page_data import page_data
from vbench.report.page_data.contract import AlertData, ClipData, EventData
from vbench.report.web.timelines import N_LANES, N_OPEN, clip_timelines
from vbench.types import Run


def read_all(folder: RunFolder) -> tuple[Run, Evidence, list[ClipData]]:
    run = read_run(folder)
    evidence = read_evidence(folder, run)
    return (
        run,
        evidence,
        page_data(folder, MetricIndex.of(run), evidence, images={})["clips"],
    )


@pytest.fixture(scope="module")
def demo(demo_folder: RunFolder) -> tuple[Run, Evidence, list[ClipData]]:
    return read_all(demo_folder)


def test_a_strip_per_clip_and_pipeline_on_one_scale(
    demo: tuple[Run, Evidence, list[ClipData]],
) -> None:
    run, _, data = demo
    made = clip_timelines(*demo)
    assert [(one.golden_set, one.clip) for one in made] == [
        (clip.golden_set, clip.id) for clip in run.clips
    ]
    for number, one in enumerate(made):
        assert (one.number, one.key) == (number, data[number]["key"])
        assert one.slices == tuple(data[number]["slices"])
        assert [item.strip.pipeline for item in one.strips] == [item.name for item in run.pipelines]
        assert len({item.strip.n_columns for item in one.strips}) == 1
        assert one.folded == ()


def test_events_and_alerts_lie_where_they_happen(
    demo: tuple[Run, Evidence, list[ClipData]],
) -> None:
    run, evidence, data = demo
    n = data[0]["n_frames"]
    events: list[EventData] = [
        {"first": k * n // 10, "last": n // 2, "text": f"event {k}"} for k in range(5)
    ]
    alerts: list[AlertData] = [
        {"frame": n // 2, "outcome": "false", "text": "loitering"},
        {"frame": n // 4, "outcome": "raised", "text": "intrusion"},
    ]
    changed: ClipData = {
        **data[0],
        "events": events,
        "alerts": [alerts, [], []],
        "missed_events": [[0], [], []],
        "late": [[0], [], []],
    }
    made = clip_timelines(run, evidence, [changed])[0]
    assert [event.lane for event in made.events] == [0, 1, 2, N_LANES - 1, N_LANES - 1]
    assert made.n_lanes == N_LANES
    assert made.events[2].left == pytest.approx(20, abs=1)
    found = made.strips[0].alerts
    assert [(one.outcome, one.sign) for one in found] == [
        ("missed", "○"),
        ("raised", "●"),
        ("false", "✕"),
    ]
    assert found[2].title == f"frame {n // 2:,}: false alert, loitering"
    assert made.strips[1].alerts == ()
    assert made.strips[0].strip.late
    assert made.n_marks_left_out == 0


def test_more_marks_than_there_is_room_for_are_counted(
    demo: tuple[Run, Evidence, list[ClipData]],
) -> None:
    run, evidence, data = demo
    events: list[EventData] = [{"first": 1, "last": 2, "text": "e"}] * 75
    made = clip_timelines(run, evidence, [{**data[0], "events": events}])[0]
    assert len(made.events) + made.n_marks_left_out == 75
    assert made.n_marks_left_out > 0


def test_pipelines_beyond_a_few_are_folded(run_path: Path) -> None:
    names = [f"p{k}" for k in range(N_OPEN + 3)]
    plan = replace(
        demo_plan(),
        clips=[ClipPlan("one", 30, ())],
        pipelines=[PipelinePlan(name, {"": 0.5}, 0.1, None) for name in names],
        gates=[],
        n_pictures=0,
    )
    (made,) = clip_timelines(*read_all(make_run(run_path, plan)))
    assert [item.strip.pipeline for item in made.strips] == names[:N_OPEN]
    assert [item.strip.pipeline for item in made.folded] == names[N_OPEN:]
