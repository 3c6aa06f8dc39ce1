"""An engine that stands for a model on another device: it waits or is busy, and answers.

Pipeline file: ``{type: plugin, name: fake_gpu, takes: tensors, options: {...}}``. Options:
``size`` [width, height] of the input, ``n_classes``, ``n_anchors``, ``wait_ms`` without using a
processor, ``busy_ms`` of processor time. The answer is always the same: a YOLOv8-like head with
candidates around `OBJECTS` objects, or nothing where there are too few anchors for them.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vbench.config.engines.plugin import PluginEntry
from vbench.engines.protocol import EngineInfo, EngineSite, Tensor, TensorInfo
from vbench.errors import EngineError
from vbench.types import F32

OBJECTS = 5
CANDIDATES_EACH = 40
"""Above the usual floor, for each object, nearly on top of one another."""

_BLOCK = bytes(1 << 18)
"""What is hashed to keep a core busy; takes a fraction of a millisecond, without the GIL."""


def open_engine(entry: PluginEntry, _site: EngineSite) -> FakeGpu:
    """The engine; options that are missing have small defaults."""
    return FakeGpu(
        size=_numbers(entry, "size", [416, 416]),
        n_classes=int(_number(entry, "n_classes", 80)),
        n_anchors=int(_number(entry, "n_anchors", 8400)),
        wait_ms=_number(entry, "wait_ms", 0.0),
        busy_ms=_number(entry, "busy_ms", 0.0),
    )


def files_of(_entry: PluginEntry, _folder: Path) -> tuple[Path, ...]:
    """This file alone decides what is answered."""
    return (Path(__file__),)


class FakeGpu:
    """Always the same answer, after a while."""

    def __init__(
        self, size: Sequence[int], n_classes: int, n_anchors: int, wait_ms: float, busy_ms: float
    ) -> None:
        """Make the answer; times in ms of wall clock and of processor."""
        width, height = size
        self.info = EngineInfo("fake_gpu", "1.0", "nothing", threads=1 if busy_ms else None)
        self.inputs = (TensorInfo("images", (1, 3, height, width), "float32"),)
        self.outputs = (TensorInfo("output", (1, 4 + n_classes, n_anchors), "float32"),)
        self._answer = _answer(width, height, n_classes, n_anchors)
        self._wait_s = wait_ms / 1000
        self._busy_ns = round(1e6 * busy_ms)
        self._is_open = True

    def run(self, _tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Wait and be busy, then answer."""
        if not self._is_open:
            raise EngineError("the engine is closed", hint="open it again")
        if self._wait_s:
            time.sleep(self._wait_s)
        if self._busy_ns:
            digest = hashlib.sha256()
            until_ns = time.thread_time_ns() + self._busy_ns
            while time.thread_time_ns() < until_ns:
                digest.update(_BLOCK)
        return (self._answer,)

    def close(self) -> None:
        """There is nothing to free."""
        self._is_open = False


def _answer(width: int, height: int, n_classes: int, n_anchors: int) -> F32:
    """(1, 4 + n_classes, n_anchors): a weak background with a few strong objects in it."""
    random = np.random.default_rng(0)
    table: F32 = np.zeros((4 + n_classes, n_anchors), np.float32)
    table[:2] = random.uniform(0, 1, (2, n_anchors)) * [[width], [height]]
    table[2:4] = random.uniform(8, 64, (2, n_anchors))
    table[4:] = random.uniform(0, 0.005, (n_classes, n_anchors))
    if n_anchors >= OBJECTS * CANDIDATES_EACH:
        # Spread over the head, as the anchors of an object on three levels are.
        anchors = random.permutation(n_anchors)[: OBJECTS * CANDIDATES_EACH]
        for number, of_object in enumerate(np.array_split(anchors, OBJECTS)):
            centre = np.array([[(number + 0.5) * width / OBJECTS], [height / 2]])
            jitter = random.normal(0, 2, (2, len(of_object)))
            table[:2, of_object] = centre + jitter
            table[2:4, of_object] = np.array([[width / 8], [height / 4]]) + jitter
            table[4 + number % n_classes, of_object] = random.uniform(0.02, 0.9, len(of_object))
    table.flags.writeable = False
    return table[np.newaxis]


def _number(entry: PluginEntry, key: str, default: float) -> float:
    value = entry.options.get(key, default)
    if isinstance(value, int | float):
        return float(value)
    raise ValueError(f"{key} is not a number")


def _numbers(entry: PluginEntry, key: str, default: list[int]) -> list[int]:
    value = entry.options.get(key, default)
    if isinstance(value, list):
        return [int(number) for number in value]
    raise ValueError(f"{key} is not a list of numbers")
