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


def write_one_node_model(
    path: Path,
    operator: str = "Relu",
    *,
    shape: Shape = (1, 3, 2, 2),
    dtype: int = TensorProto.FLOAT,
    constant: npt.NDArray[np.generic] | None = None,
    domain: str = "",
    opset: int = _OPSET,
    ir_version: int = _IR_VERSION,
) -> Path:
    """A model ``x`` -> one operator -> ``y``, of any opset and operator, also impossible ones.

    Args:
        path: where to write it.
        operator: name of the operator.
        shape: declared shape of ``x``; that of ``y`` is left open.
        dtype: element type of both.
        constant: second input of the operator.
        domain: where the operator is from.
        opset: stated opset of the standard operators.
        ir_version: stated version of the format.
    """
    weights = [] if constant is None else [numpy_helper.from_array(constant, "constant")]
    node = helper.make_node(operator, ["x", *(item.name for item in weights)], ["y"], domain=domain)
    graph = helper.make_graph(
        [node],
        "test",
        [helper.make_tensor_value_info("x", dtype, list(shape))],
        [helper.make_tensor_value_info("y", dtype, None)],
        weights,
    )
    opsets = [helper.make_opsetid("", opset)]
    if domain:
        opsets.append(helper.make_opsetid(domain, 1))
    model = helper.make_model(graph, opset_imports=opsets, ir_version=ir_version)
    path.write_bytes(model.SerializeToString())
    return path


def write_convolution_model(path: Path, *, size: int | str = 16) -> Path:
    """A small real network with two outputs: ``features`` (n, 4, h, w) and ``sums`` (n, 4).

    Args:
        path: where to write it.
        size: height and width of its input ``images`` (1, 3, h, w); a text leaves both free.
    """
    axes = [size, size] if isinstance(size, int) else [f"{size}_h", f"{size}_w"]
    rng = np.random.default_rng(7)
    weights = [
        numpy_helper.from_array(rng.normal(size=(8, 3, 3, 3)).astype(np.float32), "first"),
        numpy_helper.from_array(rng.normal(size=8).astype(np.float32), "bias"),
        numpy_helper.from_array(rng.normal(size=(4, 8, 3, 3)).astype(np.float32), "second"),
        numpy_helper.from_array(np.array([2, 3], np.int64), "pixels"),
    ]
    nodes = [
        helper.make_node("Conv", ["images", "first", "bias"], ["hidden"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["hidden"], ["positive"]),
        helper.make_node("Conv", ["positive", "second"], ["features"], pads=[1, 1, 1, 1]),
        helper.make_node("ReduceSum", ["features", "pixels"], ["sums"], keepdims=0),
    ]
    image = helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, *axes])
    outputs = [
        helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, 4, *axes]),
        helper.make_tensor_value_info("sums", TensorProto.FLOAT, [1, 4]),
    ]
    return _save(path, nodes, [image], outputs, weights)


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
