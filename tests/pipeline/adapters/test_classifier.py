from __future__ import annotations

import math

import numpy as np
import pytest

from tests.pipeline.adapters.made import PLACE, f32, info
from vbench.config.output_entries import ClassifierOutput
from vbench.engines.protocol import Tensor
from vbench.errors import ConfigError, EngineError, ModelError
from vbench.pipeline.adapters.adapter import ModelFacts
from vbench.pipeline.adapters.classifier import ClassifierAdapter

LN = math.log


def classify(values: Tensor, n_classes: int = 3, **keys: object) -> tuple[int, float]:
    entry = ClassifierOutput.model_validate({"adapter": "classifier"} | keys)
    adapter = ClassifierAdapter(entry, ModelFacts(n_classes, (64, 64), PLACE))
    adapter.check([info("logits", values)])
    return adapter.classify([values])


def classify_all(crops: list[list[list[float]]]) -> list[tuple[int, float]]:
    """What one adapter says of several crops."""
    entry = ClassifierOutput.model_validate({"adapter": "classifier"})
    adapter = ClassifierAdapter(entry, ModelFacts(3, (64, 64), PLACE))
    return [adapter.classify([f32(values)]) for values in crops]


@pytest.mark.parametrize(
    ("values", "activation", "answer"),
    [
        # exp: 1, 6, 1.
        ([[0, LN(6), 0]], "softmax", (1, 0.75)),
        ([[0.1, 0.2, 0.7]], "none", (2, 0.7)),
        ([[LN(3), 0, -1]], "sigmoid", (0, 0.75)),
        # Equal scores: the first.
        ([[0.4, 0.4, 0.2]], "none", (0, 0.4)),
        ([[[[0]], [[LN(2)]], [[0]]]], "softmax", (1, 0.5)),
        # No overflow.
        ([[0, 5000, 0]], "softmax", (1, 1.0)),
    ],
)
def test_hand_computed(values: list[object], activation: str, answer: tuple[int, float]) -> None:
    class_index, score = classify(f32(values), activation=activation)
    assert class_index == answer[0]
    assert score == pytest.approx(answer[1])


def test_activation_that_does_not_fit_is_named() -> None:
    with pytest.raises(ModelError, match=r"probabilities already.*`activation: none`"):
        classify_all([[[0.1, 0.2, 0.7]]] * 4)
    with pytest.raises(ModelError, match=r"score of 5, expected 0 to 1.*`activation: softmax`"):
        classify(f32([[1, 5, 0]]), activation="none")


def test_logits_may_look_like_probabilities_by_chance() -> None:
    by_chance = [[0.1, 0.2, 0.7]]
    answers = classify_all([by_chance, [[0, 5, 0]], *[by_chance] * 6])
    assert [index for index, _ in answers] == [2, 1, *[2] * 6]


def test_what_does_not_fit() -> None:
    with pytest.raises(ModelError, match=r"is \[1, 1000\]; classifier with 3 classes needs"):
        classify(np.zeros((1, 1000), np.float32))
    with pytest.raises(ConfigError, match=r'no output "prob".*known: logits'):
        classify(f32([[0, 0, 1]]), output="prob")
    with pytest.raises(EngineError, match="NaN"):
        classify(f32([[0, math.nan, 1]]))
