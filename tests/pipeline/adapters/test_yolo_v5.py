from __future__ import annotations

import numpy as np
import pytest

from tests.pipeline.adapters.made import PLACE, decode, expect, f32, made
from vbench.engines.protocol import TensorInfo
from vbench.errors import ModelError


def test_hand_computed_tensor() -> None:
    #          cx  cy  w   h  obj  classes
    rows = [
        [20, 10, 16, 8, 0.8, 0.25, 0.5],
        [30, 16, 10, 20, 0.5, 1.0, 0.9],
        [1, 1, 2, 2, 0.29, 1.0, 1.0],
        [1, 1, 2, 2, 0.9, 0.3, 0.3],
    ]
    # 0.8 * 0.5 = 0.4 of class 1; 0.5 * 1 = 0.5 of class 0; 0.29 and 0.9 * 0.3 = 0.27 are too low.
    found = decode(made("yolo_v5", 2), {"output0": f32([rows])})
    expect(found, [[12, 6, 28, 14], [25, 6, 35, 26]], [0.4, 0.5], [1, 0])


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((1, 25200, 85), "yolo_v5 with 2 classes needs 7 columns.*all of them"),
        ((1, 7, 25200), "rows and columns are swapped"),
        ((1, 6, 8400), "is it a yolo_v8 export"),
        ((25200, 7), r"yolo_v5 needs \[1, N, 7\]"),
    ],
)
def test_shapes_that_do_not_fit(shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        made("yolo_v5", 2).check([TensorInfo("output0", shape, "float32")])
    assert caught.value.where == PLACE
    made("yolo_v5", 2).check([TensorInfo("output0", (None, None, None), "float32")])
    with pytest.raises(ModelError, match=message):
        made("yolo_v5", 2).decode([np.zeros(shape, np.float32)], 0.3)
