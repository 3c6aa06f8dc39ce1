from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto

from tests.engines.onnx_models import Shape, write_constant_model
from tests.pipeline.files import pipeline_file, taxonomy
from vbench.errors import ConfigError, ExitCode
from vbench.pipeline.load import load_pipeline
from vbench.pipeline.preflight import warmup_frame

ROWS = {"dets": np.zeros((1, 3, 6), np.float32)}


def load(folder: Path, shape: Shape, given: str, element: int = TensorProto.FLOAT) -> None:
    write_constant_model(folder / "m.onnx", ROWS, input_shape=shape, input_type=element)
    file = pipeline_file(folder, input=given)
    load_pipeline(file, taxonomy("person", "forklift")).close()


@pytest.mark.parametrize(
    ("shape", "given", "element"),
    [
        ((1, 3, 32, 40), "{size: [40, 32], color: bgr}", TensorProto.FLOAT),
        (("n", 3, "h", None), "{size: [40, 32], color: bgr}", TensorProto.FLOAT),
        ((1, 32, 40, 3), "{size: [40, 32], color: bgr, layout: nhwc}", TensorProto.FLOAT),
        ((1, 3, 32, 32), "{size: [32, 32], color: bgr, dtype: float16}", TensorProto.FLOAT16),
        ((1, 3, 32, 32), "{size: [32, 32], color: bgr, dtype: uint8}", TensorProto.UINT8),
    ],
)
def test_inputs_that_fit(tmp_path: Path, shape: Shape, given: str, element: int) -> None:
    load(tmp_path, shape, given, element)


@pytest.mark.parametrize(
    ("shape", "given", "message"),
    [
        (
            (1, 3, 24, 40),
            "{size: [32, 32], color: bgr}",
            r"pipeline\.yaml:9: stages\[0\]\.input\.size: the pipeline gives \[1, 3, 32, 32\] "
            r"\(nchw, 32x32\), but the model takes images \[1, 3, 24, 40\] float32 "
            r"\(write `size: \[40, 24\]`\)",
        ),
        ((1, 3, 24, None), "{size: [32, 32], color: bgr}", r"write `size: \[32, 24\]`"),
        ((1, 32, 32, 3), "{size: [32, 32], color: bgr}", "write `layout: nhwc`"),
        ((1, 3, 32, 32), "{size: [32, 32], color: bgr, layout: nhwc}", "write `layout: nchw`"),
        ((1, 1, 32, 32), "{size: [32, 32], color: bgr}", "the model needs 3 channels"),
        ((4, 3, 32, 32), "{size: [32, 32], color: bgr}", "batch size 1"),
        ((3, 32, 32), "{size: [32, 32], color: bgr}", "one image of four axes"),
        (
            (1, 3, 32, 32),
            "{size: [32, 32], color: bgr, dtype: float16}",
            r"input\.dtype: the pipeline gives float16.*write `dtype: float32`",
        ),
    ],
)
def test_inputs_that_do_not_fit(tmp_path: Path, shape: Shape, given: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        load(tmp_path, shape, given)
    assert caught.value.exit_code == ExitCode.INPUT


def test_warmup_frame_is_always_the_same() -> None:
    first, second = warmup_frame(64, 48), warmup_frame(64, 48)
    assert first.image.shape == (48, 64, 3)
    np.testing.assert_array_equal(first.image, second.image)
    assert first.image.std() > 0
