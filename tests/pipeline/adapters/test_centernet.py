from __future__ import annotations

import math

import numpy as np
import pytest

from tests.pipeline.adapters.made import decode, expect, made
from vbench.engines.protocol import Tensor
from vbench.errors import ModelError


def outputs() -> dict[str, Tensor]:
    """A 16 x 12 input: 4 x 3 cells of stride 4, two classes."""
    heatmap = np.full((1, 2, 3, 4), -9, np.float32)
    heatmap[0, 1, 1, 2] = math.log(3)
    heatmap[0, 1, 2, 3] = math.log(2)  # beside a higher one: no peak
    heatmap[0, 0, 2, 3] = 0.0  # of another class: a peak, in a corner
    size = np.zeros((1, 2, 3, 4), np.float32)
    size[0, :, 1, 2], size[0, :, 2, 3] = [2, 1], [1, 1]
    offset = np.zeros((1, 2, 3, 4), np.float32)
    offset[0, :, 1, 2] = [0.5, 0.25]
    return {"hm": heatmap, "wh": size, "reg": offset}


def test_hand_computed_tensor() -> None:
    found = decode(made("centernet", 2, (16, 12)), outputs())
    # Class 0: centre (3, 2) * 4 = (12, 8), 4 x 4. Class 1: (2.5, 1.25) * 4 = (10, 5), 8 x 4.
    expect(found, [[10, 6, 14, 10], [6, 3, 14, 7]], [0.5, 0.75], [0, 1])


def test_heatmap_that_is_a_score_already() -> None:
    scores = outputs()
    scores["hm"] = np.where(scores["hm"] == np.float32(-9), np.float32(0), np.float32(0.5))
    found = decode(made("centernet", 2, (16, 12), activation="none"), scores)
    # Equal neighbours are both peaks.
    assert found.scores.tolist() == [0.5, 0.5, 0.5]


def test_what_does_not_fit() -> None:
    with pytest.raises(ModelError, match=r"at 32x12 with stride 4 needs \[1, 2, 3, 8\]"):
        decode(made("centernet", 2, (32, 12)), outputs())
    unnamed = dict(zip("abc", outputs().values(), strict=True))
    with pytest.raises(ModelError, match="cannot tell which output holds the heatmap: a, b, c"):
        decode(made("centernet", 2, (16, 12)), unnamed)
    named = made("centernet", 2, (16, 12), heatmap="a", size="b", offset="c")
    assert len(decode(named, unnamed)) == 2
