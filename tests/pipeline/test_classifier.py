from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pydantic
import pytest

from tests.pipeline.files import clip, frame, taxonomy
from vbench.config.classifier_stage import ClassifierStage
from vbench.engines.protocol import EngineInfo, Tensor, TensorInfo
from vbench.errors import ConfigError, EngineError
from vbench.pipeline.adapters.adapter import ModelFacts
from vbench.pipeline.adapters.classifier import ClassifierAdapter
from vbench.pipeline.classes import ClassMap
from vbench.pipeline.classifier import Classifier
from vbench.pipeline.counted import Counted
from vbench.pipeline.stage_names import TENSOR_STEPS
from vbench.types import F32
from vbench.types.frame_detections import FrameDetections

PERSON, HELMET, BARE, TRUCK = range(4)
CLASSES = taxonomy("person", "helmet", "bare", "truck")
THRESHOLDS = np.array([0.5, 0.5, 0.5, 0.5])
# The classifier knows: helmet, bare head, no person at all.
OWN = ClassMap(("on", "off", "nobody"), np.array([HELMET, BARE, -1], np.int64))


class FakeEngine:
    """Answers the crops one after the other; remembers what it saw."""

    info = EngineInfo("fake", "1", "none", 1)
    inputs = (TensorInfo("crop", (1, 3, 8, 8), "float32"),)
    outputs = (TensorInfo("scores", (1, 3), "float32"),)

    def __init__(self, answers: Sequence[Sequence[float]]) -> None:
        self.answers = [np.array([answer], np.float32) for answer in answers]
        self.seen: list[F32] = []
        self.closed = False

    def run(self, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
        if not self.answers:
            raise EngineError("the device is gone", hint="look after it")
        self.seen.append(np.array(tensors[0], np.float32))
        return (self.answers.pop(0),)

    def close(self) -> None:
        self.closed = True


def stage(**keys: object) -> ClassifierStage:
    return ClassifierStage.model_validate(
        {
            "id": "helmet",
            "kind": "classifier",
            "of": ["person"],
            "engine": {"type": "onnxruntime", "model": "helmet.onnx"},
            "classes": {"names": ["on", "off", "nobody"]},
            "input": {"size": [8, 8], "color": "bgr", "resize": "stretch"},
            "output": {"adapter": "classifier", "activation": "none"},
            **keys,
        }
    )


def classifier(engine: FakeEngine, **keys: object) -> Classifier:
    entry = stage(**keys)
    counted = Counted(entry.of, CLASSES, THRESHOLDS, score=entry.score, where="p.yaml:7: of")
    adapter = ClassifierAdapter(entry.output, ModelFacts(3, (8, 8), "p.yaml:9: output"))
    return Classifier(entry, engine, adapter, OWN, counted, None)


def found(
    *rows: tuple[int, float], boxes: Sequence[Sequence[float]] | None = None
) -> FrameDetections:
    """Class and score of each detection."""
    n = len(rows)
    corners = [[4.0 * k, 5, 4.0 * k + 10, 25] for k in range(n)] if boxes is None else boxes
    return FrameDetections(
        np.array(corners, np.float64).reshape(-1, 4),
        np.array([score for _, score in rows], np.float64),
        np.array([class_id for class_id, _ in rows], np.int64),
        np.arange(n) + 10,
    )


def answer(
    detections: FrameDetections, *answers: Sequence[float], **keys: object
) -> list[tuple[int, float, int]]:
    """Class, score and identity of each detection afterwards."""
    engine = FakeEngine(answers)
    after, _ = classifier(engine, **keys)(frame(), detections)
    assert not engine.answers, "a crop was not classified"
    columns = (after.class_id.tolist(), after.scores.tolist(), after.track_id.tolist())
    return list(zip(*columns, strict=True))


ON, OFF, NOBODY = (0.9, 0.1, 0.0), (0.2, 0.8, 0.0), (0.0, 0.1, 0.9)
UNSURE = (0.4, 0.3, 0.3)


def test_a_detection_becomes_what_its_crop_is() -> None:
    people = found((PERSON, 0.9), (PERSON, 0.7), (PERSON, 0.6))
    assert answer(people, ON, OFF, NOBODY) == [(HELMET, 0.9, 10), (BARE, 0.7, 11)]


def test_only_the_chosen_classes_at_their_operating_point_are_looked_at() -> None:
    mixed = found((TRUCK, 0.9), (PERSON, 0.5), (PERSON, 0.4))
    expected = [(TRUCK, 0.9, 10), (HELMET, 0.5, 11), (PERSON, 0.4, 12)]
    assert answer(mixed, ON) == expected
    expected[2] = (BARE, 0.4, 12)
    assert answer(mixed, ON, OFF, score=0.4) == expected


def test_an_unsure_answer_changes_nothing_or_drops() -> None:
    people = found((PERSON, 0.9), (PERSON, 0.7))
    assert answer(people, UNSURE, OFF) == [(PERSON, 0.9, 10), (BARE, 0.7, 11)]
    assert answer(people, UNSURE, OFF, below="drop") == [(BARE, 0.7, 11)]
    assert answer(people, UNSURE, OFF, min_score=0.4) == [(HELMET, 0.9, 10), (BARE, 0.7, 11)]


def test_scores_multiplied_are_sorted_again() -> None:
    people = found((PERSON, 0.9), (PERSON, 0.8), (PERSON, 0.5))
    after = answer(people, (0.5, 0.2, 0.3), ON, UNSURE, combine="product")
    assert [(one, identity) for one, _, identity in after] == [
        (HELMET, 11),
        (PERSON, 12),
        (HELMET, 10),
    ]
    assert [score for _, score, _ in after] == pytest.approx([0.8 * 0.9, 0.5, 0.9 * 0.5])


def test_boxes_that_are_too_small_are_not_looked_at() -> None:
    boxes = np.array([[0.0, 0, 5, 20], [10, 0, 30, 6], [10, 10, 16, 16]]).tolist()
    people = found((PERSON, 0.9), (PERSON, 0.8), (PERSON, 0.7), boxes=boxes)
    after = answer(people, ON, ON, min_size_px=6)
    assert [one for one, _, _ in after] == [PERSON, HELMET, HELMET]


def seen(box: Sequence[float], **keys: object) -> F32:
    """What the engine is given of one box in the frame of `frame()`."""
    engine = FakeEngine([ON])
    classifier(engine, **keys)(frame(), found((PERSON, 0.9), boxes=[box]))
    (tensor,) = engine.seen
    return tensor


def pixels(x: slice, y: slice) -> F32:
    """The same pixels as a tensor."""
    return frame().image[y, x].transpose(2, 0, 1)[None].astype(np.float32)


def test_the_crop_is_the_box() -> None:
    np.testing.assert_array_equal(seen([3, 5, 11, 13]), pixels(slice(3, 11), slice(5, 13)))


def test_whole_pixels_are_cut_out() -> None:
    cut = seen([3.9, 5.1, 10.2, 12.9])
    np.testing.assert_array_equal(cut, pixels(slice(3, 11), slice(5, 13)))


def test_the_margin_is_a_share_of_the_box_and_ends_at_the_frame() -> None:
    cut = seen([5, 6, 9, 12], margin=0.5, input={"size": [8, 12], "color": "bgr"})
    np.testing.assert_array_equal(cut, pixels(slice(3, 11), slice(3, 15)))
    cut = seen([0, 0, 4, 4], margin=1.0)
    np.testing.assert_array_equal(cut, pixels(slice(0, 8), slice(0, 8)))
    cut = seen([60, 44, 64, 48], margin=1.0)
    np.testing.assert_array_equal(cut, pixels(slice(56, 64), slice(40, 48)))


def test_a_box_outside_of_the_frame_gives_the_nearest_pixel() -> None:
    assert seen([70, 50, 80, 60]).shape == (1, 3, 8, 8)
    assert seen([-9, -9, -1, -1]).shape == (1, 3, 8, 8)


def test_colors_are_put_in_order() -> None:
    rgb = seen([3, 5, 11, 13], input={"size": [8, 8], "color": "rgb"})
    np.testing.assert_array_equal(rgb, pixels(slice(3, 11), slice(5, 13))[:, ::-1])


def test_nothing_to_look_at() -> None:
    assert answer(found()) == []
    assert answer(found((TRUCK, 0.9))) == [(TRUCK, 0.9, 10)]


def test_steps_are_timed_over_all_crops() -> None:
    tested = classifier(FakeEngine([ON] * 3))
    tested.begin_clip(clip())
    _, one_ns = tested(frame(), found((PERSON, 0.9)))
    _, two_ns = tested(frame(), found((PERSON, 0.9), (PERSON, 0.8)))
    assert len(one_ns) == len(two_ns) == len(TENSOR_STEPS)
    assert all(isinstance(step, int) and step > 0 for step in (*one_ns, *two_ns))


def test_an_engine_that_fails_names_stage_and_frame() -> None:
    with pytest.raises(EngineError, match="the device is gone") as caught:
        classifier(FakeEngine([]))(frame(index=7), found((PERSON, 0.9)))
    assert caught.value.where == "stage helmet, frame 7"


def test_numbers_that_are_none_name_stage_and_frame() -> None:
    nan = float("nan")
    with pytest.raises(EngineError, match="NaN or infinity") as caught:
        classifier(FakeEngine([(nan, 0.1, 0.2)]))(frame(index=3), found((PERSON, 0.9)))
    assert caught.value.where == "stage helmet, frame 3"


def test_close_frees_the_model() -> None:
    engine = FakeEngine([])
    tested = classifier(engine)
    assert tested.engine_text == "fake 1 (none, 1 thread)"
    tested.close()
    assert engine.closed


def test_an_unknown_class() -> None:
    with pytest.raises(ConfigError, match='class "persona" is not in the taxonomy') as caught:
        classifier(FakeEngine([]), of=["persona"])
    assert caught.value.where == "p.yaml:7: of"


def test_an_engine_of_frames_cannot_classify() -> None:
    with pytest.raises(pydantic.ValidationError, match="takes frames; a classifier needs one"):
        stage(engine={"type": "python", "object": "mine:Detector"})
