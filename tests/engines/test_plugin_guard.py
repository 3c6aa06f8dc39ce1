from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
import pytest

from vbench.engines.plugin_guard import guarded
from vbench.engines.protocol import (
    ClipFacts,
    EngineInfo,
    FrameAnswer,
    FrameEngine,
    Tensor,
    TensorEngine,
    TensorInfo,
)
from vbench.errors import EngineError
from vbench.types import Frame

X = np.ones((1, 4), np.float32)
FRAME = Frame(0, 0.0, np.zeros((4, 4, 3), np.uint8), "bgr")
NOTHING = FrameAnswer(np.zeros((0, 4)), np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64))


class Tensors:
    """A tensor engine that answers what it is told to."""

    info: object = EngineInfo("acme", "1", "abacus", 1)
    inputs: object = (TensorInfo("x", (1, None), "float32"),)
    outputs: object = (TensorInfo("y", (1, None), "float32"),)

    def __init__(self, answer: Callable[[list[Tensor]], object]) -> None:
        self.answer = answer

    def run(self, tensors: list[Tensor]) -> object:
        return self.answer(tensors)

    def close(self) -> None:
        raise OSError("no such device")


class Frames:
    """A frame engine that answers what it is told to."""

    info = EngineInfo("acme", "1", "abacus", 1)

    def __init__(self, answer: Callable[[Frame], object]) -> None:
        self.answer = answer

    def begin_clip(self, clip: ClipFacts) -> None:
        if clip.id == "bad":
            raise KeyError(clip.id)

    def detect(self, frame: Frame) -> object:
        return self.answer(frame)

    def close(self) -> None:
        pass


def tensors(answer: Callable[[list[Tensor]], object], **members: object) -> TensorEngine:
    engine = Tensors(answer)
    for name, value in members.items():
        setattr(engine, name, value)
    behind = guarded(cast(TensorEngine, engine), "acme")
    assert isinstance(behind, TensorEngine)
    return behind


def frames(answer: Callable[[Frame], object]) -> FrameEngine:
    behind = guarded(cast(FrameEngine, Frames(answer)), "acme")
    assert isinstance(behind, FrameEngine)
    return behind


def test_what_keeps_the_contract_passes() -> None:
    engine = tensors(lambda given: [given[0] * 2])
    (output,) = engine.run([X])
    np.testing.assert_array_equal(output, X * 2)
    assert engine.info.type == "acme"
    assert frames(lambda _frame: NOTHING).detect(FRAME) is NOTHING


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda given: None, "returned a NoneType instead of 1 arrays"),
        (lambda given: given[0], "returned a ndarray instead of 1 arrays"),
        (lambda given: (given[0], given[0]), "returned a tuple of 2 instead of 1 arrays"),
        (lambda given: ([1.0],), r"announced y \[1, \?\] float32, but returned a list"),
        (lambda given: (given[0][0],), r"but returned \[4\] float32"),
        (lambda given: (given[0].astype(np.float64),), r"but returned \[1, 4\] float64"),
        (lambda given: 1 / 0, 'engine "acme" failed to run: ZeroDivisionError'),
    ],
)
def test_answers_that_are_no_tensors(answer: Callable[[list[Tensor]], object], words: str) -> None:
    with pytest.raises(EngineError, match=words) as caught:
        tensors(answer).run([X])
    assert caught.value.hint


def test_tensors_are_checked_before_the_plugin_sees_them() -> None:
    with pytest.raises(EngineError, match=r"takes x \[1, \?\] float32, given \[4\] float32"):
        tensors(lambda given: 1 / 0).run([X[0]])


@pytest.mark.parametrize(
    ("member", "value", "words"),
    [
        ("info", "acme 1", '`info` of engine "acme" is a str, not the EngineInfo'),
        ("inputs", ["x"], '`inputs` of engine "acme" is a str, not the TensorInfo'),
        ("outputs", 3, '`outputs` of engine "acme" is no sequence'),
    ],
)
def test_facts_that_are_not_of_their_type(member: str, value: object, words: str) -> None:
    with pytest.raises(EngineError, match=words):
        tensors(lambda given: given, **{member: value})


def test_frame_engines() -> None:
    with pytest.raises(EngineError, match=r"`detect` of engine .* is a list, not the FrameAnswer"):
        frames(lambda frame: []).detect(FRAME)
    with pytest.raises(EngineError, match="failed to detect: AttributeError"):
        frames(lambda frame: frame.pixels).detect(FRAME)  # type: ignore[attr-defined]
    with pytest.raises(EngineError, match="failed to begin a clip: KeyError: 'bad'"):
        frames(lambda frame: NOTHING).begin_clip(ClipFacts("bad", 4, 4, 25.0))


def test_closing() -> None:
    with pytest.raises(EngineError, match="failed to close: OSError: no such device"):
        tensors(lambda given: given).close()
