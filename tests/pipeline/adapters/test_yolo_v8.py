from __future__ import annotations

import numpy as np
import pytest

from vbench.config.output_entries import YoloV8Output
from vbench.engines.protocol import TensorInfo
from vbench.errors import ModelError
from vbench.pipeline.adapters.adapter import ModelFacts
from vbench.pipeline.adapters.yolo_v8 import YoloV8Adapter


def adapter(n_classes: int = 3) -> YoloV8Adapter:
    entry = YoloV8Output.model_validate({"adapter": "yolo_v8"})
    return YoloV8Adapter(entry, ModelFacts(n_classes, (64, 64), "p.yaml:9: stages[0].output"))


def test_hand_computed_tensor() -> None:
    output = np.zeros((1, 7, 4), np.float32)
    #             cx  cy  w   h   class scores
    output[0, :, 0] = [20, 10, 16, 8, 0.1, 0.7, 0.2]
    output[0, :, 1] = [5, 6, 3, 4, 0.29, 0.0, 0.29]
    output[0, :, 2] = [30, 30, 10, 20, 0.3, 0.0, 0.3]
    found = adapter().decode([output], 0.3)
    np.testing.assert_allclose(found.boxes_xyxy, [[12, 6, 28, 14], [25, 20, 35, 40]])
    np.testing.assert_allclose(found.scores, [0.7, 0.3])
    # Equal best classes: the first.
    assert found.class_index.tolist() == [1, 0]


def test_half_precision_outputs() -> None:
    output = np.array([[[20], [10], [16], [8], [0.5], [0], [0]]], np.float16)
    found = adapter().decode([output], 0.3)
    assert found.boxes_xyxy.dtype == np.float32
    assert found.boxes_xyxy.tolist() == [[12, 6, 28, 14]]


def test_floor_is_inclusive() -> None:
    output = np.full((1, 7, 1), 0.01, np.float32)
    assert len(adapter().decode([output], 0.01)) == 1
    assert len(adapter().decode([output], 0.011)) == 0


def test_output_of_any_memory_order() -> None:
    random = np.random.default_rng(0)
    output = random.random((1, 7, 300)).astype(np.float32)
    expected = adapter().decode([output], 0.9)
    assert 0 < len(expected) < 300
    read_only = output.copy()
    read_only.flags.writeable = False
    transposed = np.ascontiguousarray(output.transpose(0, 2, 1)).transpose(0, 2, 1)
    for same in (transposed, output[:, :, ::-1][:, :, ::-1], read_only):
        found = adapter().decode([same], 0.9)
        np.testing.assert_array_equal(found.boxes_xyxy, expected.boxes_xyxy)
        np.testing.assert_array_equal(found.scores, expected.scores)
        np.testing.assert_array_equal(found.class_index, expected.class_index)


def test_nothing_above_the_floor() -> None:
    assert len(adapter().decode([np.zeros((1, 7, 4), np.float32)], 0.01)) == 0


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((1, 84, 8400), r"\[1, 84, 8400\]; yolo_v8 with 3 classes needs \[1, 7, N\].*all of them"),
        ((1, 8400, 7), "rows and columns are swapped"),
        ((7, 8400), r"yolo_v8 needs \[1, 7, N\]"),
    ],
)
def test_shapes_that_do_not_fit(shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        adapter().check([TensorInfo("output", shape, "float32")])
    with pytest.raises(ModelError, match=message):
        adapter().decode([np.zeros(shape, np.float32)], 0.3)


def test_declared_output_is_checked() -> None:
    adapter().check([TensorInfo("output", (1, 7, None), "float32")])
