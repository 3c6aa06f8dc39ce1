"""What `vbench engine inspect` prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vbench.bench.engine_inspect import InspectedModel, InspectedPlan
    from vbench.engines.protocol import TensorInfo

_BYTES_PER_MIB = 1 << 20


def inspected_json(found: InspectedModel | InspectedPlan) -> str:
    """One JSON object."""

    def plain(value: object) -> str:
        if isinstance(value, Path):
            return str(value)
        raise TypeError(type(value).__name__)

    return json.dumps(asdict(found), indent=1, default=plain)


def inspected_lines(found: InspectedModel | InspectedPlan) -> Iterator[str]:
    """Lines for a terminal."""
    from vbench.bench.engine_inspect import InspectedModel

    kind = "ONNX model" if isinstance(found, InspectedModel) else "TensorRT engine"
    yield f"{found.file}: {kind}, {found.n_bytes / _BYTES_PER_MIB:.1f} MiB"
    yield f"sha256     {found.sha256}"
    yield from _model_lines(found) if isinstance(found, InspectedModel) else _plan_lines(found)


def _model_lines(found: InspectedModel) -> Iterator[str]:
    summary = found.summary
    if summary.producer:
        yield f"made by    {summary.producer}"
    yield "opset      " + ", ".join(f"{domain} {version}" for domain, version in summary.opsets)
    if found.external_data:
        yield f"weights in {', '.join(found.external_data)}"
    yield from _tensor_lines(summary.inputs, summary.outputs)
    yield "operators  " + ", ".join(f"{name} {count}" for name, count in summary.operators)


def _plan_lines(found: InspectedPlan) -> Iterator[str]:
    yield f"built by   TensorRT {found.tensorrt or 'of an unknown version'}"
    yield f"built on   {found.gpu or 'not written down; only TensorRT on that GPU can load it'}"
    if found.n_metadata_bytes:
        yield f"metadata   {found.n_metadata_bytes} bytes of its exporter before the engine"
    if found.content is None:
        yield f"not read   inputs, outputs, layers: {found.unread}"
        return
    yield from _tensor_lines(found.content.inputs, found.content.outputs)
    yield f"layers     {len(found.content.layers)}"
    for layer in found.content.layers:
        yield f"  {layer}"


def _tensor_lines(inputs: tuple[TensorInfo, ...], outputs: tuple[TensorInfo, ...]) -> Iterator[str]:
    for item in inputs:
        yield f"input      {item.text()}"
    for item in outputs:
        yield f"output     {item.text()}"
