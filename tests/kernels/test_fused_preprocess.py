"""The fused kernel against one slow step after the other; OpenCV is compared in tests/pipeline."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernels.yuv_planes import COEFFICIENTS, SHIFTS, image_of, noise
from vbench.kernels.fused_preprocess import PixelValues, Placement, fill
from vbench.kernels.fused_rows import Samples
from vbench.kernels.resize_taps import Resampling, resampling, unresized
from vbench.types import F32, U8, Planes, YuvCoefficients

UNTOUCHED = 77


def resized(image: U8, how: Resampling) -> U8:
    """Every pixel on its own, in Python's unbounded integers."""
    width, height = how.size
    out: U8 = np.empty((height, width, 3), np.uint8)
    for r in range(height):
        for c in range(width):
            for k in range(3):
                out[r, c, k] = pixel(image[:, :, k].astype(object), how, r, c)
    return out


def pixel(channel: np.ndarray, how: Resampling, r: int, c: int) -> int:
    (top, bottom), (left, right) = how.rows.places[:, r], how.columns.places[:, c]
    if how.how in ("copied", "picked"):
        return int(channel[top, left])
    if how.how == "halved":
        return int((channel[2 * r : 2 * r + 2, 2 * c : 2 * c + 2].sum() + 2) // 4)
    a, b = (int(one) for one in how.columns.weights[:, c])
    above = (channel[top, left] * a + channel[top, right] * b) // 16
    below = (channel[bottom, left] * a + channel[bottom, right] * b) // 16
    near, far = (int(one) for one in how.rows.weights[:, r])
    return int((above * near // 65536 + below * far // 65536 + 2) // 4)


def twin(planes: Planes, how: Resampling, values: PixelValues, *, bgr: bool) -> Samples:
    """(H, W, 3) input values."""
    rgb = resized(image_of(planes, bgr=False), how)
    if values.rule == "as they are":
        out = rgb.astype(values.table.dtype)
    elif values.rule == "looked up":
        out = np.stack([values.table[k][rgb[:, :, k]] for k in range(3)], axis=2)
    else:
        a, b = values.factors.T
        out = rgb.astype(np.float32) * a + rgb.astype(np.float32) * b
    return out[:, :, ::-1] if bgr else out


def filled(
    planes: Planes, how: Resampling, values: PixelValues, *, together: bool, bgr: bool
) -> tuple[Samples, Samples]:
    """(H, W, 3) input values, and what lies around them in the tensor."""
    width, height = how.size
    shape = (height + 3, width + 4)
    tensor = np.full((*shape, 3) if together else (3, *shape), UNTOUCHED, values.table.dtype)
    at = 2 * shape[1] + 1
    if together:
        place = Placement(3 * at, 1, 3 * shape[1], bgr)
    else:
        place = Placement(at, shape[0] * shape[1], shape[1], bgr)
    fill(planes, how, values, tensor.reshape(-1), place)
    pixels = tensor if together else tensor.transpose(1, 2, 0)
    picture = pixels[2 : 2 + height, 1 : 1 + width].copy()
    pixels[2 : 2 + height, 1 : 1 + width] = UNTOUCHED
    return picture, tensor


def values_of(rule: str, dtype: str, seed: int) -> PixelValues:
    numbers = np.random.default_rng(seed)
    table = numbers.integers(0, 256, (3, 256)).astype(dtype)
    factors: F32 = numbers.random((3, 2), np.float32)
    return PixelValues(table, factors, rule)


@st.composite
def resamplings(draw: st.DrawFn) -> Resampling:
    """Of every kind, up and down, also to or from a single pixel."""
    size = draw(st.tuples(st.integers(1, 14), st.integers(1, 14)))
    kind = draw(st.sampled_from(["unresized", "halved", "third", "nearest", "linear"]))
    if kind == "unresized":
        return unresized(size)
    if kind in ("halved", "third"):
        times = 2 if kind == "halved" else 3
        found = resampling("linear", (size[0] * times, size[1] * times), size)
    else:
        source_size = draw(st.tuples(st.integers(1, 20), st.integers(1, 20)))
        found = resampling(kind, source_size, size)
    assert found is not None
    return found


@settings(max_examples=300, deadline=None)
@given(
    how=resamplings(),
    shifts=st.sampled_from(SHIFTS),
    coefficients=st.sampled_from(COEFFICIENTS),
    values=st.builds(
        values_of,
        st.sampled_from(["as they are", "looked up", "scaled"]),
        st.sampled_from(["float32", "uint16", "uint8"]),
        st.integers(0, 9),
    ).filter(lambda one: one.rule != "scaled" or one.table.dtype == np.float32),
    together=st.booleans(),
    bgr=st.booleans(),
    padding=st.integers(0, 2),
    seed=st.integers(0, 99),
)
def test_equals_its_twin(
    how: Resampling,
    shifts: tuple[int, int],
    coefficients: YuvCoefficients,
    values: PixelValues,
    together: bool,
    bgr: bool,
    padding: int,
    seed: int,
) -> None:
    planes = noise(how.source_size, shifts, coefficients, padding=padding, seed=seed)
    picture, around = filled(planes, how, values, together=together, bgr=bgr)
    np.testing.assert_array_equal(picture, twin(planes, how, values, bgr=bgr))
    assert (around == UNTOUCHED).all()


def test_planes_of_another_size_are_refused() -> None:
    tensor: U8 = np.zeros(27, np.uint8)
    with pytest.raises(ValueError, match=r"planes of 4x3 px, prepared for \(3, 3\)"):
        fill(
            noise((4, 3)),
            unresized((3, 3)),
            values_of("as they are", "uint8", 0),
            tensor,
            Placement(0, 9, 3, bgr=True),
        )


@pytest.mark.parametrize(
    ("place", "n"), [(Placement(0, 12, 4, bgr=True), 36), (Placement(0, 1, 12, bgr=False), 36)]
)
def test_memory_beyond_the_tensor_is_not_written(place: Placement, n: int) -> None:
    planes, values = noise((4, 3)), values_of("as they are", "uint8", 0)
    fill(planes, unresized((4, 3)), values, np.zeros(n, np.uint8), place)
    with pytest.raises(ValueError, match="beyond the tensor's 35 elements"):
        fill(planes, unresized((4, 3)), values, np.zeros(n - 1, np.uint8), place)
