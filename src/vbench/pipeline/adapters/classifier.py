"""Classifiers: one row of class values, the best of which is the answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vbench.config.model_file import closest
from vbench.config.output_entries import ClassifierOutput
from vbench.engines.protocol import Tensor, TensorInfo
from vbench.errors import ConfigError, EngineError, ModelError
from vbench.pipeline.adapters.adapter import ModelFacts, Shape, fits, misfit, only_output
from vbench.pipeline.adapters.scores import activated

_ROUNDING = 1e-3
"""How far the sum of probabilities may be from 1, or one of them outside of 0..1."""

_ENOUGH_ALIKE = 4
"""Answers that look like probabilities, from the first one on, before logits are ruled out."""


class ClassifierAdapter:
    """[1, C], also [1, C, 1, 1] -> the best class and its score."""

    def __init__(self, entry: ClassifierOutput, facts: ModelFacts) -> None:
        """Remember what the output must look like."""
        self._entry = entry
        self._facts = facts
        self._position = 0
        self._n_alike: int | None = 0
        """Answers so far, all of which look like probabilities; None once one did not."""

    def check(self, outputs: Sequence[TensorInfo]) -> None:
        """Find the output; raises ModelError, or ConfigError for a name the model lacks."""
        name = self._entry.output
        if name is None:
            output = only_output(outputs, "classifier without `output`", self._facts.place)
        else:
            names = [item.name for item in outputs]
            if name not in names:
                raise ConfigError(
                    f'the model has no output "{name}"',
                    where=self._facts.place,
                    hint=closest(name, names),
                )
            self._position = names.index(name)
            output = outputs[self._position]
        self._check_shape(output.shape)

    def classify(self, outputs: Sequence[Tensor]) -> tuple[int, float]:
        """Index into the class list of the best class, and its score in 0..1.

        Equal scores: the first class.

        Raises:
            ModelError: a shape that the model left open does not fit, or `activation` is not the
                one that the model's values need.
            EngineError: a value is not finite.
        """
        self._check_shape(outputs[self._position].shape)
        values = np.asarray(outputs[self._position], np.float32).reshape(-1)
        if not np.isfinite(values).all():
            raise EngineError(
                "the classifier's output holds NaN or infinity",
                hint="check the model and its input's scale, mean and std",
            )
        inside = values.min() >= -_ROUNDING and values.max() <= 1 + _ROUNDING
        if self._entry.activation == "none" and not inside:
            raise ModelError(
                f"the model gave a score of {values.max():g}, expected 0 to 1",
                where=self._facts.place,
                hint="these are logits: write `activation: softmax`",
            )
        if self._entry.activation == "softmax" and self._are_probabilities(values, inside):
            raise ModelError(
                "the model's values are probabilities already: they are in 0..1 and add up to 1",
                where=self._facts.place,
                hint="write `activation: none`",
            )
        scores = activated(values, self._entry.activation)
        best = int(scores.argmax())
        return best, min(max(float(scores[best]), 0.0), 1.0)

    def _are_probabilities(self, values: Tensor, inside: bool) -> bool:
        """Whether all answers so far were probabilities: logits are like them by chance only."""
        alike = inside and abs(float(values.sum()) - 1.0) <= _ROUNDING
        if self._facts.n_classes == 1 or not alike:
            self._n_alike = None
        elif self._n_alike is not None:
            self._n_alike += 1
        return self._n_alike is not None and self._n_alike >= _ENOUGH_ALIKE

    def _check_shape(self, shape: Shape) -> None:
        n = self._facts.n_classes
        if not (fits(shape, 1, n) or fits(shape, 1, n, 1, 1)):
            raise misfit(
                shape,
                f"classifier with {n} classes needs [1, {n}]",
                self._facts.place,
                "do `classes` list the model's own classes, all of them?",
            )
