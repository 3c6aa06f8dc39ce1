"""A trial on real footage: good detectors are left alone, ones put together wrong are named.

One file extends another and sweeps, so that these are tried on a real pipeline as well.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.tud import golden_yaml
from vbench.bench.media import measure_unlocked
from vbench.bench.progress import NoProgress
from vbench.bench.trial import Trial
from vbench.config.pipeline_file import read_pipeline_files
from vbench.golden.load import load_golden_set
from vbench.pipeline.frame_pipeline import FramePipeline
from vbench.pipeline.load import load_pipeline
from vbench.pipeline.suspicions import suspicions
from vbench.pipeline.thresholds import operating_scores
from vbench.types import GoldenSet

pytestmark = pytest.mark.real

BASE = """\
schema: vbench.pipeline/v1
name: yolox
version: 1
classes: {file: coco_classes.txt, drop: others}
stages:
  - id: detect
    kind: detector
    engine: {type: onnxruntime, model: yolox_nano.onnx, threads: ${VBENCH_TEST_THREADS}}
    input: {size: [416, 416], color: bgr, resize: letterbox, anchor: top_left, pad: 114}
    output: {adapter: yolox}
    post: {score: 0.3, nms: {iou: 0.45}}
"""


@pytest.fixture(scope="module")
def tud(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> GoldenSet:
    folder = tmp_path_factory.mktemp("tud")
    (folder / "golden.yaml").write_text(golden_yaml(real_data))
    return load_golden_set(folder, measure_unlocked(folder, NoProgress()))


@pytest.fixture
def base(real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the model, and the pipeline file beside it."""
    monkeypatch.setenv("VBENCH_TEST_THREADS", "2")
    folder = tmp_path / "yolox"
    folder.mkdir()
    for file in (real_data / "detectors" / "yolox_nano").iterdir():
        (folder / file.name).symlink_to(file)
    (folder / "base.yaml").write_text(BASE)
    return folder / "base.yaml"


def kinds(folder: Path, golden_set: GoldenSet, text: str) -> dict[str, list[str]]:
    """What is suspicious about each pipeline of a file that extends the base."""
    leaf = folder / "leaf.yaml"
    leaf.write_text(f"schema: vbench.pipeline/v1\nname: p\nextends: yolox/base.yaml\n{text}")
    trial = Trial(golden_set)
    found: dict[str, list[str]] = {}
    for file in read_pipeline_files(leaf):
        pipeline = load_pipeline(file, golden_set.taxonomy)
        assert isinstance(pipeline, FramePipeline)
        found[file.model.name] = [
            one.kind
            for one in suspicions(
                trial.answers(pipeline),
                operating_scores(file, golden_set.taxonomy),
                golden_set.taxonomy.names,
            )
        ]
        pipeline.close()
    return found


def test_a_detector_of_any_input_is_left_alone(tmp_path: Path, tud: GoldenSet, base: Path) -> None:
    text = "sweep: {detect.input.color: [bgr, rgb], detect.input.anchor: [top_left, center]}\n"
    assert kinds(tmp_path, tud, text) == {
        "p@color=bgr,anchor=top_left": [],
        "p@color=bgr,anchor=center": [],
        "p@color=rgb,anchor=top_left": [],
        "p@color=rgb,anchor=center": [],
    }


def test_wrong_scale_and_shifted_classes_are_named(
    tmp_path: Path, tud: GoldenSet, base: Path
) -> None:
    text = "sweep: {detect.input.scale: [1.0, 0.00392156862745098]}\n"
    assert kinds(tmp_path, tud, text) == {
        "p@scale=1.0": [],
        "p@scale=0.00392156862745098": ["nothing"],
    }
    names = (base.parent / "coco_classes.txt").read_text().split("\n")
    (tmp_path / "shifted.txt").write_text("\n".join(["background", *names[:79]]))
    text = "classes: {file: shifted.txt}\n"
    assert kinds(tmp_path, tud, text) == {"p": ["nothing"]}
