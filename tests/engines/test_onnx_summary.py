"""The walker against the onnx package."""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from tests.engines.onnx_models import write_constant_model
from vbench.engines.onnx_summary import summarise_onnx
from vbench.errors import EngineError

FILE = Path("m.onnx")


def dtype_of(code: int) -> str:
    return np.dtype(helper.tensor_dtype_to_np_dtype(code)).name


def test_it_says_what_the_onnx_package_says(repository: Path) -> None:
    for path in sorted((repository / "benchmarks").rglob("*.onnx")):
        model = onnx.load(path)
        summary = summarise_onnx(path.read_bytes(), path)
        weights = {item.name for item in model.graph.initializer}
        for mine, theirs in (
            (summary.inputs, [i for i in model.graph.input if i.name not in weights]),
            (summary.outputs, list(model.graph.output)),
        ):
            assert [(item.name, item.dtype) for item in mine] == [
                (item.name, dtype_of(item.type.tensor_type.elem_type)) for item in theirs
            ]
            assert [item.shape for item in mine] == [
                tuple(d.dim_value or None for d in item.type.tensor_type.shape.dim)
                for item in theirs
            ]
        assert dict(summary.operators) == Counter(node.op_type for node in model.graph.node)
        assert dict(summary.opsets) == {
            item.domain or "ai.onnx": item.version for item in model.opset_import
        }
        assert summary.producer == f"{model.producer_name} {model.producer_version}".strip()


def test_operators_of_other_domains_have_their_domain() -> None:
    node = helper.make_node("NMS", ["a"], ["b"], domain="acme")
    kind = onnx.TensorProto.FLOAT
    a, b = (helper.make_tensor_value_info(name, kind, [1]) for name in "ab")
    model = helper.make_model(helper.make_graph([node], "g", [a], [b]))
    assert summarise_onnx(model.SerializeToString(), FILE).operators == (("acme.NMS", 1),)


def test_cut_short_anywhere(tmp_path: Path) -> None:
    values = {"output": np.ones((1, 2), np.float32)}
    data = write_constant_model(tmp_path / "m.onnx", values).read_bytes()
    whole = summarise_onnx(data, FILE)
    n_refused = 0
    for n_bytes in range(len(data)):
        try:
            assert summarise_onnx(data[:n_bytes], FILE) != whole or n_bytes > len(data) - 8
        except EngineError:
            n_refused += 1
    assert n_refused > len(data) * 0.9


@given(st.binary(max_size=200))
def test_any_bytes_are_a_summary_or_an_error(data: bytes) -> None:
    with contextlib.suppress(EngineError):
        summarise_onnx(data, FILE)


@pytest.mark.parametrize("data", [b"\x38\x01", b"\x12\x05ab", b"\x0b"])
def test_fields_of_the_wrong_kind(data: bytes) -> None:
    with pytest.raises(EngineError):
        summarise_onnx(data, FILE)
