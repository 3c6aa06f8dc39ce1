"""Engines of other packages, held to the contract: whatever they do wrong is an EngineError."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import numpy as np

from vbench.engines.model_checks import check_tensors
from vbench.engines.printable import printable
from vbench.engines.protocol import (
    ClipFacts,
    Engine,
    EngineInfo,
    FrameAnswer,
    FrameEngine,
    Tensor,
    TensorEngine,
    TensorInfo,
)
from vbench.errors import EngineError, VbenchError
from vbench.types.frame import Frame

_Value = TypeVar("_Value")

_HINT = "this is an error of the engine's own package: update or repair it"


def guarded(engine: Engine, name: str) -> Engine:
    """The engine of the plugin of this name, behind a guard."""
    if isinstance(engine, TensorEngine):
        return GuardedTensorEngine(engine, name)
    return GuardedFrameEngine(engine, name)


def called(name: str, doing: str, call: Callable[[], _Value]) -> _Value:
    """What a plugin's code returns; what it raises is an EngineError, but for vbench's own."""
    try:
        return call()
    except VbenchError:
        raise
    except Exception as error:
        raise EngineError(
            f'engine "{name}" failed {doing}: {type(error).__name__}: {printable(str(error))}',
            hint=_HINT,
        ) from error


class GuardedTensorEngine:
    """A tensor engine of another package."""

    def __init__(self, engine: TensorEngine, name: str) -> None:
        """Ask the engine what it is. Raises EngineError."""
        self._engine = engine
        self._name = name
        self.info = _instance(name, "info", engine.info, EngineInfo)
        self.inputs = _infos(name, "inputs", engine.inputs)
        self.outputs = _infos(name, "outputs", engine.outputs)

    def run(self, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Execute the model. Raises EngineError."""
        check_tensors(self.inputs, tensors)
        outputs: object = called(self._name, "to run", lambda: self._engine.run(tensors))
        if not isinstance(outputs, tuple | list) or len(outputs) != len(self.outputs):
            n = f" of {len(outputs)}" if isinstance(outputs, tuple | list) else ""
            raise EngineError(
                f'engine "{self._name}" returned a {type(outputs).__name__}{n} instead of '
                f"{len(self.outputs)} arrays",
                hint=_HINT,
            )
        for info, output in zip(self.outputs, outputs, strict=True):
            _check_output(self._name, info, output)
        return tuple(outputs)

    def close(self) -> None:
        """Free the model."""
        called(self._name, "to close", self._engine.close)


class GuardedFrameEngine:
    """A frame engine of another package."""

    def __init__(self, engine: FrameEngine, name: str) -> None:
        """Ask the engine what it is. Raises EngineError."""
        self._engine = engine
        self._name = name
        self.info = _instance(name, "info", engine.info, EngineInfo)

    def begin_clip(self, clip: ClipFacts) -> None:
        """A new clip starts. Raises EngineError."""
        called(self._name, "to begin a clip", lambda: self._engine.begin_clip(clip))

    def detect(self, frame: Frame) -> FrameAnswer:
        """Detections of a frame. Raises EngineError."""
        answer = called(self._name, "to detect", lambda: self._engine.detect(frame))
        return _instance(self._name, "detect", answer, FrameAnswer)

    def close(self) -> None:
        """Free what is held."""
        called(self._name, "to close", self._engine.close)


def _instance(name: str, member: str, value: object, kind: type[_Value]) -> _Value:
    if not isinstance(value, kind):
        raise EngineError(
            f'`{member}` of engine "{name}" is a {type(value).__name__}, not the {kind.__name__} '
            "of vbench",
            hint=_HINT,
        )
    return value


def _infos(name: str, member: str, infos: object) -> tuple[TensorInfo, ...]:
    if not isinstance(infos, Iterable):
        raise EngineError(f'`{member}` of engine "{name}" is no sequence', hint=_HINT)
    return tuple(_instance(name, member, info, TensorInfo) for info in infos)


def _check_output(name: str, info: TensorInfo, output: object) -> None:
    if not isinstance(output, np.ndarray):
        what = f"a {type(output).__name__}"
    elif not info.accepts(output.shape) or output.dtype.name != info.dtype:
        what = f"{list(output.shape)} {output.dtype.name}"
    else:
        return
    raise EngineError(f'engine "{name}" announced {info.text()}, but returned {what}', hint=_HINT)
