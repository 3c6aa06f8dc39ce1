from __future__ import annotations

import cv2
import numpy as np
import pytest

from vbench.engines.jpeg import jpeg_bytes
from vbench.errors import EngineError
from vbench.types import ColorOrder, Frame


@pytest.mark.parametrize("order", ["bgr", "rgb"])
def test_a_decoder_gives_the_colours_back(order: ColorOrder) -> None:
    bgr = np.full((33, 47, 3), (200, 100, 50), np.uint8)
    frame = Frame(0, 0.0, bgr if order == "bgr" else bgr[:, :, ::-1].copy(), order)
    decoded = cv2.imdecode(np.frombuffer(jpeg_bytes(frame), np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.shape == bgr.shape
    assert np.abs(decoded.astype(int) - bgr).max() <= 4


def test_a_frame_that_is_too_large_for_jpeg() -> None:
    frame = Frame(7, 0.0, np.zeros((1, 70_000, 3), np.uint8), "bgr")
    with pytest.raises(EngineError, match="frame 7: a frame of 70000x1 px cannot be written"):
        jpeg_bytes(frame)
