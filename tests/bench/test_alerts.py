"""Events of the truth against replayed alerts, through run and score."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench.small import edit, write_small_benchmark
from vbench.bench.finished import FinishedRun
from vbench.bench.progress import NoProgress
from vbench.bench.run import run_benchmark
from vbench.bench.score import score_run
from vbench.types import Run

EVENTS = [
    {"kind": "intrusion", "start_s": 0.0, "end_s": 0.2, "class": "person"},
    {"kind": "intrusion", "start_s": 0.3, "end_s": 0.4, "class": "person"},
]
ALERTS = [
    {"time_s": 0.1, "kind": "intrusion", "class": "person"},
    {"time_s": 0.15, "kind": "intrusion", "class": "person"},
    {"time_s": 0.25, "kind": "intrusion", "class": "person"},
]


@pytest.fixture
def finished(tmp_path: Path) -> FinishedRun:
    benchmark = write_small_benchmark(tmp_path)
    golden = tmp_path / "golden" / "golden.yaml"
    text = golden.read_text()
    for clip in ("a-day", "b-night"):
        text = text.replace(f"truth/{clip}.csv,", f"truth/{clip}.csv, events: truth/{clip}.json,")
        (tmp_path / "golden" / "truth" / f"{clip}.json").write_text(json.dumps(EVENTS))
        path = tmp_path / "results" / "v2" / f"{clip}.alerts.json"
        path.write_text(json.dumps(ALERTS if clip == "a-day" else []))
    golden.write_text(text)
    written = 'path: "../results/v2/{clip}.txt"'
    alerts = 'alerts: "../results/v2/{clip}.alerts.json"'
    edit(tmp_path / "pipelines" / "v2.yaml", written, f"{written}, {alerts}")
    return run_benchmark(benchmark, tmp_path / "run", NoProgress(), report=False)


def values(run: Run, clip: str | None) -> dict[str, float | None]:
    return {
        item.name: item.value
        for item in run.metrics
        if item.pipeline == "v2" and item.class_name is None and item.clip == clip
        if not item.slice
    }


def test_each_event_is_told_apart(finished: FinishedRun) -> None:
    day = values(finished.run, "a-day")
    assert (day["events_raised_once"], day["events_missed"]) == (0, 1)
    assert (day["duplicate_alerts"], day["false_alerts"]) == (1, 1)
    assert day["time_to_alert_s_mean"] == pytest.approx(0.1)
    night = values(finished.run, "b-night")
    assert (night["events_missed"], night["false_alerts"]) == (2, 0)
    assert values(finished.run, None)["events_missed"] == 3


def test_a_pipeline_without_alerts_has_no_event_rows(finished: FinishedRun) -> None:
    assert not [m for m in finished.run.metrics if m.pipeline == "v1" and "alert" in m.name]


def test_score_keeps_the_alerts(finished: FinishedRun, tmp_path: Path) -> None:
    again = score_run(finished.folder.path, None, None, tmp_path / "again", NoProgress())
    assert values(again.run, "a-day") == values(finished.run, "a-day")
