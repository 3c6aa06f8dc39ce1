"""Tiny ONNX models for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Shape = Sequence[int | str | None]

# Old enough for every onnxruntime that vbench supports.
_OPSET, _IR_VERSION = 17, 8


def write_constant_model(
    path: Path,
    outputs: dict[str, npt.NDArray[np.float32]],
    *,
    input_shape: Shape = (1, 3, 32, 32),
    input_type: int = TensorProto.FLOAT,
    external: str | None = None,
) -> Path:
    """A model that answers every image with the same tensors.

    Args:
        path: where to write it.
        outputs: what it answers, by name.
        input_shape: declared shape of its input ``images``; names and None are free axes.
        input_type: element type of the input.
        external: file name beside the model to keep the weights in.
    """
    image = helper.make_tensor_value_info("images", input_type, list(input_shape))
    nodes = [
        helper.make_node("Cast", ["images"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["pixels"], ["mean"], keepdims=0),
        helper.make_node("Sub", ["mean", "mean"], ["nothing"]),
    ]
    weights, infos = [], []
    for name, value in outputs.items():
        weights.append(numpy_helper.from_array(value, f"{name}_value"))
        nodes.append(helper.make_node("Add", [f"{name}_value", "nothing"], [name]))
        infos.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(value.shape)))
    return _save(path, nodes, [image], infos, weights, external)


def write_echo_model(path: Path, shape: Shape) -> Path:
    """A model that answers with its input."""
    image = helper.make_tensor_value_info("images", TensorProto.FLOAT, list(shape))
    echo = helper.make_tensor_value_info("echo", TensorProto.FLOAT, list(shape))
    return _save(path, [helper.make_node("Identity", ["images"], ["echo"])], [image], [echo], [])


def write_two_input_model(path: Path) -> Path:
    """A model that wants more than an image."""
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, 32, 32])
        for name in ("images", "scale")
    ]
    total = helper.make_tensor_value_info("total", TensorProto.FLOAT, [1, 3, 32, 32])
    return _save(
        path, [helper.make_node("Add", ["images", "scale"], ["total"])], inputs, [total], []
    )


def _save(
    path: Path,
    nodes: list[onnx.NodeProto],
    inputs: list[onnx.ValueInfoProto],
    outputs: list[onnx.ValueInfoProto],
    weights: list[onnx.TensorProto],
    external: str | None = None,
) -> Path:
    graph = helper.make_graph(nodes, "test", inputs, outputs, weights)
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION
    )
    if external is None:
        onnx.save_model(model, path)
    else:
        onnx.save_model(
            model, path, save_as_external_data=True, location=external, size_threshold=0
        )
    return path
