"""The wire format against the official implementation, by way of ONNX messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import StringStringEntryProto, TensorProto

from vbench.engines.protobuf_wire import fields


@given(st.lists(st.integers(0, 2**63 - 1), max_size=5), st.text(max_size=8), st.text(max_size=8))
def test_numbers_and_texts(dims: list[int], key: str, value: str) -> None:
    tensor = TensorProto(dims=dims, data_type=7, name=key)
    tensor.external_data.append(StringStringEntryProto(key=key, value=value))
    data = tensor.SerializeToString()
    found: dict[int, list[int | bytes]] = {}
    for number, part in fields(data, (0, len(data))):
        found.setdefault(number, []).append(part if isinstance(part, int) else data[slice(*part)])
    assert found[2] == [7]
    assert found[13] == [tensor.external_data[0].SerializeToString()]
    assert found.get(8, [b""]) == [key.encode()]


@pytest.mark.parametrize(
    "data",
    [b"\x08", b"\x0a\x05ab", b"\x0b", b"\x00\x01", b"\x09\x00", b"\xff" * 12],
    ids=["no number", "too short", "wire type 3", "field 0", "half of eight bytes", "endless"],
)
def test_broken_bytes(data: bytes) -> None:
    with pytest.raises(ValueError):
        list(fields(data, (0, len(data))))
