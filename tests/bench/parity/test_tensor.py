"""Each cause of skew planted, in the settings and in code that nobody can look into."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest

from tests.bench.parity.files import write_golden_set
from vbench.bench.parity.decode import Decode
from vbench.bench.parity.guess import Guess
from vbench.bench.parity.tensor import TensorPair, explain_tensors, planar
from vbench.config.input_entry import InputEntry
from vbench.pipeline.preprocess import Preprocessor
from vbench.types import F64, U8, Frame
from vbench.types.color_override import AS_TAGGED, ColorOverride
from vbench.video import frames_at

TOLERANCE = 1e-3
IMAGENET = {"scale": 1 / 255, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Decode:
    folder = write_golden_set(tmp_path_factory.mktemp("parity") / "golden")

    @cache
    def decoded(override: ColorOverride) -> tuple[Frame, ...]:
        return tuple(frames_at(folder / "first.mp4", [0, 5], color=override))

    return decoded


def entry(**more: object) -> InputEntry:
    base = {"size": [64, 64], "color": "bgr", "anchor": "top_left"}
    return InputEntry.model_validate(base | more)


def tensors(given: InputEntry, source: tuple[Frame, ...]) -> tuple[F64, ...]:
    height, width = source[0].image.shape[:2]
    preprocessor = Preprocessor(given, (width, height))
    return tuple(planar(preprocessor(frame).copy(), given) for frame in source)


def guess(
    frames: Decode, a: InputEntry, want: tuple[F64, ...], decode: ColorOverride = AS_TAGGED
) -> Guess:
    have = tensors(a, tuple(frames(decode)))
    return explain_tensors(TensorPair("A", decode, a, frames, have, want, TOLERANCE))


def named(found: Guess) -> list[str]:
    return [cause.kind for cause in found.causes]


@pytest.mark.parametrize(
    ("a", "b", "kinds"),
    [
        ({}, {"color": "rgb"}, ["color_order"]),
        ({}, {"anchor": "center"}, ["anchor"]),
        ({"anchor": "center"}, {}, ["anchor"]),
        ({}, {"rectangular": 16}, ["rectangular"]),
        ({"rectangular": 16}, {}, ["rectangular"]),
        ({}, {"size": [64, 48]}, ["rectangular"]),
        ({}, {"scale": 1 / 255}, ["scale"]),
        ({"scale": 1 / 255}, {}, ["scale"]),
        ({"scale": 1 / 255}, IMAGENET, ["mean_std"]),
        ({}, IMAGENET, ["mean_std"]),
        (IMAGENET, {**IMAGENET, "mean": [0.406, 0.456, 0.485]}, ["mean_std"]),
        ({}, {"interpolation": "area"}, ["interpolation"]),
        ({}, {"interpolation": "nearest"}, ["interpolation"]),
        ({"interpolation": "cubic"}, {}, ["interpolation"]),
        ({}, {"resize": "stretch"}, ["resize"]),
        ({}, {"pad": 0}, ["pad"]),
        ({}, {"color": "rgb", "scale": 1 / 255}, ["color_order", "scale"]),
        ({}, {"color": "rgb", "anchor": "center"}, ["color_order", "anchor"]),
        ({}, {"anchor": "center", "pad": 0}, ["anchor", "pad"]),
        ({}, {"color": "rgb", **IMAGENET}, ["color_order", "mean_std"]),
        ({}, {"layout": "nhwc", "color": "rgb"}, ["color_order"]),
        (
            {},
            {"color": "rgb", "anchor": "center", "scale": 1 / 255},
            ["color_order", "anchor", "scale"],
        ),
        (
            IMAGENET,
            {"color": "rgb", "interpolation": "area", "scale": 1 / 255},
            ["color_order", "interpolation", "mean_std"],
        ),
    ],
)
def test_settings(
    frames: Decode, a: dict[str, object], b: dict[str, object], kinds: list[str]
) -> None:
    found = guess(frames, entry(**a), tensors(entry(**b), tuple(frames(AS_TAGGED))))
    assert named(found) == kinds
    assert found.exact
    assert found.explained == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("decode", "kinds"),
    [
        (ColorOverride(range="full"), ["color_range"]),
        (ColorOverride(matrix="bt709"), ["color_matrix"]),
        (ColorOverride("bt709", "full"), ["color_range", "color_matrix"]),
    ],
)
def test_decoding(frames: Decode, decode: ColorOverride, kinds: list[str]) -> None:
    found = guess(frames, entry(), tensors(entry(), tuple(frames(decode))))
    assert named(found) == kinds
    assert found.exact


def letterboxed(
    image: U8, *, center: bool = False, filter_: int = cv2.INTER_LINEAR, height: int = 64
) -> F64:
    """(3, H, W) of 0..255, as production code might do it; nothing here is vbench's."""
    ratio = 64 / image.shape[1]
    size = 64, round(image.shape[0] * ratio)
    resized = cv2.resize(image, size, interpolation=filter_)
    canvas = np.full((height, 64, 3), 114, np.float32)
    top = (height - size[1]) // 2 if center else 0
    canvas[top : top + size[1]] = resized
    return np.asarray(canvas.transpose(2, 0, 1), np.float64)


def of_range(image: U8) -> U8:
    stretched = (image.astype(np.float64) - 16) * 255 / 219
    return np.asarray(np.clip(np.rint(stretched), 0, 255), np.uint8)


def of_matrix(image: U8) -> U8:
    """Colours as BT.709 of samples that were BT.601, limited range (ITU-T H.273)."""
    kr, kb = 0.299, 0.114
    b, g, r = (image[:, :, c].astype(np.float64) for c in range(3))
    y = kr * r + (1 - kr - kb) * g + kb * b
    cb, cr = (b - y) / (2 - 2 * kb), (r - y) / (2 - 2 * kr)
    kr, kb = 0.2126, 0.0722
    red, blue = y + 2 * (1 - kr) * cr, y + 2 * (1 - kb) * cb
    green = (y - kr * red - kb * blue) / (1 - kr - kb)
    return np.asarray(np.clip(np.rint(np.stack([blue, green, red], axis=2)), 0, 255), np.uint8)


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        (lambda image: letterboxed(image[:, :, ::-1].copy()), ["color_order"]),
        (lambda image: letterboxed(image, center=True), ["anchor"]),
        (lambda image: letterboxed(image, height=48), []),
        (lambda image: letterboxed(image) / 255, ["scale"]),
        (lambda image: letterboxed(image) / 127.5 - 1, ["mean_std"]),
        (
            lambda image: (
                (letterboxed(image) - np.array([103.5, 116.3, 123.7])[:, None, None])
                / np.array([57.4, 57.1, 58.4])[:, None, None]
            ),
            ["mean_std"],
        ),
        (lambda image: letterboxed(image, filter_=cv2.INTER_AREA), ["interpolation"]),
        (lambda image: letterboxed(image, filter_=cv2.INTER_NEAREST), ["interpolation"]),
        (lambda image: letterboxed(of_range(image)), ["color_range"]),
        (lambda image: letterboxed(of_matrix(image)), ["color_matrix"]),
        (lambda image: letterboxed(image[:, :, ::-1].copy()) / 255, ["color_order", "scale"]),
        # Rounding of its own is not taken for a second cause.
        (lambda image: letterboxed(image[:, :, ::-1].astype(np.float32)), ["color_order"]),
    ],
)
def test_code(frames: Decode, code: Callable[[U8], F64], kinds: list[str]) -> None:
    want = tuple(code(frame.image) for frame in frames(AS_TAGGED))
    found = guess(frames, entry(), want)
    # Without padding below, 48 rows are what `rectangular: 16` gives, too.
    assert named(found) == (kinds or ["rectangular"])
    assert found.explained > 0.6


def test_measured_values_are_told(frames: Decode) -> None:
    want = tensors(entry(**IMAGENET), tuple(frames(AS_TAGGED)))
    (cause,) = guess(frames, entry(), want).causes
    assert cause.value_a == "scale 1"
    expected = "scale 1/255, mean [0.485, 0.456, 0.406], std [0.229, 0.224, 0.225]"
    assert cause.value_b == expected


def test_sides_stay_where_they_are(frames: Decode) -> None:
    """Where B is the side with known settings, its values are still B's."""
    have = tensors(entry(), tuple(frames(AS_TAGGED)))
    want = tensors(entry(color="rgb"), tuple(frames(AS_TAGGED)))
    pair = TensorPair("B", AS_TAGGED, entry(), frames, have, want, TOLERANCE)
    (cause,) = explain_tensors(pair).causes
    assert (cause.value_a, cause.value_b) == ("rgb", "bgr")


def test_another_scale_alone_does_not_explain_what_else_differs(frames: Decode) -> None:
    """Values 0..255 against 0..1: of the plain difference, the scale is nearly all."""
    mirrored = tuple(
        one[:, :, ::-1].copy() for one in tensors(entry(scale=1 / 255), tuple(frames(AS_TAGGED)))
    )
    assert guess(frames, entry(), mirrored).explained < 0.5


def test_noise_is_unknown(frames: Decode) -> None:
    rng = np.random.default_rng(1)
    want = tuple(rng.uniform(0, 255, (3, 64, 64)) for _ in frames(AS_TAGGED))
    found = guess(frames, entry(), want)
    assert found.causes == ()
    assert found.explained < 0.5
