import cv2
import numpy as np
import pytest

from vbench.video import jpeg_bytes


@pytest.mark.parametrize(("width", "expected"), [(100, (50, 100)), (400, (100, 200))])
def test_only_wide_images_are_reduced(width: int, expected: tuple[int, int]) -> None:
    image = np.full((width // 2, width, 3), (200, 100, 30), np.uint8)
    data = jpeg_bytes(image, max_width_px=200, quality=90)
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.shape == (*expected, 3)
    assert np.abs(decoded.astype(int) - (200, 100, 30)).max() <= 4
