from __future__ import annotations

import numpy as np
import pytest

from tests.pipeline.adapters.made import decode, expect, f32, made
from vbench.engines.protocol import Tensor
from vbench.errors import ConfigError, EngineError, ModelError

BOXES = f32([[[12, 6, 28, 14], [0, 0, 5, 5], [1, 1, 2, 2], [9, 9, 9, 9]]])
SCORES = f32([[0.9, 0.5, 0.2, 0.8]])
CLASSES = np.array([[1, 0, 1, 1]], np.int32)


def outputs(count: int = 3) -> dict[str, Tensor]:
    """The last row is padding with what was there before."""
    return {
        "num_dets": np.array([[count]], np.int32),
        "det_boxes": BOXES,
        "det_scores": SCORES,
        "det_classes": CLASSES,
    }


def test_hand_computed_tensor() -> None:
    # Three rows count; the third is below the floor.
    found = decode(made("nms_plugin", 2), outputs())
    expect(found, [[12, 6, 28, 14], [0, 0, 5, 5]], [0.9, 0.5], [1, 0])
    assert len(decode(made("nms_plugin", 2), outputs(0))) == 0


def test_batched_nms_names_and_float_classes_normalized() -> None:
    found = decode(
        made("nms_plugin", 2, normalized=True),
        {
            "num_detections": np.array([1], np.int32),
            "nmsed_boxes": f32([[[0.25, 0.5, 0.5, 1.0]]]),
            "nmsed_scores": f32([[0.5]]),
            "nmsed_classes": f32([[1.0]]),
        },
    )
    # 64 x 32 px: x times 64, y times 32.
    expect(found, [[16, 16, 32, 32]], [0.5], [1])


def test_order_of_outputs_does_not_matter_and_other_names_can_be_given() -> None:
    named = {"d": CLASSES, "b": SCORES, "n": np.array([[2]], np.int32), "a": BOXES}
    # Whole numbers are classes, but there are two such tensors.
    with pytest.raises(ModelError, match=r"cannot tell which output holds the classes: d, n.*name"):
        decode(made("nms_plugin", 2), named)
    # Without a name for the count every row counts, also the fourth.
    assert len(decode(made("nms_plugin", 2, classes="d"), named)) == 3
    assert len(decode(made("nms_plugin", 2, count="n"), named)) == 2
    floats: dict[str, Tensor] = {
        "b": SCORES[:, :3],
        "d": CLASSES[:, :3].astype(np.float32),
        "a": BOXES[:, :3],
    }
    with pytest.raises(ModelError, match=r"cannot tell which output holds the scores: b, d.*name"):
        decode(made("nms_plugin", 2), floats)
    assert len(decode(made("nms_plugin", 2, scores="b"), floats)) == 2


def test_names_that_are_not_there() -> None:
    with pytest.raises(ConfigError, match=r'no output "det_box".*did you mean "det_boxes"'):
        decode(made("nms_plugin", 2, boxes="det_box"), outputs())


def test_outputs_that_do_not_fit() -> None:
    with pytest.raises(ModelError, match=r"no output of the form \[1, N, 4\] for the boxes of nms"):
        decode(made("nms_plugin", 2), {"output0": f32([[[1, 2, 3, 4, 5, 6]]])})
    with pytest.raises(ModelError, match=r"det_boxes .* cannot be the boxes of nms_plugin"):
        decode(made("nms_plugin", 2), outputs() | {"det_boxes": f32([[[1, 2, 3]]])})
    with pytest.raises(ModelError, match=r"is \[1, 2\]; scores and classes .* are \[1, 4\]"):
        decode(made("nms_plugin", 2), outputs() | {"det_scores": f32([[1, 1]])})
    with pytest.raises(EngineError, match="counts 9 detections in 4 rows"):
        decode(made("nms_plugin", 2), outputs(9))
