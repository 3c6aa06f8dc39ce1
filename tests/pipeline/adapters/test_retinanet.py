from __future__ import annotations

import math

import numpy as np
import pytest

from tests.pipeline.adapters.made import decode, expect, f32, made
from vbench.config.yaml_text import Plain
from vbench.engines.protocol import Tensor
from vbench.errors import ConfigError, ModelError

KEYS: dict[str, Plain] = {
    "strides": [16, 32],
    "anchor_sizes": [16, 32],
    "anchor_ratios": [1.0, 4.0],
    "anchor_scales": [1.0, 2.0],
}


def outputs() -> dict[str, Tensor]:
    """A 64 x 32 input: 4 x 2 cells of stride 16 and 2 x 1 of stride 32, four anchors each: 40."""
    scores = np.full((1, 40, 2), -9, np.float32)
    deltas = np.zeros((1, 40, 4), np.float32)
    # Cell (column 1, row 1) of stride 16 is number 5, its first anchor 20; + 1: ratio 1, scale 2.
    scores[0, 21] = [-9, math.log(3)]
    deltas[0, 21] = [0.25, -0.5, 0.0, math.log(2)]
    # Cell (1, 0) of stride 32: anchors from 32 + 4; + 2: ratio 4, scale 1.
    scores[0, 38] = [0, -9]
    return {"cls_logits": scores, "bbox_regression": deltas}


def test_hand_computed_anchors_and_deltas() -> None:
    found = decode(made("retinanet", 2, **KEYS), outputs())
    # Anchor 21: centre (16, 16), 32 x 32. Moved to (16 + 8, 16 - 16), now 32 x 64.
    # Anchor 38: centre (32, 0), 32 / sqrt 4 x 32 * sqrt 4 = 16 x 64. Sigmoid: 3/4 and 1/2.
    expect(found, [[8, -32, 40, 32], [24, -32, 40, 32]], [0.75, 0.5], [1, 0])


def test_offset_and_std() -> None:
    found = decode(
        made("retinanet", 2, **KEYS, anchor_offset=0.5, delta_std=[0.1, 0.2, 0.2, 0.2]), outputs()
    )
    # Anchor 21: centre (24, 24); dx .025 * 32 = .8, dy -.1 * 32 = -3.2; height 32 * 2^.2.
    half = 16 * 2**0.2
    expect(
        found,
        [[8.8, 20.8 - half, 40.8, 20.8 + half], [40, -16, 56, 48]],
        [0.75, 0.5],
        [1, 0],
    )


def test_sizes_are_cut_before_they_overflow() -> None:
    made_up = outputs()
    made_up["bbox_regression"][0, 21] = [0, 0, 500, 0]
    found = decode(made("retinanet", 2, **KEYS), made_up)
    # At most 1000 / 16 times the anchor's 32 px: 2000.
    assert found.boxes_xyxy[0].tolist() == pytest.approx([16 - 1000, 0, 16 + 1000, 32])


def test_cells_that_the_edge_cuts_count() -> None:
    """A 40-px side has 3 cells of stride 16: feature maps round up."""
    scores = np.zeros((1, (3 * 2 + 2 * 1) * 4, 2), np.float32)
    deltas = np.zeros((1, 32, 4), np.float32)
    found = decode(made("retinanet", 2, (40, 32), **KEYS), {"s": scores, "d": deltas})
    assert len(found) == 64


def test_finished_boxes_of_torchvision() -> None:
    found = decode(
        made("retinanet", 2, class_base=1),
        {
            "boxes": f32([[1, 2, 3, 4], [0, 0, 1, 1]]),
            "scores": f32([0.9, 0.1]),
            "labels": np.array([2, 1], np.int64),
        },
    )
    expect(found, [[1, 2, 3, 4]], [0.9], [1])


def test_number_of_anchors_that_differs() -> None:
    with pytest.raises(ModelError, match=r"at 32x32 has 20 anchors.*check `input.size`"):
        decode(made("retinanet", 2, (32, 32), **KEYS), outputs())


def test_sizes_and_strides_go_together() -> None:
    with pytest.raises(ValueError, match="2 anchor_sizes for 5 strides"):
        made("retinanet", 2, anchor_sizes=[16, 32])
    with pytest.raises(ConfigError, match='no output "cls"'):
        decode(made("retinanet", 2, **KEYS, scores="cls"), outputs())
