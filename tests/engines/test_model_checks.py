from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vbench.engines.model_checks import check_tensors, told_at_key
from vbench.engines.protocol import TensorInfo
from vbench.errors import EngineError, ModelError

INPUTS = (TensorInfo("images", (None, 3, 8, 8), "float32"), TensorInfo("size", (1, 2), "int64"))
IMAGES, SIZE = np.zeros((1, 3, 8, 8), np.float32), np.zeros((1, 2), np.int64)


def test_tensors_that_fit() -> None:
    check_tensors(INPUTS, [IMAGES, SIZE])


@pytest.mark.parametrize(
    ("tensors", "words"),
    [
        ([IMAGES], r"takes 2 tensors, given 1"),
        ([IMAGES, SIZE, SIZE], r"takes 2 tensors, given 3"),
        ([IMAGES[:, :2], SIZE], r"images \[\?, 3, 8, 8\] float32, given \[1, 2, 8, 8\] float32"),
        ([IMAGES, SIZE[0]], r"size \[1, 2\] int64, given \[2\] int64"),
        ([IMAGES.astype(np.float64), SIZE], r"float32, given \[1, 3, 8, 8\] float64"),
    ],
)
def test_tensors_that_do_not_fit(tensors: list[np.ndarray], words: str) -> None:
    with pytest.raises(EngineError, match=words) as caught:
        check_tensors(INPUTS, tensors)
    assert caught.value.hint


def test_only_what_is_wrong_with_the_file_is_told_at_its_key(tmp_path: Path) -> None:
    file = tmp_path / "m.onnx"
    with (
        pytest.raises(ModelError, match=r"^p.yaml: model: .*m\.onnx: is odd \(mend it\)$"),
        told_at_key("model", file, lambda key: f"p.yaml: {key}"),
    ):
        raise ModelError("is odd", where=str(file), hint="mend it")
    with pytest.raises(EngineError, match=r"^elsewhere: is odd$"), told_at_key("model", file, str):
        raise EngineError("is odd", where="elsewhere")
