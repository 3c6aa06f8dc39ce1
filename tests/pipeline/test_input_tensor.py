from __future__ import annotations

import numpy as np
import pytest

from vbench.config.input_entry import InputEntry
from vbench.pipeline.input_tensor import TensorLayout, pixel_table


def layout(**more: object) -> TensorLayout:
    """A 3 x 2 px picture at (1, 2) in a 6 x 5 px tensor."""
    entry = InputEntry.model_validate({"size": [6, 5], "color": "rgb"} | more)
    return TensorLayout(entry, pixel_table(entry), (6, 5), (3, 2), (1, 2))


@pytest.mark.parametrize("name", ["nchw", "nhwc"])
def test_padding_is_a_pixel_value(name: str) -> None:
    given = layout(layout=name, pad=10, scale=0.5, mean=[1, 2, 3], std=[1, 2, 4])
    tensor = given.padded()
    assert tensor.shape == ((1, 3, 5, 6) if name == "nchw" else (1, 5, 6, 3))
    assert tensor.dtype == np.float32
    assert tensor.flags.c_contiguous
    pixels = tensor[0].transpose(1, 2, 0) if name == "nchw" else tensor[0]
    assert np.unique(pixels.reshape(-1, 3), axis=0).tolist() == [[4.0, 1.5, 0.5]]


@pytest.mark.parametrize("name", ["nchw", "nhwc"])
def test_picture_is_a_view_of_its_place(name: str) -> None:
    given = layout(layout=name, pad=0)
    tensor = given.padded()
    given.picture(tensor)[...] = 1
    pixels = tensor[0].transpose(1, 2, 0) if name == "nchw" else tensor[0]
    expected = np.zeros((5, 6, 3))
    expected[2:4, 1:4] = 1
    assert (pixels == expected).all()


def test_table_is_rounded_once() -> None:
    entry = layout(scale=1 / 255, mean=[0.485, 0, 0], std=[0.229, 1, 1]).entry
    table = pixel_table(entry)
    assert table.shape == (256, 3)
    assert table[200, 0] == np.float32((200 * (1 / 255) - 0.485) / 0.229)
    # The quotient of float32 would be another number for some values.
    assert (table[:, 1] == (np.arange(256) / 255).astype(np.float32)).all()


@pytest.mark.parametrize("dtype", ["float32", "float16", "uint8"])
def test_table_has_the_dtype_of_the_input(dtype: str) -> None:
    assert pixel_table(layout(dtype=dtype).entry).dtype == np.dtype(dtype)
