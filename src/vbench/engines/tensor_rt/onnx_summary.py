"""Inputs, outputs and operators of an ONNX file, without a runtime.

Field numbers: ``onnx.proto3`` (github.com/onnx/onnx). The file has been checked to be a whole
protobuf message by `vbench.engines.onnx_file`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from vbench.engines.onnx_file import unreadable
from vbench.engines.protocol import TensorInfo

_Field: TypeAlias = "tuple[int, int | memoryview]"
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5

# TensorProto.DataType.
_DTYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    8: "string",
    9: "bool",
    10: "float16",
    11: "float64",
    16: "bfloat16",
}


@dataclass(frozen=True, slots=True)
class OnnxSummary:
    """What an ONNX file says of itself."""

    producer: str
    opsets: tuple[tuple[str, int], ...]
    """(domain, version), the standard domain as ``ai.onnx``."""
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    operators: tuple[tuple[str, int], ...]
    """(operator, how often), most frequent first; those of bodies of loops are not counted."""


def summarise_onnx(data: bytes, path: Path) -> OnnxSummary:
    """Read what an ONNX file says of itself. Raises EngineError where it is cut short."""
    try:
        return _summary(memoryview(data))
    except (ValueError, IndexError):
        raise unreadable(path) from None


def _summary(model: memoryview) -> OnnxSummary:
    producer: dict[int, str] = {}
    opsets: dict[str, int] = {}
    operators: Counter[str] = Counter()
    weights: set[str] = set()
    inputs: list[TensorInfo] = []
    outputs: list[TensorInfo] = []
    for field, value in _fields(model):
        if field in (2, 3):  # producer_name, producer_version
            producer[field] = _text(value)
        elif field == 8:  # opset_import: domain 1, version 2
            opset = dict(_fields(_message(value)))
            opsets[_text(opset.get(1, _EMPTY)) or "ai.onnx"] = _whole(opset.get(2, 0))
        elif field == 7:
            for part, inner in _fields(_message(value)):
                if part == 1:  # node: op_type 4, domain 7
                    operators[_operator(_message(inner))] += 1
                elif part == 5:  # initializer: name 8
                    weights.add(_text(dict(_fields(_message(inner))).get(8, _EMPTY)))
                elif part in (11, 12):
                    (inputs if part == 11 else outputs).append(_tensor(_message(inner)))
    return OnnxSummary(
        producer=" ".join(producer[field] for field in sorted(producer)),
        opsets=tuple(sorted(opsets.items())),
        inputs=tuple(item for item in inputs if item.name not in weights),
        outputs=tuple(outputs),
        operators=tuple(sorted(operators.items(), key=lambda item: (-item[1], item[0]))),
    )


def _operator(node: memoryview) -> str:
    fields = dict(_fields(node))
    domain = _text(fields.get(7, _EMPTY))
    name = _text(fields.get(4, _EMPTY))
    return f"{domain}.{name}" if domain not in ("", "ai.onnx") else name


def _tensor(value_info: memoryview) -> TensorInfo:
    """ValueInfoProto: name 1, type 2 -> TypeProto: tensor_type 1 -> elem_type 1, shape 2."""
    fields = dict(_fields(value_info))
    kind = dict(_fields(_message(fields.get(2, _EMPTY))))
    tensor = dict(_fields(_message(kind.get(1, _EMPTY))))
    code = _whole(tensor.get(1, 0))
    axes = [
        # TensorShapeProto.dim 1 -> Dimension.dim_value 1; a name or nothing is a free axis.
        _axis(dict(_fields(_message(dimension))))
        for number, dimension in _fields(_message(tensor.get(2, _EMPTY)))
        if number == 1
    ]
    dtype = _DTYPES.get(code, f"type {code}")
    return TensorInfo(_text(fields.get(1, _EMPTY)), tuple(axes), dtype)


def _axis(dimension: dict[int, int | memoryview]) -> int | None:
    length = _whole(dimension.get(1, 0))
    return length if 1 in dimension and 0 <= length < 1 << 63 else None


_EMPTY = memoryview(b"")


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise ValueError("a number where a message is expected")
    return value


def _text(value: int | memoryview) -> str:
    return bytes(_message(value)).decode("utf-8", "replace")


def _whole(value: int | memoryview) -> int:
    if not isinstance(value, int):
        raise ValueError("bytes where a number is expected")
    return value


def _fields(data: memoryview) -> Iterator[_Field]:
    """(field number, number or bytes) of each field of a message."""
    position = 0
    while position < len(data):
        tag, position = _varint(data, position)
        wire_type = tag & 7
        if wire_type == _VARINT:
            value, position = _varint(data, position)
            yield tag >> 3, value
        elif wire_type == _LENGTH:
            size, position = _varint(data, position)
            if position + size > len(data):
                raise ValueError("field reaches past its message")
            yield tag >> 3, data[position : position + size]
            position += size
        elif wire_type in (_FIXED32, _FIXED64):
            position += 4 if wire_type == _FIXED32 else 8
        else:
            raise ValueError(f"wire type {wire_type}")


def _varint(data: memoryview, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise ValueError("number is cut short")
