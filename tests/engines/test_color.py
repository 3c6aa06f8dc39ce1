from __future__ import annotations

import numpy as np
import pytest

from vbench.engines.color import image_in
from vbench.types import ColorOrder, Frame


@pytest.mark.parametrize("wanted", ["bgr", "rgb"])
@pytest.mark.parametrize("decoded", ["bgr", "rgb"])
def test_channels_are_in_the_order_wanted(decoded: ColorOrder, wanted: ColorOrder) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)
    image = image_in(Frame(0, 0.0, pixels, decoded), wanted)
    np.testing.assert_array_equal(image, pixels if decoded == wanted else pixels[:, :, ::-1])
    assert image.flags.c_contiguous
    assert not image.flags.writeable
    assert pixels.flags.writeable
    assert np.shares_memory(image, pixels) == (decoded == wanted)


def test_part_of_a_larger_image() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)
    part = pixels[1:5, 2:6]
    for wanted in ("bgr", "rgb"):
        image = image_in(Frame(0, 0.0, part, "bgr"), wanted)
        assert image.flags.c_contiguous
        np.testing.assert_array_equal(image, part if wanted == "bgr" else part[:, :, ::-1])
