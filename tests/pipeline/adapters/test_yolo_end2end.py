from __future__ import annotations

import pytest

from tests.pipeline.adapters.made import decode, expect, f32, made
from vbench.engines.protocol import TensorInfo
from vbench.errors import EngineError, ModelError


def test_hand_computed_tensor() -> None:
    rows = [[12, 6, 28, 14, 0.9, 1], [0, 0, 5, 5, 0.3, 0], [1, 1, 2, 2, 0.29, 7]]
    found = decode(made("yolo_end2end", 2), {"output0": f32([rows])})
    expect(found, [[12, 6, 28, 14], [0, 0, 5, 5]], [0.9, 0.3], [1, 0])


def test_class_that_is_not_listed() -> None:
    with pytest.raises(EngineError, match=r"gave class 2; .* lists 2 classes, numbered from 0"):
        decode(made("yolo_end2end", 2), {"output0": f32([[[1, 1, 2, 2, 0.9, 2]]])})


@pytest.mark.parametrize("shape", [(1, 300, 7), (300, 6), (2, 300, 6)])
def test_shapes_that_do_not_fit(shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match=r"yolo_end2end needs \[1, N, 6\]"):
        made("yolo_end2end", 2).check([TensorInfo("output0", shape, "float32")])
