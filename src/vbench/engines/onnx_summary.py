"""Inputs, outputs and operators of an ONNX file, without a runtime.

Field numbers: ``onnx.proto3`` (github.com/onnx/onnx). The file has been checked to be a whole
protobuf message by `vbench.engines.onnx_file`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from vbench.engines.onnx_file import unreadable
from vbench.engines.protobuf_wire import Span, fields
from vbench.engines.protocol import TensorInfo

_Value: TypeAlias = int | Span

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
        return _Reader(data).summary()
    except ValueError:
        raise unreadable(path) from None


class _Reader:
    """Walks one file; every method raises ValueError where the bytes are not as expected."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def summary(self) -> OnnxSummary:
        producer: dict[int, str] = {}
        opsets: dict[str, int] = {}
        operators: Counter[str] = Counter()
        weights: set[str] = set()
        inputs: list[TensorInfo] = []
        outputs: list[TensorInfo] = []
        for field, value in fields(self._data, (0, len(self._data))):
            if field in (2, 3):  # producer_name, producer_version
                producer[field] = self._text(value)
            elif field == 8:  # opset_import: domain 1, version 2
                opset = self._fields(value)
                opsets[self._text(opset.get(1, _EMPTY)) or "ai.onnx"] = _whole(opset.get(2, 0))
            elif field == 7:
                for part, inner in fields(self._data, _span(value)):
                    if part == 1:  # node: op_type 4, domain 7
                        operators[self._operator(inner)] += 1
                    elif part == 5:  # initializer: name 8
                        weights.add(self._text(self._fields(inner).get(8, _EMPTY)))
                    elif part in (11, 12):
                        (inputs if part == 11 else outputs).append(self._tensor(inner))
        return OnnxSummary(
            producer=" ".join(producer[field] for field in sorted(producer)),
            opsets=tuple(sorted(opsets.items())),
            inputs=tuple(item for item in inputs if item.name not in weights),
            outputs=tuple(outputs),
            operators=tuple(sorted(operators.items(), key=lambda item: (-item[1], item[0]))),
        )

    def _operator(self, node: _Value) -> str:
        parts = self._fields(node)
        domain = self._text(parts.get(7, _EMPTY))
        name = self._text(parts.get(4, _EMPTY))
        return f"{domain}.{name}" if domain not in ("", "ai.onnx") else name

    def _tensor(self, value_info: _Value) -> TensorInfo:
        """ValueInfoProto: name 1, type 2 -> TypeProto: tensor_type 1 -> elem_type 1, shape 2."""
        parts = self._fields(value_info)
        tensor = self._fields(self._fields(parts.get(2, _EMPTY)).get(1, _EMPTY))
        code = _whole(tensor.get(1, 0))
        axes = [
            # TensorShapeProto.dim 1 -> Dimension.dim_value 1; a name or nothing is a free axis.
            _axis(self._fields(dimension))
            for number, dimension in fields(self._data, _span(tensor.get(2, _EMPTY)))
            if number == 1
        ]
        dtype = _DTYPES.get(code, f"type {code}")
        return TensorInfo(self._text(parts.get(1, _EMPTY)), tuple(axes), dtype)

    def _fields(self, message: _Value) -> dict[int, _Value]:
        """The fields of a message, the last one of each number."""
        return dict(fields(self._data, _span(message)))

    def _text(self, value: _Value) -> str:
        start, end = _span(value)
        return self._data[start:end].decode("utf-8", "replace")


def _axis(dimension: dict[int, _Value]) -> int | None:
    length = _whole(dimension.get(1, 0))
    return length if 1 in dimension and 0 <= length < 1 << 63 else None


_EMPTY: Span = (0, 0)


def _span(value: _Value) -> Span:
    if isinstance(value, int):
        raise ValueError("a number where a message is expected")
    return value


def _whole(value: _Value) -> int:
    if not isinstance(value, int):
        raise ValueError("bytes where a number is expected")
    return value
