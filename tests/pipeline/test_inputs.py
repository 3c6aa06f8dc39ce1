from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.engines.onnx_models import Shape, write_constant_model
from tests.pipeline.files import frame, pipeline_file, taxonomy
from vbench.errors import ConfigError, ExitCode, ModelError
from vbench.pipeline.load import FramePipeline, load_pipeline

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
    with pytest.raises(ModelError, match=message) as caught:
        load(tmp_path, shape, given)
    assert caught.value.exit_code == ExitCode.MEDIA_OR_ENGINE


EXTRA = "{size: [32, 32], color: bgr, extra: {sizes: [[64, 48]]}}"


def load_sized(folder: Path, given: str) -> FramePipeline:
    """A model that answers one box, from 0, 0 to the sizes given as a second input."""
    inputs = [
        helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, 32, 32]),
        helper.make_tensor_value_info("sizes", TensorProto.INT64, [1, 2]),
    ]
    constants = {"before": [[0.0, 0.0]], "after": [[0.9, 1.0]]}
    nodes = [
        helper.make_node("Cast", ["sizes"], ["corner"], to=TensorProto.FLOAT),
        helper.make_node("Concat", ["before", "corner", "after"], ["dets"], axis=1),
    ]
    weights = [
        numpy_helper.from_array(np.array(rows, np.float32), name)
        for name, rows in constants.items()
    ]
    dets = helper.make_tensor_value_info("dets", TensorProto.FLOAT, [1, 6])
    graph = helper.make_graph(nodes, "sized", inputs, [dets], weights)
    opsets = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), folder / "m.onnx")
    loaded = load_pipeline(pipeline_file(folder, input=given), taxonomy("person", "forklift"))
    assert isinstance(loaded, FramePipeline)
    return loaded


def test_constants_go_to_the_models_further_inputs(tmp_path: Path) -> None:
    # The 64x48 frame lies 4 px below the top of the 32x32 input, at half its size.
    found, _ = load_sized(tmp_path, EXTRA.replace("64, 48", "16, 12")).run_frame(frame((64, 48)))
    assert found.boxes_xyxy.tolist() == [[0, 0, 32, 16]]


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (
            "{size: [32, 32], color: bgr}",
            ModelError,
            r"input\.extra: the model has 2 inputs, and `extra` gives 0 of them",
        ),
        (EXTRA.replace("sizes:", "sises:"), ConfigError, 'no input "sises".*did you mean "sizes"'),
        (
            EXTRA.replace("[[64, 48]]", "[64, 48]"),
            ModelError,
            r"`extra` gives sizes as \[2\], but the model takes sizes \[1, 2\] int64",
        ),
        (
            EXTRA.replace("bgr,", "bgr, rectangular: 8,"),
            ModelError,
            "`rectangular` needs a model with free height and width",
        ),
    ],
)
def test_inputs_that_do_not_fit_the_file(
    tmp_path: Path, given: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load_sized(tmp_path, given)
