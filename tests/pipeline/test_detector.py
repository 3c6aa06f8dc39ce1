from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tests.pipeline.files import frame
from vbench.config.input_entry import InputEntry
from vbench.config.output_entries import BoxesOutput
from vbench.config.post_entry import PostEntry
from vbench.engines.protocol import EngineInfo, Tensor, TensorInfo
from vbench.errors import EngineError, ExitCode
from vbench.pipeline.adapters.adapter import ModelFacts
from vbench.pipeline.adapters.boxes import BoxesAdapter
from vbench.pipeline.classes import ClassMap
from vbench.pipeline.detector import Detector
from vbench.pipeline.stage_names import TENSOR_STEPS
from vbench.types import FrameDetections

# x1 y1 x2 y2 score class, in a 32x32 input that shows a 64x48 frame at half size.
Rows = Sequence[Sequence[float]]


class FakeEngine:
    """Answers every image with the same rows."""

    info = EngineInfo("fake", "1", "none", 1)
    inputs = (TensorInfo("images", (1, 3, 32, 32), "float32"),)
    outputs = (TensorInfo("output", (None, 6), "float32"),)

    def __init__(self, rows: Rows) -> None:
        self.rows = np.array(rows, np.float32).reshape(-1, 6)
        self.closed = False

    def run(self, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
        if self.closed:
            raise EngineError("the engine is closed", hint="open it")
        return (self.rows,)

    def close(self) -> None:
        self.closed = True


def detector(rows: Rows, class_id: Sequence[int] = (0, 1), **post: object) -> Detector:
    names = tuple(f"class{k}" for k in range(len(class_id)))
    output = BoxesOutput.model_validate(
        {"adapter": "boxes", "columns": ["x1", "y1", "x2", "y2", "score", "class"]}
    )
    return Detector(
        "detect",
        FakeEngine(rows),
        InputEntry.model_validate({"size": [32, 32], "color": "bgr", "anchor": "top_left"}),
        lambda size: BoxesAdapter(output, ModelFacts(len(names), size, "p.yaml:9")),
        PostEntry.model_validate(post),
        ClassMap(names, np.array(class_id, np.int64)),
    )


def detect(rows: Rows, class_id: Sequence[int] = (0, 1), **post: object) -> FrameDetections:
    found, _ = detector(rows, class_id, **post)(frame(index=7))
    return found


def test_boxes_come_back_in_source_pixels_best_first() -> None:
    found = detect([[1, 2, 3, 4, 0.25, 0], [10, 5, 20, 10, 0.5, 1]])
    assert found.boxes_xyxy.tolist() == [[20, 10, 40, 20], [2, 4, 6, 8]]
    assert found.scores.tolist() == [0.5, 0.25]
    assert found.class_id.tolist() == [1, 0]


def test_each_step_is_timed() -> None:
    _, duration_ns = detector([])(frame())
    assert len(duration_ns) == len(TENSOR_STEPS)
    assert all(isinstance(value, int) and value > 0 for value in duration_ns)


def test_nothing_found() -> None:
    found = detect([])
    assert len(found) == 0
    assert found.boxes_xyxy.shape == (0, 4)


def test_stored_down_to_the_floor() -> None:
    rows = [[1, 2, 3, 4, score, 0] for score in (0.005, 0.01, 0.2, 0.4)]
    assert len(detect(rows)) == 3
    assert len(detect(rows, floor=0.2)) == 2
    # An operating point below the default floor lowers it.
    assert len(detect(rows, score=0.001)) == 4
    assert len(detect(rows, score_per_class={"class1": 0.001})) == 4


def test_boxes_are_clipped_and_what_is_outside_is_dropped() -> None:
    rows = [
        [-4, -4, 8, 8, 0.9, 0],
        [30, 20, 40, 30, 0.8, 0],
        [33, 0, 40, 10, 0.7, 0],  # right of the frame
        [0, 25, 32, 32, 0.6, 0],  # in the padding below the frame
        [5, 5, 5, 9, 0.5, 0],  # without area
        [9, 5, 5, 9, 0.4, 0],  # inside out
    ]
    assert detect(rows).boxes_xyxy.tolist() == [[0, 0, 16, 16], [60, 40, 64, 48]]


def test_nms_works_on_the_models_own_classes() -> None:
    """Two model classes that become one class of the taxonomy do not suppress each other."""
    rows = [[0, 0, 10, 10, 0.9, 0], [0, 0, 10, 9, 0.8, 1], [0, 0, 9, 10, 0.7, 1]]
    merged = (0, 0)
    assert detect(rows, merged, nms={"iou": 0.5}).class_id.tolist() == [0, 0]
    assert len(detect(rows, merged, nms={"iou": 0.5, "class_aware": False})) == 1
    assert len(detect(rows, merged)) == 3


def test_top_k_counts_all_classes_of_the_model() -> None:
    rows = [[0, 0, 10, 10, 0.5, 1], [20, 0, 30, 10, 0.9, 0], [0, 12, 10, 20, 0.7, 1]]
    assert detect(rows, top_k=2).scores.tolist() == pytest.approx([0.9, 0.7])
    # Class 0 is left out of the result, but it took its place among the best two.
    assert detect(rows, (-1, 0), top_k=2, nms={"iou": 0.5}).scores.tolist() == pytest.approx([0.7])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_output_that_is_not_finite_names_the_frame(value: float) -> None:
    # Even where the row is far below the floor: a NaN score would be lost without a trace.
    rows = [[0, 0, 10, 10, 0.9, 0], [0, 0, value, 10, 0.0, 0]]
    with pytest.raises(EngineError, match='output "output" holds NaN or infinity') as caught:
        detect(rows)
    assert caught.value.exit_code == ExitCode.MEDIA_OR_ENGINE


def test_score_above_one_is_no_score() -> None:
    with pytest.raises(EngineError, match=r"frame 7: the model gave a score of 2.5, expected 0 to"):
        detect([[0, 0, 10, 10, 2.5, 0]])
    # Rounding in the model is no reason to stop.
    assert detect([[0, 0, 10, 10, 1.0001, 0]]).scores.tolist() == [1.0]


def test_class_that_is_not_listed_names_the_frame() -> None:
    with pytest.raises(EngineError, match="stage detect, frame 7: the model gave class 5"):
        detect([[0, 0, 10, 10, 0.9, 5]])


def test_engine_failure_names_the_frame() -> None:
    broken = detector([])
    broken.close()
    with pytest.raises(EngineError, match=r"frame 7: the engine is closed \(open it\)"):
        broken(frame(index=7))


def test_frames_of_several_sizes() -> None:
    """Each size has its own geometry, and going back to the first still works."""
    run = detector([[0, 0, 16, 12, 0.9, 0]])
    sizes = [(64, 48), (32, 32), (64, 48)]
    boxes = [run(frame(size))[0].boxes_xyxy.tolist() for size in sizes]
    assert boxes == [[[0, 0, 32, 24]], [[0, 0, 16, 12]], [[0, 0, 32, 24]]]
