from __future__ import annotations

import math

import pytest

from tests.pipeline.adapters.made import decode, expect, f32, made
from vbench.errors import ModelError

LN = math.log
BOXES = f32([[[0.5, 0.5, 0.25, 0.5], [0.25, 0.25, 0.5, 0.5]]])


def test_hand_computed_tensor() -> None:
    # exp: 1, 6, 1 (no object): class 1 with 6/8. exp: 2, 1, 7: class 0 with 2/10, no object wins.
    logits = f32([[[0, LN(6), 0], [LN(2), 0, LN(7)]]])
    found = decode(made("detr", 2), {"logits": logits, "pred_boxes": BOXES})
    # Centre (32, 16), size (16, 16) in 64 x 32 px.
    expect(found, [[24, 8, 40, 24]], [0.75], [1])
    found = decode(made("detr", 2), {"pred_boxes": BOXES, "logits": logits}, 0.2)
    expect(found, [[24, 8, 40, 24], [0, 0, 32, 16]], [0.75, 0.2], [1, 0])


def test_three_classes_with_four_columns_each_are_told_by_name() -> None:
    logits = f32([[[LN(7), 0, 0, 0]]])
    found = decode(made("detr", 3), {"pred_boxes": BOXES[:, :1], "logits": logits})
    expect(found, [[24, 8, 40, 24]], [0.7], [0])
    with pytest.raises(ModelError, match="cannot tell which output holds the logits: a, b"):
        decode(made("detr", 3), {"a": BOXES[:, :1], "b": logits})


def test_number_of_classes_that_differs() -> None:
    with pytest.raises(ModelError, match=r"logits \[1, 1, 92\] .* \[1, N, 3\] is needed"):
        decode(made("detr", 2), {"logits": f32([[[0] * 92]]), "pred_boxes": BOXES[:, :1]})
    with pytest.raises(ModelError, match=r"boxes of detr are \[1, 1, 4\]"):
        decode(made("detr", 2), {"logits": f32([[[0] * 3]]), "pred_boxes": BOXES})
