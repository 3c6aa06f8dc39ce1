"""The fused path against conversion, OpenCV's resize and the table, to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernels.yuv_planes import COEFFICIENTS, SHIFTS, noise, sizes
from vbench.config.input_entry import InputEntry
from vbench.kernels import fused_preprocess
from vbench.kernels.yuv_image import convert_planes
from vbench.pipeline import fused_input
from vbench.pipeline.fused_input import pixel_values
from vbench.pipeline.input_tensor import pixel_table
from vbench.pipeline.preprocess import FUSED, InputTensor, Preprocessor
from vbench.types import U8, Frame, Planes, YuvCoefficients

VALUES: list[dict[str, object]] = [
    {},
    {"scale": 1 / 255},
    {"scale": 1 / 255, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
    {"mean": [103.53, 116.28, 123.675], "std": [57.375, 57.12, 58.395]},
    {"std": [57.375, 57.12, 58.395]},
]


def entry(**more: object) -> InputEntry:
    return InputEntry.model_validate({"size": [32, 32], "color": "bgr"} | more)


def deferred(planes: Planes, image: U8 | None = None) -> Frame:
    """A frame that must not be converted, unless an image is given."""

    def to_image() -> U8:
        assert image is not None
        return image

    height, width = planes.y.shape
    return Frame.deferred(0, 0.0, (width, height), "bgr", to_image, planes)


def image_of(planes: Planes) -> U8:
    image: U8 = np.empty((*planes.y.shape, 3), np.uint8)
    convert_planes(planes, image, True)
    return image


def reference(given: InputEntry, planes: Planes) -> InputTensor:
    frame = Frame(0, 0.0, image_of(planes), "bgr")
    return Preprocessor(given, frame.size)(frame)


def check(given: InputEntry, planes: Planes) -> None:
    preprocessor = Preprocessor(given, planes.y.shape[::-1])
    tensor = preprocessor(deferred(planes))
    assert preprocessor.path == FUSED
    expected = reference(given, planes)
    assert tensor.dtype == expected.dtype
    np.testing.assert_array_equal(tensor, expected)


@st.composite
def entries(draw: st.DrawFn, sizes: st.SearchStrategy[tuple[int, int]]) -> InputEntry:
    dtype = draw(st.sampled_from(["float32", "float16", "uint8"]))
    keys: dict[str, Any] = {
        "size": draw(sizes),
        "color": draw(st.sampled_from(["bgr", "rgb"])),
        "resize": draw(st.sampled_from(["letterbox", "stretch"])),
        "anchor": draw(st.sampled_from(["center", "top_left"])),
        "interpolation": draw(st.sampled_from(["linear", "nearest"])),
        "layout": draw(st.sampled_from(["nchw", "nhwc"])),
        "dtype": dtype,
    }
    if keys["resize"] == "letterbox" and draw(st.booleans()):
        keys["rectangular"] = 1
    values = VALUES[0] if dtype == "uint8" else draw(st.sampled_from(VALUES))
    return InputEntry.model_validate(keys | values)


kinds = st.tuples(st.sampled_from(SHIFTS), st.sampled_from(COEFFICIENTS))


@settings(max_examples=300, deadline=None)
@given(given_entry=entries(sizes), source_size=sizes, kind=kinds, seed=st.integers(0, 9))
def test_equals_the_reference(
    given_entry: InputEntry,
    source_size: tuple[int, int],
    kind: tuple[tuple[int, int], YuvCoefficients],
    seed: int,
) -> None:
    check(given_entry, noise(source_size, *kind, padding=seed % 3, seed=seed))


@settings(max_examples=100, deadline=None)
@given(
    given_entry=entries(st.tuples(st.integers(1, 70), st.integers(1, 70))),
    times=st.sampled_from([(1, 1), (2, 2), (3, 3), (5, 5), (2, 1), (1, 2), (4, 2), (3, 1)]),
    kind=kinds,
)
def test_equals_the_reference_at_whole_ratios(
    given_entry: InputEntry,
    times: tuple[int, int],
    kind: tuple[tuple[int, int], YuvCoefficients],
) -> None:
    width, height = given_entry.size
    check(given_entry, noise((width * times[0], height * times[1]), *kind))


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
@pytest.mark.parametrize(
    ("source_size", "side"),
    [
        ((1920, 1080), 640),
        ((1280, 720), 640),
        ((1280, 720), 512),
        ((640, 480), 416),
        ((854, 480), 640),
        ((352, 288), 640),
        ((640, 640), 640),
    ],
)
def test_equals_the_reference_at_common_sizes(
    source_size: tuple[int, int], side: int, layout: str
) -> None:
    check(entry(size=[side, side], color="rgb", layout=layout, scale=1 / 255), noise(source_size))


def test_exact_halves_are_fused_for_area_too() -> None:
    check(entry(interpolation="area"), noise((64, 48)))


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({}, "as they are"),
        ({"dtype": "uint8"}, "as they are"),
        ({"scale": 1 / 255}, "scaled"),
        ({"scale": 1 / 256}, "scaled"),
        ({"std": [57.375, 57.12, 58.395]}, "scaled"),
        ({"mean": [1, 0, 0]}, "looked up"),
        ({"scale": 1 / 255, "mean": [0.4, 0.4, 0.4], "std": [0.2, 0.2, 0.2]}, "looked up"),
        ({"dtype": "float16"}, "looked up"),
        ({"dtype": "float16", "scale": 1 / 255}, "looked up"),
    ],
)
def test_pixel_values_are_the_table_to_the_bit(more: dict[str, object], rule: str) -> None:
    given_entry = entry(**more)
    table = pixel_table(given_entry)
    values = pixel_values(table, given_entry.scale / np.array(given_entry.std))
    assert values.rule == rule
    assert values.table.tobytes() == table.T.tobytes()
    if rule == "scaled":
        made = [
            [np.float32(one) * a + np.float32(one) * b for one in range(256)]
            for a, b in values.factors
        ]
        np.testing.assert_array_equal(np.array(made, np.float32), values.table)


@pytest.fixture
def _nobody_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fused_input, "_agrees", {})


@pytest.mark.usefixtures("_nobody_tried")
def test_where_opencv_differs_the_reference_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """By one step of one pixel: that is what other builds of OpenCV may do."""
    right = fused_preprocess.fill

    def wrong(planes: Planes, *rest: Any) -> None:
        right(planes, *rest)
        rest[2][rest[3].start] += 1

    monkeypatch.setattr(fused_input, "fill", wrong)
    planes = noise((40, 20))
    preprocessor = Preprocessor(entry(), (40, 20))
    tensor = preprocessor(deferred(planes, image_of(planes)))
    assert preprocessor.path == "reference: the fused kernel differs from OpenCV here"
    np.testing.assert_array_equal(tensor, reference(entry(), planes))


@pytest.mark.usefixtures("_nobody_tried")
def test_tried_once_for_each_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[tuple[int, int]] = []
    noise_of = fused_input._noise

    def noted(size: tuple[int, int], kind: Any) -> Planes:
        tried.append(size)
        return noise_of(size, kind)

    monkeypatch.setattr(fused_input, "_noise", noted)
    for more in ({}, {"extra": {"threshold": 0.5}}):
        preprocessor = Preprocessor(entry(**more), (40, 20))
        for seed in range(2):
            preprocessor(deferred(noise((40, 20), seed=seed)))
    assert tried == [(40, 20)]
    preprocessor(deferred(noise((40, 20), (0, 0))))
    Preprocessor(entry(pad=0), (40, 20))(deferred(noise((40, 20))))
    Preprocessor(entry(), (42, 20))(deferred(noise((42, 20))))
    assert tried == [(40, 20), (40, 20), (40, 20), (42, 20)]
