from __future__ import annotations

import math

import numpy as np
import pytest

from tests.pipeline.adapters.made import decode, expect, f32, made
from vbench.config.yaml_text import Plain
from vbench.engines.protocol import Tensor
from vbench.errors import ModelError

KEYS: dict[str, Plain] = {"strides": [8, 16], "reg_max": 2}
LN = math.log

# Over 0, 1, 2 strides: uniform gives 1; exp 1, 2, 1 gives (2 + 2) / 4 = 1; exp 1, 1, 2 gives
# (1 + 4) / 4 = 1.25; exp 2, 1, 1 gives (1 + 2) / 4 = .75.
SIDES = [0, 0, 0, 0, LN(2), 0, 0, 0, LN(2), LN(2), 0, 0]


def table() -> Tensor:
    """A 32 x 20 input: 4 x 3 cells of stride 8 (20 is cut), then 2 x 2 of stride 16."""
    rows = np.zeros((1, 16, 2 + 12), np.float32)
    rows[0, 6] = [0.2, 0.6, *SIDES]  # column 2, row 1 of stride 8
    rows[0, 13] = [0.5, 0.1, *SIDES]  # column 1, row 0 of stride 16
    return rows


def test_hand_computed_distribution() -> None:
    found = decode(made("nanodet", 2, (32, 20), **KEYS), {"output": table()})
    # Left 1, top 1, right 1.25, bottom .75 strides from (16, 8) and from (16, 0).
    expect(found, [[8, 0, 26, 14], [0, -16, 36, 12]], [0.6, 0.5], [1, 0])


def test_pair_of_outputs_per_stride_and_centres_in_the_middle() -> None:
    rows = table()[0]
    outputs = {
        "cls_8": rows[None, :12, :2],
        "cls_16": rows[None, 12:, :2],
        "dis_8": rows[None, :12, 2:],
        "dis_16": rows[None, 12:, 2:],
    }
    found = decode(made("nanodet", 2, (32, 20), **KEYS, centers="middle"), outputs)
    # The middle of pixels 0..7 is 3.5, of 0..15 is 7.5.
    expect(found, [[11.5, 3.5, 29.5, 17.5], [7.5, -8.5, 43.5, 19.5]], [0.6, 0.5], [1, 0])


@pytest.mark.parametrize(
    ("n_classes", "size", "message"),
    [
        (3, (32, 20), r"with 3 classes and reg_max 2 needs \[1, 16, 15\]"),
        (2, (64, 64), r"at 64x64 with strides \[8, 16\] has 80 rows"),
    ],
)
def test_shapes_that_do_not_fit(n_classes: int, size: tuple[int, int], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        decode(made("nanodet", n_classes, size, **KEYS), {"output": table()})


def test_outputs_that_are_no_pairs() -> None:
    with pytest.raises(ModelError, match="the model has 2 outputs"):
        decode(made("nanodet", 2, (32, 20), **KEYS), {"a": table(), "b": table()})
    four = {name: f32([[[0]]]) for name in "abcd"}
    with pytest.raises(ModelError, match=r"needs one output \[1, 12, 2\] and one \[1, 12, 12\]"):
        decode(made("nanodet", 2, (32, 20), **KEYS), four)
