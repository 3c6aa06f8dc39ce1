from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.pipeline.suggest.models import (
    FAMILIES,
    OTHER_FORMS,
    ULTRALYTICS,
    UNKNOWN,
    Family,
    Output,
    write_family,
)
from vbench.bench.check import check_file
from vbench.bench.progress import NoProgress
from vbench.bench.suggest import suggest_pipeline, write_suggestion
from vbench.config.detector_stage import DetectorStage
from vbench.config.pipeline_file import read_pipeline_file
from vbench.errors import EngineError, ExitCode, InputError, ModelError

MODELS = {f"{name}": (name, family) for name, family in FAMILIES.items()} | OTHER_FORMS


def proposed(folder: Path, family: Family, classes: Path | None = None) -> Path:
    model = write_family(folder / "My model_1.onnx", family)
    out = folder / "proposed.yaml"
    write_suggestion(suggest_pipeline(model, classes, out), out)
    return out


def stage_of(path: Path) -> DetectorStage:
    return read_pipeline_file(path).model.detectors[0]


@pytest.mark.parametrize(("adapter", "family"), MODELS.values(), ids=MODELS)
def test_every_family_is_recognised_and_its_file_runs(
    adapter: str, family: Family, tmp_path: Path
) -> None:
    path = proposed(tmp_path, family)
    stage = stage_of(path)
    assert stage.output is not None
    assert stage.output.adapter == adapter
    assert list(check_file(path, NoProgress()))


def test_every_adapter_of_detectors_is_proposed_for_something() -> None:
    from typing import get_args

    from vbench.config.output_entries import OutputEntry

    members = get_args(get_args(OutputEntry)[0])
    adapters = {get_args(member.model_fields["adapter"].annotation)[0] for member in members}
    assert adapters - {adapter for adapter, _ in MODELS.values()} == {"boxes"}


def test_what_the_exporter_wrote_is_used(tmp_path: Path) -> None:
    path = proposed(tmp_path, OTHER_FORMS["yolo_v8 of Ultralytics"][1])
    file = read_pipeline_file(path)
    assert file.model.name == "my-model-1"
    assert file.model.classes is not None
    assert file.model.classes.names == ["person", "forklift", 'no: "vest"']
    stage = stage_of(path)
    assert stage.input is not None
    # Ultralytics writes height before width.
    assert stage.input.size == (640, 384)
    assert stage.post.nms is not None
    text = path.read_text(encoding="utf-8")
    assert "# certain: named in the model file" in text
    assert "# likely: the model leaves its size open; the exporter states this" in text


def test_second_input_is_filled(tmp_path: Path) -> None:
    stage = stage_of(proposed(tmp_path, FAMILIES["rtdetr"]))
    assert stage.input is not None
    assert stage.input.extra == {"orig_target_sizes": [[640, 640]]}
    assert stage.post.nms is None


def test_class_names_decide_between_softmax_and_sigmoid(tmp_path: Path) -> None:
    labels = tmp_path / "labels.txt"
    family = Family({"logits": Output((1, 50, 4)), "pred_boxes": Output((1, 50, 4))})
    for n_classes, adapter in ((3, "detr"), (4, "rtdetr")):
        labels.write_text("\n".join(f"thing {k}" for k in range(n_classes)), encoding="utf-8")
        model = write_family(tmp_path / "m.onnx", family)
        suggestion = suggest_pipeline(model, labels, None)
        adapters = {c.key: (c.value, c.sure) for c in suggestion.proposal.choices}
        assert adapters["output.adapter"] == (adapter, "likely")
        assert [one.sure for one in suggestion.proposal.alternatives] == ["guess"]
        assert f"# also possible (guess): {50} queries" in suggestion.text


def test_class_names_decide_between_families(tmp_path: Path) -> None:
    """[1, 100, 6]: finished boxes of any classes; but 756 rows of YOLOX have one class."""
    labels = tmp_path / "labels.txt"
    labels.write_text("person\nforklift\n", encoding="utf-8")
    path = proposed(tmp_path, Family({"output0": Output((1, 100, 6))}), labels)
    stage = stage_of(path)
    assert stage.output is not None
    assert stage.output.adapter == "yolo_end2end"
    with pytest.raises(ModelError, match="2 classes are named, but as yolox the model has 1"):
        suggest_pipeline(
            write_family(tmp_path / "m.onnx", OTHER_FORMS["one class of YOLOX"][1]), labels, None
        )


def test_wrong_number_of_class_names(tmp_path: Path) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text("person\nforklift\n", encoding="utf-8")
    with pytest.raises(ModelError, match=r"2 classes are named, but as yolo_v8 the model has 80"):
        proposed(tmp_path, FAMILIES["yolo_v8"], labels)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "class list is empty"),
        ("a\nb\na\n", 'class "a" is listed twice'),
        (None, "No such file"),
    ],
)
def test_class_list_that_cannot_be_used(tmp_path: Path, content: str | None, message: str) -> None:
    labels = tmp_path / "labels.txt"
    if content is not None:
        labels.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        proposed(tmp_path, FAMILIES["yolo_v8"], labels)


@pytest.mark.parametrize("family", UNKNOWN.values(), ids=UNKNOWN)
def test_unknown_outputs_are_listed_with_the_closest_adapters(
    family: Family, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=r"outputs of unknown form: .*closest adapters: \w+ \("):
        proposed(tmp_path, family)
    assert not (tmp_path / "proposed.yaml").exists()


def test_models_that_are_no_detectors(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"is a classifier of 1000 classes.*adapter: classifier"):
        proposed(tmp_path, Family({"prob": Output((1, 1000))}))
    with pytest.raises(ModelError, match=r"no input of the model takes one picture: images"):
        proposed(tmp_path, Family({"prob": Output((1, 1000))}, (1, 80)))
    for image in ((1, 1, 640, 640), (4, 3, 640, 640)):
        with pytest.raises(ModelError, match="no input of the model takes one picture"):
            proposed(tmp_path, Family(FAMILIES["yolo_v8"].outputs, image))
    pair = {"before": Output((1, 3, 640, 640))}
    with pytest.raises(ModelError, match=r"2 inputs of the model take pictures: images.*before"):
        proposed(tmp_path, Family(FAMILIES["yolo_v8"].outputs, extra=pair))
    pose = ULTRALYTICS | {"task": "pose"}
    with pytest.raises(
        ModelError, match=r'exported for the task "pose", .*output0 \[1, 56, 8400\]'
    ):
        proposed(tmp_path, Family({"output0": Output((1, 56, 8400))}, metadata=pose))
    extra = {"prompt": Output((1, 77))}
    with pytest.raises(ModelError, match=r"takes prompt \[1, 77\] float32, which vbench does not"):
        proposed(tmp_path, Family({"output0": Output((1, 84, 8400))}, extra=extra))


def test_file_that_is_no_model(tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(b"no model")
    with pytest.raises(EngineError, match="is not a readable ONNX model") as caught:
        suggest_pipeline(model, None, None)
    assert caught.value.exit_code == ExitCode.MEDIA_OR_ENGINE


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = proposed(tmp_path, FAMILIES["yolo_v8"])
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="exists already"):
        proposed(tmp_path, FAMILIES["yolo_v8"])
    assert path.read_text(encoding="utf-8") == "mine"


def test_json_says_everything(tmp_path: Path) -> None:
    model = write_family(tmp_path / "m.onnx", FAMILIES["yolox"])
    content = json.loads(suggest_pipeline(model, None, None).json_text())
    assert content["outputs"] == ["output [1, 8400, 85] float32"]
    assert {"key": "input.color", "value": "bgr", "sure": "likely"}.items() <= next(
        choice for choice in content["choices"] if choice["key"] == "input.color"
    ).items()
    assert content["alternatives"][0]["adapter"] == "yolo_v5"
    assert content["pipeline"].startswith("# Proposed by")
