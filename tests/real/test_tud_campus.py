"""The main job on real footage: detectors run, results replayed, numbers that are known.

The truth of TUD-Campus is MOT15's; the replayed counts are exact (py-motmetrics publishes those of
the tracker), the detectors' were derived once with cv2 and numpy and hold within 2.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.tud import golden_yaml
from vbench.bench.finished import FinishedRun
from vbench.bench.progress import NoProgress
from vbench.bench.run import run_benchmark
from vbench.bench.score import score_run
from vbench.types import Run

pytestmark = pytest.mark.real

_DETECTOR = """\
schema: vbench.pipeline/v1
name: {name}
version: 1.0.0
classes: {classes}
stages:
  - id: detect
    kind: detector
    engine: {{type: onnxruntime, model: {model}, providers: [cpu], threads: 2}}
    input: {{size: [{size}, {size}], color: bgr, resize: letterbox, anchor: top_left, pad: 114}}
    output: {{adapter: yolox}}
    post: {{score: 0.3, nms: {{iou: 0.45}}}}
"""

_SWSCALE = """\
schema: vbench.pipeline/v1
name: yolox_swscale
extends: yolox.yaml
decode: {conversion: swscale}
"""

_REPLAY = """\
schema: vbench.pipeline/v1
name: {name}
version: 1.0.0
classes: {{names: [person]}}
stages:
  - id: detect
    kind: detector
    engine: {{type: replay, format: mot, path: {path}}}
    post: {{score: {score}}}
"""

_BENCHMARK = """\
schema: vbench.benchmark/v1
name: tud-campus
golden_sets: [golden]
pipelines: [yolox.yaml, swscale.yaml, light.yaml, tracker.yaml, frcnn.yaml]
gates: [{metric: recall, class: person, min: 0.5}]
"""


@pytest.fixture(scope="module")
def finished(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    folder = tmp_path_factory.mktemp("tud")
    data = real_data / "tud-campus"
    yolox = real_data / "detectors" / "yolox_nano"
    light = real_data / "detectors" / "light_person_detector"
    coco = f"{{file: {yolox}/coco_classes.txt, drop: others}}"
    files = {
        "golden/golden.yaml": golden_yaml(real_data, ", tags: {daypart: day}"),
        "yolox.yaml": _DETECTOR.format(
            name="yolox_nano", classes=coco, model=yolox / "yolox_nano.onnx", size=416
        ),
        "swscale.yaml": _SWSCALE,
        "light.yaml": _DETECTOR.format(
            name="light_person_detector",
            classes="{names: [person]}",
            model=light / "model.onnx",
            size=192,
        ),
        "tracker.yaml": _REPLAY.format(
            name="tracker", path=data / "cem_tracker_results.txt", score=0.0
        ),
        "frcnn.yaml": _REPLAY.format(name="frcnn", path=data / "frcnn_det.txt", score=0.9),
        "benchmark.yaml": _BENCHMARK,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return run_benchmark(folder / "benchmark.yaml", folder / "run", NoProgress(), report=False)


def value(run: Run, pipeline: str, name: str) -> float:
    (metric,) = [
        item
        for item in run.metrics
        if (item.pipeline, item.name, item.class_name) == (pipeline, name, "person")
        and item.clip is None
        and not item.slice
    ]
    assert metric.value is not None, metric.reason
    return metric.value


def counts(run: Run, pipeline: str) -> list[float]:
    return [value(run, pipeline, name) for name in ("tp", "fp", "fn")]


@pytest.mark.parametrize(
    ("pipeline", "known"),
    [("yolox_swscale", [277, 151, 82]), ("light_person_detector", [270, 15, 89])],
)
def test_detectors_at_score_0_3(finished: FinishedRun, pipeline: str, known: list[int]) -> None:
    assert counts(finished.run, pipeline) == pytest.approx(known, abs=2)


@pytest.mark.parametrize(
    ("pipeline", "known"),
    [("yolox_swscale", [270, 42, 89]), ("light_person_detector", [254, 11, 105])],
)
def test_detectors_judged_again_at_score_0_5(
    finished: FinishedRun, pipeline: str, known: list[int]
) -> None:
    again = score_run(finished.folder.path, None, 0.5, None, NoProgress())
    assert counts(again.run, pipeline) == pytest.approx(known, abs=2)


def test_exact_colours_give_what_a_plain_loop_with_cvtcolor_gives(finished: FinishedRun) -> None:
    """The known numbers were taken through swscale, which is darker by one level on average.

    A loop of PyAV's planes, cv2.cvtColor, cv2.resize and numpy was counted by hand once.
    """
    assert counts(finished.run, "yolox_nano") == [279, 148, 80]
    again = score_run(finished.folder.path, None, 0.5, None, NoProgress())
    assert counts(again.run, "yolox_nano") == [271, 36, 88]


def test_replayed_tracker_results(finished: FinishedRun) -> None:
    assert counts(finished.run, "tracker") == [209, 13, 150]


def test_replayed_tracking_numbers_as_published(finished: FinishedRun) -> None:
    known = {"idsw": 7, "fragmentations": 7, "mostly_tracked": 1, "partially_tracked": 6,
             "mostly_lost": 1, "mota": 0.526, "motp": 0.277, "idf1": 0.558, "idp": 0.730,
             "idr": 0.451}  # fmt: skip
    found = {name: value(finished.run, "tracker", name) for name in known}
    assert found == pytest.approx(known, abs=5e-4)


def test_replayed_detections_at_score_0_9(finished: FinishedRun) -> None:
    assert counts(finished.run, "frcnn") == [238, 17, 121]


def test_replayed_results_have_no_latency(finished: FinishedRun) -> None:
    rows = [
        item
        for item in finished.run.metrics
        if item.name == "latency_ms_p95" and item.pipeline == "tracker"
    ]
    assert rows
    assert all(item.value is None and item.reason for item in rows)
