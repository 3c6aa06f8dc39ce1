"""What a server says of a model's tensors, in the words of `vbench.engines.protocol`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, cast

from vbench.config.yaml_text import Plain
from vbench.engines.protocol import KeyPlace, TensorInfo
from vbench.errors import ModelError

Metadata: TypeAlias = Mapping[str, Plain]
"""A JSON object of the protocol."""

DTYPES = {
    "BOOL": "bool",
    "UINT8": "uint8",
    "UINT16": "uint16",
    "UINT32": "uint32",
    "UINT64": "uint64",
    "INT8": "int8",
    "INT16": "int16",
    "INT32": "int32",
    "INT64": "int64",
    "FP16": "float16",
    "FP32": "float32",
    "FP64": "float64",
}
"""The protocol's names of types that numpy has."""

DATATYPES = {dtype: name for name, dtype in DTYPES.items()}
"""Numpy's names -> the protocol's."""


def described_tensors(metadata: Metadata, key: str, place: KeyPlace) -> tuple[TensorInfo, ...]:
    """The model's inputs or outputs, as `key` says, from its metadata.

    Raises ModelError where there are none, or of a type that numpy does not have.
    """
    listed = metadata.get(key)
    if not isinstance(listed, list) or not listed:
        raise ModelError(
            f"the server lists no {key} of the model",
            where=place("model"),
            hint="complete the model's configuration on the server",
        )
    return tuple(_tensor(item, key, place) for item in listed)


def _tensor(item: Plain, key: str, place: KeyPlace) -> TensorInfo:
    try:
        if not isinstance(item, dict) or not isinstance(item["shape"], list):
            raise TypeError
        # gRPC's JSON has 64-bit numbers as texts.
        axes = [int(cast("int | str", axis)) for axis in item["shape"]]
        name, datatype = str(item["name"]), str(item["datatype"])
    except (KeyError, TypeError, ValueError):
        raise ModelError(
            f"the server's description of the model's {key} is not that of the protocol: {item}",
            where=place("model"),
            hint="is it a KServe v2 server?",
        ) from None
    if datatype not in DTYPES:
        why = "numpy has no such type" if datatype == "BF16" else "it is not a type of numbers"
        raise ModelError(
            f"the model's {key} have {name} of type {datatype}, which vbench does not take: {why}",
            where=place("model"),
            hint="export the model with FP32 inputs and outputs; it may compute in BF16 inside",
        )
    shape = tuple(axis if axis >= 0 else None for axis in axes)
    return TensorInfo(name, shape, DTYPES[datatype])
