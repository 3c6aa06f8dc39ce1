from __future__ import annotations

import numpy as np
import pytest

from vbench.config.output_entries import YoloxOutput
from vbench.engines.protocol import TensorInfo
from vbench.errors import ExitCode, ModelError
from vbench.pipeline.adapters.adapter import ModelFacts
from vbench.pipeline.adapters.yolox import YoloxAdapter
from vbench.types import F32


def adapter(size: tuple[int, int] = (32, 16), n_classes: int = 2) -> YoloxAdapter:
    entry = YoloxOutput.model_validate({"adapter": "yolox", "strides": [8, 16]})
    return YoloxAdapter(entry, ModelFacts(n_classes, size, "p.yaml:9: stages[0].output"))


def output() -> F32:
    """A 32x16 input: 4x2 cells of stride 8, then 2x1 cells of stride 16; two classes."""
    rows = np.zeros((1, 10, 7), np.float32)
    # Cell 6 of stride 8 is column 2, row 1.
    rows[0, 6] = [0.5, 0.25, np.log(2.0), 0.0, 0.8, 0.25, 0.5]
    # Cell 9 is column 1, row 0 of stride 16.
    rows[0, 9] = [-0.5, 0.5, 0.0, np.log(0.5), 0.5, 1.0, 0.9]
    # Confident class, weak objectness; and the other way round.
    rows[0, 0] = [0, 0, 0, 0, 0.1, 1.0, 0.0]
    rows[0, 1] = [0, 0, 0, 0, 1.0, 0.1, 0.05]
    return rows


def test_hand_computed_tensor() -> None:
    found = adapter().decode([output()], 0.3)
    # Centre ((2 + .5) * 8, (1 + .25) * 8) = (20, 10), size (2 * 8, 1 * 8) = (16, 8).
    # Centre ((1 - .5) * 16, .5 * 16) = (8, 8), size (16, .5 * 16) = (16, 8).
    np.testing.assert_allclose(found.boxes_xyxy, [[12, 6, 28, 14], [0, 4, 16, 12]], rtol=1e-6)
    np.testing.assert_allclose(found.scores, [0.8 * 0.5, 0.5 * 1.0], rtol=1e-6)
    assert found.class_index.tolist() == [1, 0]


def test_floor_is_inclusive() -> None:
    assert len(adapter().decode([output()], 0.5)) == 1
    assert len(adapter().decode([output()], 0.1)) == 4
    assert len(adapter().decode([output()], 0.51)) == 0


def test_declared_output_is_checked() -> None:
    adapter().check([TensorInfo("output", (1, 10, 7), "float32")])
    adapter().check([TensorInfo("output", (None, None, None), "float32")])


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((1, 10, 85), r"output is \[1, 10, 85\]; yolox with 2 classes needs 7 columns"),
        ((1, 3549, 7), r"output is \[1, 3549, 7\]; yolox at 32x16 .* \[8, 16\] has 10 rows"),
        ((10, 7), r"output is \[10, 7\]; yolox needs \[1, N, 7\]"),
        ((4, 10, 7), r"output is \[4, 10, 7\]; yolox needs"),
    ],
)
def test_shapes_that_do_not_fit(shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        adapter().check([TensorInfo("output", shape, "float32")])
    assert caught.value.where == "p.yaml:9: stages[0].output"
    assert caught.value.exit_code == ExitCode.MEDIA_OR_ENGINE
    with pytest.raises(ModelError, match=message):
        adapter().decode([np.zeros(shape, np.float32)], 0.3)


def test_several_outputs_are_refused() -> None:
    info = TensorInfo("output", (1, 10, 7), "float32")
    with pytest.raises(ModelError, match=r"the model has 2 outputs.*yolox takes one"):
        adapter().check([info, info])
