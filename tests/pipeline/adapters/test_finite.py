"""NaN and infinity in a model's outputs: each is noticed, by the adapter or before it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tests.pipeline.adapters.made import decode, made
from tests.pipeline.files import frame
from vbench.config.input_entry import InputEntry
from vbench.config.post_entry import PostEntry
from vbench.config.yaml_text import Plain
from vbench.engines.protocol import EngineInfo, Tensor, TensorInfo
from vbench.errors import EngineError
from vbench.pipeline.adapters.adapter import Adapter
from vbench.pipeline.classes import ClassMap
from vbench.pipeline.detector import Detector

SIZE = (64, 64)
N_CLASSES = 3


def few(*shape: int) -> Tensor:
    """Numbers far below every floor, as logits too, of as many as a model gives."""
    return np.full(shape, -9, np.float32) + np.arange(shape[-1], dtype=np.float32) / 1000


N_CELLS = 64 + 16 + 4
N_ANCHORS = 9 * (64 + 16 + 4 + 1 + 1)

MODELS: dict[str, tuple[dict[str, Tensor], frozenset[str]]] = {
    "yolo_v8": ({"output0": few(1, 4 + N_CLASSES, 600)}, frozenset({"output0"})),
    "yolo_v5": ({"output0": few(1, 600, 5 + N_CLASSES)}, frozenset({"output0"})),
    "yolox": ({"output": few(1, N_CELLS, 5 + N_CLASSES)}, frozenset({"output"})),
    "nanodet": ({"output": few(1, N_CELLS + 1, N_CLASSES + 4 * 8)}, frozenset({"output"})),
    "rtdetr": (
        {"pred_boxes": few(1, 30, 4), "logits": few(1, 30, N_CLASSES)},
        frozenset({"logits"}),
    ),
    "retinanet": (
        {"scores": few(1, N_ANCHORS, N_CLASSES), "deltas": few(1, N_ANCHORS, 4)},
        frozenset({"scores"}),
    ),
    "centernet": (
        {"hm": few(1, N_CLASSES, 16, 16), "wh": few(1, 2, 16, 16), "reg": few(1, 2, 16, 16)},
        frozenset({"hm"}),
    ),
    "detr": ({"logits": few(1, 30, N_CLASSES + 1), "boxes": few(1, 30, 4)}, frozenset()),
    "ssd": ({"scores": few(1, 30, 1 + N_CLASSES), "boxes": few(1, 30, 4)}, frozenset()),
    "yolo_end2end": ({"output0": few(1, 30, 6)}, frozenset()),
}
"""Outputs, and which of them the adapter looks at itself."""

KEYS: dict[str, dict[str, Plain]] = {"nanodet": {"strides": [8, 16, 32, 64]}}


def adapter_of(name: str) -> Adapter:
    return made(name, N_CLASSES, SIZE, **KEYS.get(name, {}))


class FakeEngine:
    """Answers every image with the same outputs."""

    info = EngineInfo("fake", "1", "none", 1)
    inputs = (TensorInfo("images", (1, 3, SIZE[1], SIZE[0]), "float32"),)

    def __init__(self, outputs: dict[str, Tensor]) -> None:
        self.outputs = tuple(
            TensorInfo(name, tensor.shape, str(tensor.dtype)) for name, tensor in outputs.items()
        )
        self._answer = tuple(outputs.values())

    def run(self, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
        return self._answer

    def close(self) -> None:
        """Nothing is held."""


def detect(name: str, outputs: dict[str, Tensor]) -> int:
    """How many detections a whole detector makes of outputs."""
    engine = FakeEngine(outputs)

    def adapter_for(_size: tuple[int, int]) -> Adapter:
        adapter = adapter_of(name)
        adapter.check(engine.outputs)
        return adapter

    entry = InputEntry.model_validate({"size": list(SIZE), "color": "bgr"})
    classes = ClassMap(("a", "b", "c"), np.arange(N_CLASSES))
    detector = Detector("detect", engine, entry, adapter_for, PostEntry(), classes)
    return len(detector(frame(index=7))[0])


@pytest.mark.parametrize("name", MODELS)
def test_says_which_outputs_it_looks_at(name: str) -> None:
    outputs, checked = MODELS[name]
    adapter = adapter_of(name)
    decode(adapter, outputs)
    assert {list(outputs)[position] for position in adapter.finite_checked} == checked


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_every_output_is_looked_at_by_somebody(name: str, bad: float) -> None:
    outputs, checked = MODELS[name]
    assert detect(name, outputs) == 0
    for key, good in outputs.items():
        for place in (0, good.size // 2, good.size - 1):
            tensor = good.copy()
            tensor.flat[place] = bad
            broken = outputs | {key: tensor}
            with pytest.raises(EngineError, match=f'frame 7: output "{key}" holds NaN or infin'):
                detect(name, broken)
            if key in checked:
                with pytest.raises(EngineError, match=f'output "{key}" holds NaN or infinity'):
                    decode(adapter_of(name), broken)


def test_an_output_that_no_adapter_reads_is_looked_at() -> None:
    outputs, _ = MODELS["rtdetr"]
    with pytest.raises(EngineError, match='output "spare" holds NaN or infinity'):
        detect("rtdetr", outputs | {"spare": np.full((1, 2, 7), np.nan, np.float32)})


@pytest.mark.parametrize("name", ["yolo_v8", "yolo_v5", "rtdetr"])
def test_infinity_in_half_precision(name: str) -> None:
    outputs, checked = MODELS[name]
    (key,) = checked
    tensor = outputs[key].astype(np.float16)
    assert detect(name, outputs | {key: tensor}) == 0
    tensor.flat[3] = np.inf
    with pytest.raises(EngineError, match=f'output "{key}" holds NaN or infinity'):
        detect(name, outputs | {key: tensor})
