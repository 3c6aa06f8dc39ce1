from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from tests.kernels.yuv_planes import noise
from tests.pipeline.files import frame
from vbench.config.input_entry import InputEntry
from vbench.pipeline.preprocess import Geometry, InputTensor, Preprocessor, fit, tensor_size
from vbench.types import U8, ColorOrder, Frame

NO_IMAGE: U8 = np.empty((0, 0, 3), np.uint8)

INTERPOLATION = {
    "nearest": cv2.INTER_NEAREST,
    "linear": cv2.INTER_LINEAR,
    "area": cv2.INTER_AREA,
    "cubic": cv2.INTER_CUBIC,
}


def entry(**more: object) -> InputEntry:
    return InputEntry.model_validate({"size": [32, 32], "color": "bgr"} | more)


def twin(given: InputEntry, source: Frame) -> InputTensor:
    """The documented rule, one step after the other."""
    image = source.image if source.color_order == given.color else source.image[:, :, ::-1]
    geometry = fit(given, (image.shape[1], image.shape[0]))
    width, height = (int(length) for length in geometry.resized_size)
    resized = cv2.resize(
        np.ascontiguousarray(image),
        (width, height),
        interpolation=INTERPOLATION[given.interpolation],
    )
    canvas = np.full((given.size[1], given.size[0], 3), given.pad, np.uint8)
    x, y = (int(one) for one in geometry.offset)
    canvas[y : y + resized.shape[0], x : x + resized.shape[1]] = resized
    values = (canvas.astype(np.float64) * given.scale - given.mean) / np.array(given.std)
    if given.layout == "nchw":
        values = values.transpose(2, 0, 1)
    return np.asarray(values[None], np.dtype(given.dtype))


@pytest.mark.parametrize("order", ["bgr", "rgb"])
@pytest.mark.parametrize(
    "given",
    [
        entry(),
        entry(color="rgb", anchor="top_left", pad=0),
        entry(resize="stretch", interpolation="area"),
        entry(size=[40, 24], interpolation="cubic", scale=1 / 255),
        entry(size=[24, 40], interpolation="nearest", mean=[103.5, 116.3, 123.7], std=[57, 58, 59]),
        entry(layout="nhwc", color="rgb", mean=[1, 2, 3], std=[2, 3, 4]),
        entry(layout="nhwc", dtype="uint8", size=[33, 31]),
        entry(dtype="float16", scale=1 / 255, mean=[0.485, 0.456, 0.406], std=[0.2, 0.3, 0.4]),
        entry(size=[64, 48], layout="nhwc", color="rgb"),
        entry(size=[64, 48]),
    ],
    ids=lambda given: f"{given.size}-{given.layout}-{given.color}-{given.dtype}",
)
def test_equals_the_rule_step_by_step(given: InputEntry, order: ColorOrder) -> None:
    preprocessor = Preprocessor(given, (64, 48))
    for index in range(2):
        source = frame((64, 48), index=index, color_order=order)
        before = source.image.copy()
        tensor = preprocessor(source)
        expected = twin(given, source)
        assert tensor.dtype == expected.dtype
        assert tensor.shape == expected.shape
        np.testing.assert_array_equal(tensor, expected)
        np.testing.assert_array_equal(source.image, before)


def test_colour_order_is_swapped_only_where_it_differs() -> None:
    """Red stays red: its plane is the last of a BGR tensor and the first of an RGB tensor."""
    image = np.zeros((32, 32, 3), np.uint8)
    image[:, :, 2] = 200
    red = Frame(index=0, pts_s=0.0, image=image, color_order="bgr")
    assert Preprocessor(entry(), (32, 32))(red)[0, :, 0, 0].tolist() == [0, 0, 200]
    assert Preprocessor(entry(color="rgb"), (32, 32))(red)[0, :, 0, 0].tolist() == [200, 0, 0]


def test_one_tensor_is_used_again_and_again() -> None:
    preprocessor = Preprocessor(entry(), (64, 48))
    assert preprocessor(frame(index=0)) is preprocessor(frame(index=1))


def test_a_pool_of_tensors() -> None:
    """Each keeps its own picture, and the padding that it was made with."""
    given = entry(pad=7)
    preprocessor = Preprocessor(given, (64, 48))
    tensors = [preprocessor.new_tensor() for _ in range(2)]
    for index in (0, 1, 2, 3):
        preprocessor.fill(frame(index=index), tensors[index % 2])
    for tensor, index in zip(tensors, (2, 3), strict=True):
        assert tensor.flags.c_contiguous
        np.testing.assert_array_equal(tensor, twin(given, frame(index=index)))


def lazy(to_image: Callable[[], U8]) -> Frame:
    return Frame.deferred(0, 0.0, (64, 48), "bgr", to_image, noise((64, 48)))


def test_planes_are_never_converted_where_the_kernel_takes_them() -> None:
    def to_image() -> U8:
        raise AssertionError("converted")

    preprocessor = Preprocessor(entry(), (64, 48))
    preprocessor(lazy(to_image))
    assert preprocessor.path == "fused"


def test_reference_says_why() -> None:
    source = frame()
    preprocessor = Preprocessor(entry(), (64, 48))
    preprocessor(source)
    assert preprocessor.path == "reference: the picture has no 8-bit planes"
    # 64 x 48 into 24 x 18.
    preprocessor = Preprocessor(entry(size=[24, 24], interpolation="area"), (64, 48))
    tensor = preprocessor(lazy(lambda: source.image))
    assert preprocessor.path == "reference: interpolation area is not fused"
    np.testing.assert_array_equal(tensor, twin(entry(size=[24, 24], interpolation="area"), source))


@pytest.mark.parametrize("fused", [True, False])
def test_nothing_large_is_allocated_for_each_frame(fused: bool) -> None:
    given = entry(size=[320, 320], scale=1 / 255)
    preprocessor = Preprocessor(given, (640, 360))
    tensor = preprocessor.new_tensor()
    if fused:
        source = Frame.deferred(0, 0.0, (640, 360), "bgr", lambda: NO_IMAGE, noise((640, 360)))
    else:
        source = frame((640, 360))
    preprocessor.fill(source, tensor)
    tracemalloc.start()
    try:
        preprocessor.fill(source, tensor)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20_000


def test_frame_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"frame 0 is 32x32, prepared for \(64, 48\)"):
        Preprocessor(entry(), (64, 48))(frame((32, 32)))


@pytest.mark.parametrize(
    ("given", "source_size", "expected"),
    [
        (entry(size=[416, 416], anchor="top_left"), (640, 480), ((416, 312), (0, 0))),
        (entry(size=[416, 416]), (640, 480), ((416, 312), (0, 52))),
        (entry(size=[640, 640]), (1080, 1920), ((360, 640), (140, 0))),
        (entry(size=[32, 32], resize="stretch"), (640, 480), ((32, 32), (0, 0))),
        # 9 * 32 / 64 = 4.5 rounds up to 5; 27 rows are left, the odd one goes below.
        (entry(), (64, 9), ((32, 5), (0, 13))),
        # Never less than a pixel.
        (entry(), (6400, 10), ((32, 1), (0, 15))),
        # Small frames grow.
        (entry(), (8, 4), ((32, 16), (0, 8))),
    ],
)
def test_letterbox_rule(
    given: InputEntry,
    source_size: tuple[int, int],
    expected: tuple[tuple[int, int], tuple[int, int]],
) -> None:
    assert fit(given, source_size) == Geometry(source_size, *expected)


def test_boxes_return_to_the_source() -> None:
    geometry = fit(entry(size=[416, 416]), (640, 480))
    # The whole image area in the input is the whole frame.
    boxes = np.array([[0, 52, 416, 364], [104, 130, 208, 208]], np.float32)
    expected = [[0, 0, 640, 480], [160, 120, 320, 240]]
    np.testing.assert_allclose(geometry.to_source(boxes), expected, rtol=1e-12)


def test_axes_return_by_their_own_scale() -> None:
    geometry = fit(entry(resize="stretch"), (64, 96))
    boxes = np.array([[8, 8, 16, 16]], np.float32)
    assert geometry.to_source(boxes).tolist() == [[16, 24, 32, 48]]


@pytest.mark.parametrize(
    ("given", "source_size", "size", "expected"),
    [
        (entry(size=[416, 416], rectangular=32), (640, 480), (416, 320), ((416, 312), (0, 4))),
        (entry(size=[640, 640], rectangular=32), (1920, 1080), (640, 384), ((640, 360), (0, 12))),
        (entry(size=[640, 640], rectangular=32), (1080, 1920), (384, 640), ((360, 640), (12, 0))),
        (
            entry(size=[640, 640], rectangular=64, anchor="top_left"),
            (1920, 1080),
            (640, 384),
            ((640, 360), (0, 0)),
        ),
        # Nothing to pad.
        (entry(size=[640, 640], rectangular=32), (640, 320), (640, 320), ((640, 320), (0, 0))),
    ],
)
def test_rectangular_rule(
    given: InputEntry,
    source_size: tuple[int, int],
    size: tuple[int, int],
    expected: tuple[tuple[int, int], tuple[int, int]],
) -> None:
    assert tensor_size(given, source_size) == size
    assert fit(given, source_size) == Geometry(source_size, *expected)


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
def test_rectangular_is_square_without_some_padding(layout: str) -> None:
    source = frame((64, 24))
    square = Preprocessor(entry(anchor="top_left", layout=layout), (64, 24))(source)
    small = Preprocessor(entry(anchor="top_left", layout=layout, rectangular=8), (64, 24))(source)
    rows = square[:, :, :16] if layout == "nchw" else square[:, :16]
    np.testing.assert_array_equal(small, rows)
