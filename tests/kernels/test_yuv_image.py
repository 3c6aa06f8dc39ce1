from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernels.yuv_planes import COEFFICIENTS, SHIFTS, image_of, noise
from vbench.kernels.yuv_image import convert_planes
from vbench.types import U8, Planes, YuvCoefficients


def converted(planes: Planes, *, bgr: bool = True) -> U8:
    image: U8 = np.full((*planes.y.shape, 3), 99, np.uint8)
    convert_planes(planes, image, bgr)
    return image


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(st.integers(1, 40), st.integers(1, 12)),
    shifts=st.sampled_from(SHIFTS),
    coefficients=st.sampled_from(COEFFICIENTS),
    padding=st.integers(0, 3),
    bgr=st.booleans(),
    seed=st.integers(0, 99),
)
def test_equals_its_twin(
    size: tuple[int, int],
    shifts: tuple[int, int],
    coefficients: YuvCoefficients,
    padding: int,
    bgr: bool,
    seed: int,
) -> None:
    planes = noise(size, shifts, coefficients, padding=padding, seed=seed)
    np.testing.assert_array_equal(converted(planes, bgr=bgr), image_of(planes, bgr=bgr))


@pytest.mark.parametrize("coefficients", COEFFICIENTS)
def test_every_value_at_every_extreme(coefficients: YuvCoefficients) -> None:
    """All of Y against the ends and the middle of U and V, where sums leave 0..255."""
    chroma = np.array([0, 1, 127, 128, 129, 254, 255], np.uint8)
    u, v = (one.reshape(-1, 1).repeat(256, 1) for one in np.meshgrid(chroma, chroma))
    y = np.tile(np.arange(256, dtype=np.uint8), (len(u), 1))
    planes = Planes(y, u, v, 0, 0, coefficients)
    image = converted(planes)
    np.testing.assert_array_equal(image, image_of(planes, bgr=True))
    assert image.min() == 0
    assert image.max() == 255


@pytest.mark.parametrize("size", [(2, 2), (16, 4), (62, 34), (640, 360)])
def test_equals_opencv(size: tuple[int, int]) -> None:
    planes = noise(size)
    i420 = np.concatenate([planes.y.ravel(), planes.u.ravel(), planes.v.ravel()])
    expected = cv2.cvtColor(i420.reshape(-1, size[0]), cv2.COLOR_YUV2BGR_I420)
    np.testing.assert_array_equal(converted(planes), expected)


def test_rows_may_lie_bottom_up_and_be_read_only() -> None:
    upright = noise((30, 20))
    for plane in (upright.y, upright.u, upright.v):
        plane.flags.writeable = False
    turned = Planes(upright.y[::-1], upright.u[::-1], upright.v[::-1], 1, 1, upright.coefficients)
    np.testing.assert_array_equal(converted(turned), converted(upright)[::-1])


@pytest.mark.parametrize(
    "out",
    [
        np.empty((4, 6, 4), np.uint8),
        np.empty((6, 4, 3), np.uint8),
        np.empty((4, 6, 3), np.float32),
        np.empty((4, 6, 6), np.uint8)[:, :, ::2],
    ],
)
def test_only_an_image_of_the_same_size_is_written(out: U8) -> None:
    with pytest.raises(ValueError, match="expected uint8 of 4x6x3"):
        convert_planes(noise((6, 4)), out, True)
