"""From a model's class values to scores, and from rows of scores to candidates."""

from __future__ import annotations

import math
from typing import Literal, assert_never

import numpy as np

from vbench.kernels.filter_rows import strong_values
from vbench.pipeline.adapters.adapter import Candidates, not_finite
from vbench.types.arrays import F32, I64

_LOWEST_LOGIT = np.float32(-87)
"""exp(87) is the last whole exponent that a float32 holds."""

_NEARLY_ONE = np.float32(15)
"""A float32 sigmoid reaches 1 only above it."""

_MARGIN = np.float32(1e-3)
"""Logits this far below the floor's own are still looked at: rounding must not decide."""


def sigmoid(values: F32) -> F32:
    """1 / (1 + exp(-x)), without overflow."""
    one = np.float32(1)
    scores: F32 = one / (one + np.exp(-np.maximum(values, _LOWEST_LOGIT)))
    return scores


def softmax(values: F32) -> F32:
    """Softmax over the last axis."""
    raised = np.exp(values - values.max(axis=-1, keepdims=True))
    scores: F32 = raised / raised.sum(axis=-1, keepdims=True)
    return scores


def activated(values: F32, activation: Literal["none", "sigmoid", "softmax"]) -> F32:
    """Scores from class values; softmax goes over the last axis."""
    match activation:
        case "none":
            return values
        case "sigmoid":
            return sigmoid(values)
        case "softmax":
            return softmax(values)
        case _:
            assert_never(activation)


def value_floor(floor: float, activation: Literal["none", "sigmoid"]) -> np.float32:
    """A class value that no value with a score of at least `floor` is below."""
    if activation == "none":
        return np.float32(floor)
    if floor <= 0:
        return np.float32(-np.inf)
    if floor >= 1:
        return _NEARLY_ONE
    return np.float32(math.log(floor / (1 - floor))) - _MARGIN


def pairs_above(
    values: F32,
    floor: float,
    activation: Literal["none", "sigmoid"],
    output: str,
    *,
    first_column: int = 0,
) -> tuple[I64, I64, F32]:
    """Row, column and score of every value of a table whose score is at least `floor`.

    Args:
        values: (N, C) float32, all of which are read.
        floor: lowest score.
        activation: what makes scores of values.
        output: the table's name, for messages.
        first_column: columns before it are left out; the others count from it.

    Raises:
        EngineError: a value is not finite.
    """
    flat = np.ascontiguousarray(values).reshape(-1)
    found, finite = strong_values(flat, value_floor(floor, activation))
    if not finite:
        raise not_finite(output)
    row, column = np.divmod(found, values.shape[1])
    scores = activated(flat[found], activation)
    kept = (scores >= floor) & (column >= first_column)
    return row[kept], column[kept] - first_column, scores[kept]


def best_class(boxes_xyxy: F32, class_scores: F32, floor: float) -> Candidates:
    """One candidate per row of (N, 4) boxes and (N, C) scores, of its best class."""
    best = class_scores.max(axis=1, initial=0.0)
    alive = np.flatnonzero(best >= floor)
    return Candidates(boxes_xyxy[alive], best[alive], class_scores[alive].argmax(axis=1))
