from __future__ import annotations

import math

import numpy as np
import pytest

from tests.pipeline.adapters.made import decode, expect, f32, made
from vbench.errors import ModelError

LN = math.log


def test_logits_and_boxes() -> None:
    # Sigmoid of ln(p / (1 - p)) is p: .75 and .5 of query 0; .2 and .6 of query 1.
    logits = f32([[[LN(3), 0], [LN(0.25), LN(1.5)]]])
    boxes = f32([[[0.5, 0.5, 0.25, 0.5], [0.25, 0.25, 0.5, 0.5]]])
    found = decode(made("rtdetr", 2), {"pred_logits": logits, "pred_boxes": boxes})
    # A query may be a candidate of several classes. 64 x 32 px.
    first, second = [24, 8, 40, 24], [0, 0, 32, 16]
    expect(found, [first, first, second], [0.75, 0.5, 0.6], [0, 1, 1])


def test_finished_boxes_in_pixels() -> None:
    found = decode(
        made("rtdetr", 2),
        {
            "labels": np.array([[1, 0]], np.int64),
            "boxes": f32([[[24, 8, 40, 24], [0, 0, 1, 1]]]),
            "scores": f32([[0.9, 0.1]]),
        },
    )
    expect(found, [[24, 8, 40, 24]], [0.9], [1])


def test_number_of_classes_that_differs() -> None:
    outputs = {"logits": f32([[[0] * 80]]), "boxes": f32([[[0] * 4]])}
    with pytest.raises(ModelError, match=r"logits \[1, 1, 80\].* \[1, N, 2\] is needed"):
        decode(made("rtdetr", 2), outputs)
    with pytest.raises(ModelError, match=r"no output of the form \[1, N, 2\]"):
        decode(made("rtdetr", 2), {"output0": f32([[[0] * 6]])})
