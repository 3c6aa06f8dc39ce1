"""Two pipelines on the same frames, from files to the guess."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.bench.parity.files import (
    N_FRAMES,
    ROWS,
    write_golden_set,
    write_pipeline,
    write_rows_model,
)
from tests.engines.onnx_models import write_constant_model
from vbench.bench.parity.compare import Parity, compare_pipelines
from vbench.bench.parity.measure import Tolerances
from vbench.bench.parity.words import advice, cause_sentence, headline
from vbench.bench.progress import NoProgress
from vbench.config.pipeline_file import read_pipeline_file
from vbench.errors import ConfigError
from vbench.pipeline.load import load_pipeline
from vbench.types import ClassDef, Taxonomy
from vbench.video import frames_at

CODE = """\
import numpy as np


def swapped(image, width, height):
    small = image[::2, ::2][:height, :width, ::-1]
    canvas = np.full((height, width, 3), 114, np.float32)
    canvas[: small.shape[0], : small.shape[1]] = small
    tensor = np.ascontiguousarray(canvas.transpose(2, 0, 1)[None])
    return tensor, (0.5, 0.5, 0, 0)


def plain(image, width, height):
    tensor, mapping = swapped(image, width, height)
    return np.ascontiguousarray(tensor[:, ::-1]), mapping


def divided(image, width, height):
    tensor, mapping = swapped(image, width, height)
    return tensor / np.float32(255), mapping


class Red:
    def __init__(self, swap=False, offset=0, form="xyxy"):
        self.swap, self.offset, self.form = swap, offset, form

    def detect(self, image):
        image = (image[:, :, ::-1] if self.swap else image).astype(int)
        red = image[:, :, 2] - image[:, :, :2].max(axis=2) > 160
        rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
        x, y, x2, y2 = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
        box = [x, y, x2, y2] if self.form == "xyxy" else [x, y, x2 - x, y2 - y]
        return np.array([box], float), np.array([0.9]), np.array([self.offset])
"""

HIDDEN = {"input": "", "output": ""}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parity")
    write_golden_set(folder / "golden")
    write_rows_model(folder / "rows.onnx")
    (folder / "code.py").write_text(CODE)
    return folder


def parity(a: Path, b: Path, clip: str | None = "first", n_frames: int = 6) -> Parity:
    golden = a.parent / "golden"
    return compare_pipelines(
        a, b, golden, Tolerances(), NoProgress(), clip_id=clip, n_frames=n_frames
    )


def kinds(found: Parity) -> list[str]:
    assert found.guess is not None
    return [cause.kind for cause in found.guess.causes]


def first_stage(found: Parity) -> str:
    assert found.first is not None
    return found.first.stage


def test_the_same_pipeline_has_parity_with_itself(folder: Path) -> None:
    a = write_pipeline(folder, "same")
    found = parity(a, a, clip=None)
    assert found.first is None
    assert found.guess is None
    assert found.keys == ()
    assert found.n_frames == 12
    names = ["pixels", "tensor", "outputs", "candidates", "detections"]
    assert [one.stage for one in found.stages] == names
    assert {one.state for one in found.stages} == {"equal"}
    assert (
        headline(found) == "A and B are the same within the tolerances on 12 frames in every stage"
    )


def test_no_more_frames_than_there_are(folder: Path) -> None:
    a = write_pipeline(folder, "same")
    assert parity(a, a, n_frames=100).n_frames == N_FRAMES


@pytest.mark.parametrize(
    ("changed", "stage", "expected", "key", "told"),
    [
        ({"input": "{size: [64, 64], color: rgb, anchor: top_left}"},
         "tensor", ["color_order"], "stages[0].input.color", "write bgr at"),
        ({"input": "{size: [64, 64], color: bgr, anchor: center}"},
         "tensor", ["anchor"], "stages[0].input.anchor", "write top_left at"),
        ({"input": "{size: [64, 64], color: bgr, anchor: top_left, rectangular: 16}"},
         "tensor", ["rectangular"], "stages[0].input.rectangular", "write null at"),
        ({"decode": "{range: full}"}, "pixels", ["color_range"], "decode.range", "write auto at"),
        ({"decode": "{matrix: bt2020}"}, "pixels", ["color_matrix"], "decode.matrix", "write auto"),
        ({"output": "{adapter: boxes, columns: [cx, cy, w, h, score, class]}"},
         "candidates", ["box_form"], "stages[0].output.columns", "write [x1, y1, x2, y2, score"),
        ({"output": "{adapter: boxes, columns: [x1, y1, w, h, score, class]}"},
         "candidates", ["box_form"], "stages[0].output.columns", "write [x1, y1, x2, y2, score"),
        ({"output": "{adapter: boxes, columns: [y1, x1, y2, x2, score, class]}"},
         "candidates", ["axes_swapped"], "stages[0].output.columns", "write [x1, y1, x2, y2"),
        ({"output": "{adapter: boxes, columns: [x1, y1, x2, y2, score, class], normalized: true}"},
         "candidates", ["box_scale"], "stages[0].output.normalized", "write false"),
        ({"post": "{score: 0.3, nms: {iou: 0.5}}"},
         "detections", ["nms"], "stages[0].post.nms", ""),
    ],
)  # fmt: skip
def test_settings(
    folder: Path, changed: dict[str, str], stage: str, expected: list[str], key: str, told: str
) -> None:
    a, b = write_pipeline(folder, "a"), write_pipeline(folder, "b", **changed)
    found = parity(a, b)
    assert first_stage(found) == stage
    assert found.first is not None
    assert (found.first.first_clip, found.first.first_frame) == ("first", 0)
    assert kinds(found) == expected
    assert found.guess is not None
    assert found.guess.exact
    assert key in [one.key for one in found.keys] or any(
        one.key.startswith(key) for one in found.keys
    )
    assert any(told in line for line in advice(found)), list(advice(found))


def test_what_is_advised_repairs_it(folder: Path) -> None:
    """All that pixel values go through is told, not only the key that names the cause."""
    size = "size: [64, 64], anchor: top_left"
    values = "scale: 0.0039, mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.3]"
    a = write_pipeline(folder, "a", input=f"{{{size}, color: bgr}}")
    b = write_pipeline(folder, "b", input=f"{{{size}, color: rgb, {values}}}")
    found = parity(a, b)
    assert kinds(found) == ["color_order", "mean_std"]
    where = f"{b}:10: stages[0].input"
    assert list(advice(found)) == [
        f"write bgr at {where}.color",
        f"write 1 at {where}.scale",
        f"write [0, 0, 0] at {where}.mean",
        f"write [1, 1, 1] at {where}.std",
    ]
    b.write_text(b.read_text().replace("rgb", "bgr").replace(values, "scale: 1"))
    assert parity(a, b).first is None


@pytest.mark.parametrize(
    ("of_a", "of_b", "expected"),
    [
        ("{score: 0.3, nms: {iou: 0.5}}", "{score: 0.3, nms: null}", ["write 0.5", "write true"]),
        ("{score: 0.3, nms: null}", "{score: 0.3, nms: {iou: 0.5}}", ["write null"]),
    ],
)
def test_advice_about_a_whole_entry(
    folder: Path, of_a: str, of_b: str, expected: list[str]
) -> None:
    a, b = write_pipeline(folder, "a", post=of_a), write_pipeline(folder, "b", post=of_b)
    found = parity(a, b)
    assert kinds(found) == ["nms"]
    assert [line.partition(" at ")[0] for line in advice(found)] == expected


def test_what_only_b_has_is_to_be_removed(folder: Path) -> None:
    a, b = write_pipeline(folder, "a"), write_pipeline(folder, "b")
    for file, more in ((a, ""), (b, ", person: dog, dog: person")):
        names = f"dog], map: {{forklift: forklift{more}}}}}"
        file.write_text(file.read_text().replace("dog]}", names))
    assert [line.partition(" near ")[0] for line in advice(parity(a, b))] == [
        "remove classes.map.person,",
        "remove classes.map.dog,",
    ]


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        ("names: [background, person, forklift], drop: [background]", ["class_offset"]),
        ("names: [dog, person, forklift]", ["class_map"]),
        ("names: [forklift, person, dog]", ["class_map"]),
    ],
)
def test_class_lists(folder: Path, classes: str, expected: list[str]) -> None:
    a, b = write_pipeline(folder, "a"), write_pipeline(folder, "b")
    b.write_text(b.read_text().replace("names: [person, forklift, dog]", classes))
    found = parity(a, b)
    assert first_stage(found) == "detections"
    assert kinds(found) == expected
    assert found.guess is not None
    assert found.guess.exact
    assert "b.yaml:4: classes" in " ".join(advice(found))


def test_what_only_one_side_stores_is_no_difference(folder: Path) -> None:
    """Below the higher floor nothing can be compared."""
    a = write_pipeline(folder, "a")
    b = write_pipeline(folder, "b", post="{score: 0.3, floor: 0.2}")
    found = parity(a, b)
    assert found.first is None
    assert [one.key for one in found.keys] == ["stages[0].post.floor"]


def test_class_offset_of_the_model(folder: Path) -> None:
    rows = tuple((*row[:5], row[5] + 1) for row in ROWS)
    write_rows_model(folder / "shifted.onnx", rows)
    a = write_pipeline(
        folder, "a", output="{adapter: boxes, columns: [x1, y1, x2, y2, score, class]}"
    )
    b = write_pipeline(folder, "b", engine="{type: onnxruntime, model: shifted.onnx}")
    found = parity(a, b)
    assert first_stage(found) == "outputs"
    assert kinds(found) == ["model"]
    assert "the model files differ" in cause_sentence(found)


def test_own_preprocessing_is_judged_by_what_it_gives(folder: Path) -> None:
    a = write_pipeline(
        folder, "a", input="{size: [80, 64], color: bgr, anchor: top_left, interpolation: nearest}"
    )
    b = write_pipeline(folder, "b", input="{size: [80, 64], color: bgr, python: 'code:swapped'}")
    found = parity(a, b)
    assert first_stage(found) == "tensor"
    assert kinds(found) == ["color_order"]
    (line,) = advice(found)
    assert "look into code:swapped of B" in line
    assert "b.yaml" in line
    assert "python" in line

    backward = parity(b, a)
    assert kinds(backward) == ["color_order"]
    assert backward.guess is not None
    (cause,) = backward.guess.causes
    assert (cause.value_a, cause.value_b) == ("rgb", "bgr")


@pytest.mark.parametrize(
    ("function", "expected"),
    [("plain", ["color_order"]), ("divided", ["scale"])],
)
def test_own_code_on_both_sides(folder: Path, function: str, expected: list[str]) -> None:
    keys = "{size: [80, 64], color: bgr, python: 'code:FUNCTION'}"
    a = write_pipeline(folder, "a", input=keys.replace("FUNCTION", "swapped"))
    b = write_pipeline(folder, "b", input=keys.replace("FUNCTION", function))
    found = parity(a, b)
    assert first_stage(found) == "tensor"
    assert kinds(found) == expected
    assert found.guess is not None
    assert found.guess.exact
    assert "code:" in " ".join(advice(found))


def test_frame_engines_show_detections_only(folder: Path) -> None:
    engine = "{type: python, object: 'code:Red'}"
    a = write_pipeline(folder, "a", engine=engine, **HIDDEN)
    found = parity(a, a)
    assert [one.state for one in found.stages] == ["equal", *["hidden"] * 3, "equal"]
    assert "detections only" in found.stages[1].text
    assert headline(found).endswith("as far as it shows")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("{swap: true}", ["color_order"]),
        ("{offset: 1}", ["class_offset"]),
        ("{form: xywh}", ["box_form"]),
    ],
)
def test_hidden_causes(folder: Path, options: str, expected: list[str]) -> None:
    engine = "{type: python, object: 'code:Red'}"
    a = write_pipeline(folder, "a", engine=engine, **HIDDEN)
    engine = f"{{type: python, object: 'code:Red', options: {options}}}"
    b = write_pipeline(folder, "b", engine=engine, **HIDDEN)
    found = parity(a, b)
    assert first_stage(found) == "detections"
    assert kinds(found) == expected


def test_stored_results_have_parity_with_what_gave_them(folder: Path) -> None:
    a = write_pipeline(folder, "a", engine="{type: python, object: 'code:Red'}", **HIDDEN)
    stored = write_pipeline(
        folder, "stored", engine="{type: replay, format: mot, path: stored.txt}", **HIDDEN
    )
    names = "names: [person, forklift, dog]"
    for path in (a, stored):
        path.write_text(path.read_text().replace(names, "names: [person]"))
    person = Taxonomy(1, (ClassDef("person", ""),))
    pipeline = load_pipeline(read_pipeline_file(a), person)
    assert pipeline.needs_frames
    lines = []
    for frame in frames_at(folder / "golden" / "first.mp4", range(N_FRAMES)):
        x, y, x2, y2 = pipeline.run_frame(frame)[0].boxes_xyxy[0]
        lines.append(f"{frame.index + 1},1,{x},{y},{x2 - x},{y2 - y},0.9,-1,-1,-1\n")
    (folder / "stored.txt").write_text("".join(lines))
    found = parity(a, stored)
    assert found.first is None
    lines[2] = "3,1,90,20,14,22,0.9,-1,-1,-1\n"
    (folder / "stored.txt").write_text("".join(lines))
    found = parity(a, stored)
    assert found.first is not None
    assert (found.first.first_frame, found.first.n_differing) == (2, 1)


def test_two_detectors_of_one_pipeline(folder: Path) -> None:
    """Only the second differs, and it is named."""
    a, b = write_pipeline(folder, "a"), write_pipeline(folder, "b")
    for path, color in ((a, "bgr"), (b, "rgb")):
        head, stage = path.read_text().split("  - id: detect\n")
        second = stage.replace("color: bgr", f"color: {color}")
        path.write_text(f"{head}  - id: near\n{stage}  - id: far\n{second}")
    found = parity(a, b)
    assert found.first is not None
    assert (found.first.detector_id, found.first.stage) == ("far", "tensor")
    assert kinds(found) == ["color_order"]
    assert headline(found).startswith("A and B part at: far: input tensor")
    assert found.stages[-1].stage == "answer"


def test_another_number_of_detectors(folder: Path) -> None:
    """Single stages cannot be paired; what all detectors found together can."""
    a, b = write_pipeline(folder, "a"), write_pipeline(folder, "b")
    head, stage = b.read_text().split("  - id: detect\n")
    twice = f"{head}  - id: near\n{stage}  - id: far\n{stage}"
    b.write_text(twice)
    found = parity(a, b)
    assert [one.stage for one in found.stages] == ["pixels", "answer"]
    assert first_stage(found) == "answer"
    assert cause_sentence(found) == "unknown: A has 1 detector, B has 2 detectors"
    assert kinds(found) == []
    assert list(advice(found)) == []


def test_outputs_in_another_order(folder: Path) -> None:
    rng = np.random.default_rng(3)
    first, second = (rng.normal(size=(1, 4, 6)).astype(np.float32) for _ in range(2))
    rows = np.array([ROWS], np.float32)
    shape = (1, 3, 64, 64)
    write_constant_model(
        folder / "x.onnx", {"boxes": rows, "p": first, "q": second}, input_shape=shape
    )
    write_constant_model(
        folder / "y.onnx", {"boxes": rows, "q": second, "p": first}, input_shape=shape
    )
    output = "{adapter: boxes, output: boxes, columns: [x1, y1, x2, y2, score, class]}"
    a = write_pipeline(folder, "a", engine="{type: onnxruntime, model: x.onnx}", output=output)
    b = write_pipeline(folder, "b", engine="{type: onnxruntime, model: y.onnx}", output=output)
    found = parity(a, b)
    assert first_stage(found) == "outputs"
    assert kinds(found) == ["output_order"]


def test_a_clip_that_does_not_exist(folder: Path) -> None:
    a = write_pipeline(folder, "a")
    with pytest.raises(ConfigError, match='no clip "frist"') as caught:
        parity(a, a, clip="frist")
    assert caught.value.hint == 'did you mean "first"?'
