"""What every tensor engine looks like from outside.

An engine gets one input tensor and gives raw output tensors; it knows nothing of frames, boxes or
classes. A new engine is one module with a class of this shape and one branch in `registry`.
A replay of stored results runs no model and is no engine in this sense: see `replay`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Tensor: TypeAlias = npt.NDArray[np.generic]
"""An array of any dtype; `TensorInfo` says which."""

KeyPlace: TypeAlias = Callable[[str], str]
"""``file:line: key`` of a key of the engine's entry, for messages."""


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """An input or output of a model."""

    name: str
    shape: tuple[int | None, ...]
    """None where an axis may have any length."""
    dtype: str
    """Numpy's name: ``float32``, ``float16``, ``uint8``, ..."""

    def accepts(self, shape: tuple[int, ...]) -> bool:
        """Whether an array of this shape fits."""
        return len(shape) == len(self.shape) and all(
            want in (None, have) for have, want in zip(shape, self.shape, strict=True)
        )

    def text(self) -> str:
        """``images [1, 3, 416, 416] float32``; ``?`` stands for any length."""
        axes = ", ".join("?" if axis is None else str(axis) for axis in self.shape)
        return f"{self.name} [{axes}] {self.dtype}"


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What really runs: the same pipeline file may run differently on another machine."""

    type: str
    """For example ``onnxruntime``."""
    version: str
    provider: str
    """The device or execution provider that was verified to run, not the one asked for."""
    threads: int

    def text(self) -> str:
        """``onnxruntime 1.22.0 (CPUExecutionProvider, 1 thread)``."""
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        return f"{self.type} {self.version} ({self.provider}, {threads})"


class Engine(Protocol):
    """A loaded model."""

    @property
    def info(self) -> EngineInfo:
        """What really runs."""

    @property
    def inputs(self) -> tuple[TensorInfo, ...]:
        """The model's inputs in its own order."""

    @property
    def outputs(self) -> tuple[TensorInfo, ...]:
        """The model's outputs, in the order in which `run` returns them."""

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """Execute the model on its one input; returns when the outputs are on the host.

        `tensor` is only read, and only until `run` returns. The outputs belong to the caller.
        Raises EngineError.
        """

    def close(self) -> None:
        """Free the model and its device memory; calling it twice is fine."""
