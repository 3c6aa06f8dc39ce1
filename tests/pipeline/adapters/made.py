"""Adapters as a pipeline file would make them, and the tensors that a model would declare."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.config.output_entries import make_output_entry
from vbench.config.yaml_text import Plain
from vbench.engines.protocol import Tensor, TensorInfo
from vbench.pipeline.adapters.adapter import Adapter, Candidates, ModelFacts
from vbench.pipeline.adapters.registry import make_adapter

PLACE = "p.yaml:9: stages[0].output"


def made(
    name: str, n_classes: int, input_size: tuple[int, int] = (64, 32), /, **keys: Plain
) -> Adapter:
    entry = make_output_entry({"adapter": name} | keys)
    return make_adapter(entry, ModelFacts(n_classes, input_size, PLACE))


def info(name: str, tensor: Tensor) -> TensorInfo:
    return TensorInfo(name, tensor.shape, str(tensor.dtype))


def decode(
    adapter: Adapter,
    outputs: dict[str, Tensor],
    floor: float = 0.3,
) -> Candidates:
    """Check what the outputs declare, then decode them."""
    adapter.check([info(name, tensor) for name, tensor in outputs.items()])
    return adapter.decode(list(outputs.values()), floor)


def f32(rows: Sequence[object] | float) -> Tensor:
    return np.array(rows, np.float32)


def expect(
    found: Candidates,
    boxes_xyxy: Sequence[Sequence[float]],
    scores: Sequence[float],
    class_index: Sequence[int],
) -> None:
    np.testing.assert_allclose(found.boxes_xyxy, np.reshape(boxes_xyxy, (-1, 4)), rtol=1e-5)
    np.testing.assert_allclose(found.scores, scores, rtol=1e-5)
    assert found.class_index.tolist() == list(class_index)
