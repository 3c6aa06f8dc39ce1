"""Proposed pipelines of real models find what is in the picture."""

from __future__ import annotations

from pathlib import Path

import pytest

from vbench.bench.check import check_file
from vbench.bench.progress import NoProgress
from vbench.bench.suggest import suggest_pipeline, write_suggestion
from vbench.config.pipeline_file import read_pipeline_file

pytestmark = pytest.mark.real


@pytest.mark.parametrize(
    ("model", "classes", "n_classes", "size"),
    [
        ("yolox_nano/yolox_nano.onnx", "yolox_nano/coco_classes.txt", 80, (416, 416)),
        ("light_person_detector/model.onnx", None, 1, (192, 192)),
    ],
)
def test_yolox_models_are_recognised(
    real_data: Path,
    tmp_path: Path,
    model: str,
    classes: str | None,
    n_classes: int,
    size: tuple[int, int],
) -> None:
    detectors = real_data / "detectors"
    out = tmp_path / "proposed.yaml"
    labels = None if classes is None else detectors / classes
    write_suggestion(suggest_pipeline(detectors / model, labels, out), out)
    file = read_pipeline_file(out).model
    (stage,) = file.detectors
    assert stage.output is not None
    assert stage.input is not None
    assert stage.output.adapter == "yolox"
    # What README.md of the real data says about both models.
    entry = stage.input
    assert (entry.size, entry.color, entry.resize, entry.anchor, entry.pad, entry.scale) == (
        size,
        "bgr",
        "letterbox",
        "top_left",
        114,
        1.0,
    )
    assert file.classes is not None
    assert len(file.classes.names or []) == n_classes
    assert list(check_file(out, NoProgress()))
