"""Trackers and rules on real footage: identities are scored, and each alert is raised once."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.bench.runs import run_quietly
from tests.real.tud import golden_yaml
from vbench.bench.finished import FinishedRun
from vbench.types import Run

pytestmark = pytest.mark.real

# The left part of the picture: who walks through it from the right crosses x = 260.
ZONE = "[[0, 0], [260, 0], [260, 480], [0, 480]]"

PIPELINE = """\
schema: vbench.pipeline/v1
name: {name}
version: 1.0.0
classes: {classes}
stages:
  - id: detect
    kind: detector
{detector}
  - {{id: track, kind: tracker, {tracker}}}
  - id: entered
    kind: rule
    type: zone_enter
    zone: {zone}
    zone_name: left
    class: person
    min_frames: 5
    cooldown_s: 30
"""

YOLOX = """\
    engine: {{type: onnxruntime, model: {folder}/yolox_nano.onnx, threads: 2}}
    input: {{size: [416, 416], color: bgr, anchor: top_left, pad: 114}}
    output: {{adapter: yolox}}
    post: {{score: 0.3, nms: {{iou: 0.45}}}}"""

FRCNN = """\
    engine: {{type: replay, format: mot, path: {path}}}
    post: {{score: 0.5}}"""


@pytest.fixture(scope="module")
def finished(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    folder = tmp_path_factory.mktemp("stages")
    data = real_data / "tud-campus"
    yolox = real_data / "detectors" / "yolox_nano"
    coco = f"{{file: {yolox}/coco_classes.txt, drop: others}}"
    live = YOLOX.format(folder=yolox)
    stored = FRCNN.format(path=data / "frcnn_det.txt")
    truth = PIPELINE.replace("  - {{id: track, kind: tracker, {tracker}}}\n", "")
    truth = truth.replace("    cooldown_s: 30\n", "")
    files = {
        "truth.yaml": truth.format(
            name="truth",
            classes="{names: [person]}",
            detector=FRCNN.format(path=data / "gt.txt"),
            zone=ZONE,
        ),
        "golden.yaml": golden_yaml(real_data, ", events: events.json"),
        # Somebody is in the zone from the start on; the cooldown makes one alert of it.
        "events.json": json.dumps(
            [{"kind": "entered", "start_s": 0.0, "end_s": 1.0, "class": "person", "zone": "left"}]
        ),
        "benchmark.yaml": "schema: vbench.benchmark/v1\nname: stages\ngolden_sets: ['.']\n"
        "pipelines: [live.yaml, byte.yaml, sort.yaml, truth.yaml]\n"
        "gates: [{metric: event_recall, min: 1.0}]\n",
    }
    for name, classes, detector, tracker in (
        ("live", coco, live, "type: bytetrack, high_score: 0.5"),
        ("byte", "{names: [person]}", stored, "type: bytetrack"),
        ("sort", "{names: [person]}", stored, "type: sort"),
    ):
        files[f"{name}.yaml"] = PIPELINE.format(
            name=name, classes=classes, detector=detector, tracker=tracker, zone=ZONE
        )
    for name, text in files.items():
        (folder / name).write_text(text)
    return run_quietly(folder / "benchmark.yaml", folder / "run")


def value(run: Run, pipeline: str, name: str) -> float:
    found = next(
        row.value
        for row in run.metrics
        if (row.pipeline, row.name, row.clip, row.slice) == (pipeline, name, None, ())
    )
    assert found is not None
    return found


@pytest.mark.parametrize("pipeline", ["live", "byte", "sort"])
def test_identities_are_scored(finished: FinishedRun, pipeline: str) -> None:
    assert value(finished.run, pipeline, "idf1") > 0.5
    assert value(finished.run, pipeline, "hota") > 0.4
    assert value(finished.run, pipeline, "mota") > 0.3


@pytest.mark.parametrize("pipeline", ["live", "byte", "sort"])
def test_the_alert_is_raised_once(finished: FinishedRun, pipeline: str) -> None:
    raised = json.loads(finished.folder.alerts(pipeline, "tud-campus").read_text())
    assert raised["time_s"] == [0.16]
    assert value(finished.run, pipeline, "event_recall") == 1.0
    assert value(finished.run, pipeline, "duplicate_alerts") == 0


def test_each_person_who_enters_raises_one_alert(real_data: Path, finished: FinishedRun) -> None:
    """With the identities of the truth and no cooldown, against a count made by hand here."""
    rows = np.loadtxt(real_data / "tud-campus" / "gt.txt", delimiter=",")
    entered = 0
    for identity in np.unique(rows[:, 1]):
        own = rows[rows[:, 1] == identity]
        inside = own[own[:, 2] + own[:, 4] / 2 < 260]
        entered += len(inside) >= 5
    raised = json.loads(finished.folder.alerts("truth", "tud-campus").read_text())
    assert len(raised["time_s"]) == entered
    assert entered >= 3


def test_the_tracker_is_timed_on_its_own(finished: FinishedRun) -> None:
    stages = {
        dict(row.slice)["stage"]
        for row in finished.run.metrics
        if row.pipeline == "live" and row.slice and row.slice[0][0] == "stage"
    }
    assert {"track", "entered", "detect.infer"} <= stages
