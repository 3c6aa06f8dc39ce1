"""Modes and sizes are in test_preprocess.py, which goes through the reference for plain frames."""

from __future__ import annotations

import numpy as np
import pytest

from vbench.config.input_entry import InputEntry
from vbench.pipeline.input_tensor import TensorLayout, pixel_table
from vbench.pipeline.reference_input import ReferenceInput
from vbench.types import U8


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
def test_only_the_picture_is_written(layout: str) -> None:
    entry = InputEntry.model_validate(
        {"size": [4, 3], "color": "rgb", "layout": layout, "pad": 9, "dtype": "uint8"}
    )
    place = TensorLayout(entry, pixel_table(entry), (4, 3), (2, 1), (1, 1))
    tensor = place.padded()
    image: U8 = np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8)
    before = image.copy()
    ReferenceInput(place).fill(image, "bgr", tensor)
    pixels = tensor[0].transpose(1, 2, 0) if layout == "nchw" else tensor[0]
    assert pixels[1, 1:3].tolist() == [[3, 2, 1], [6, 5, 4]]
    assert (pixels == 9).sum() == 3 * (12 - 2)
    np.testing.assert_array_equal(image, before)
