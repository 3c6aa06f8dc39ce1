"""Preprocessing by the user's own function."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.pipeline.files import frame
from vbench.config.input_entry import InputEntry
from vbench.errors import EngineError
from vbench.pipeline.own_preprocess import (
    FramePreprocessor,
    OwnPreprocessor,
    load_own_function,
    preprocessor_for,
)
from vbench.pipeline.preprocess import Geometry, Preprocessor, fit
from vbench.types import F32

CODE = """\
import numpy as np


def tensor(image, width, height):
    image[:] = image[0, 0]
    return np.broadcast_to(image[0, 0, :, None, None], (1, 3, height, width)).astype(np.float32)


def mapped(image, width, height):
    return tensor(image, width, height), (0.5, 0.25, 3, -1.5)


def listed(image, width, height):
    return [1, 2]


def flat(image, width, height):
    return np.zeros((3, height, width), np.float32)


def double(image, width, height):
    return np.zeros((1, 3, height, width))


def half_mapped(image, width, height):
    return tensor(image, width, height), (0.5, 0.25)


def mirrored(image, width, height):
    return tensor(image, width, height), (-0.5, 0.25, 0, 0)


def broken(image, width, height):
    return image[height * 1000]


NUMBER = 3
"""


def entry(function: str, **more: object) -> InputEntry:
    base = {"size": [32, 16], "color": "bgr", "python": f"own_code:{function}"}
    return InputEntry.model_validate(base | more)


def made(folder: Path, given: InputEntry) -> FramePreprocessor:
    (folder / "own_code.py").write_text(CODE)
    own = load_own_function(given, folder, lambda key: f"p.yaml:9: {key}")
    return preprocessor_for(given, (64, 48), own)


def test_without_a_function_nothing_changes(tmp_path: Path) -> None:
    given = InputEntry.model_validate({"size": [32, 16], "color": "bgr"})
    assert load_own_function(given, tmp_path, str) is None
    assert isinstance(preprocessor_for(given, (64, 48), None), Preprocessor)


@pytest.mark.parametrize("color", ["bgr", "rgb"])
def test_tensor_alone_lies_as_the_entry_says(tmp_path: Path, color: str) -> None:
    given = entry("tensor", color=color)
    preprocessor = made(tmp_path, given)
    assert isinstance(preprocessor, OwnPreprocessor)
    source = frame()
    before = source.image.copy()
    tensor = preprocessor(source)
    expected = before[0, 0].astype(np.float32)
    np.testing.assert_array_equal(tensor[0, :, 0, 0], expected[:: 1 if color == "bgr" else -1])
    # What the function writes into its image stays with it.
    np.testing.assert_array_equal(source.image, before)
    assert preprocessor.geometry == fit(given, (64, 48))
    assert preprocessor.path == "own: own_code:tensor"


def test_boxes_return_as_the_function_says(tmp_path: Path) -> None:
    preprocessor = made(tmp_path, entry("mapped"))
    preprocessor(frame())
    assert preprocessor.geometry == Geometry((64, 48), (32.0, 12.0), (3.0, -1.5))
    boxes: F32 = np.array([[3, -1.5, 35, 10.5], [8, 1, 13, 3.5]], np.float32)
    expected = [[0, 0, 64, 48], [10, 10, 20, 20]]
    np.testing.assert_allclose(preprocessor.geometry.to_source(boxes), expected)


@pytest.mark.parametrize(
    ("function", "what"),
    [
        ("listed", r"own_code:listed gave list, expected an array \[1, 3, 16, 32\] float32"),
        ("flat", r"gave \[3, 16, 32\] float32, expected \[1, 3, 16, 32\] float32"),
        ("double", r"gave \[1, 3, 16, 32\] float64, expected \[1, 3, 16, 32\] float32"),
        ("half_mapped", r"gave \(0.5, 0.25\) beside the tensor"),
        ("mirrored", "gave the scales -0.5 and 0.25"),
        ("broken", "own_code:broken failed: own_code.py:.*IndexError"),
    ],
)
def test_bad_answers(tmp_path: Path, function: str, what: str) -> None:
    preprocessor = made(tmp_path, entry(function))
    with pytest.raises(EngineError, match=what) as caught:
        preprocessor(frame(index=7))
    assert caught.value.where == "p.yaml:9: python, frame 7"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("function", "what"), [("missing", 'has no "missing"'), ("NUMBER", "is no function")]
)
def test_bad_reference(tmp_path: Path, function: str, what: str) -> None:
    with pytest.raises(EngineError, match=what) as caught:
        made(tmp_path, entry(function))
    assert caught.value.where.startswith("p.yaml:9: python")


def test_file_for_digests(tmp_path: Path) -> None:
    (tmp_path / "own_code.py").write_text(CODE)
    own = load_own_function(entry("tensor"), tmp_path, str)
    assert own is not None
    assert own.file() == tmp_path / "own_code.py"
