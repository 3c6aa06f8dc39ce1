"""Why the raw outputs of two models differ on equal input tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from vbench.bench.parity.guess import Cause, CauseKind, Guess, Trial, best_guess, cause_of
from vbench.engines.protocol import Tensor
from vbench.report.numbers import plural

_MOST_OUTPUTS = 4
"""Outputs whose orders are tried; more would be too many orders."""


@dataclass(frozen=True, slots=True)
class _OutputChange:
    kind: CauseKind
    cause: Cause
    outputs: Callable[[Sequence[Tensor]], Sequence[Tensor]]


def explain_outputs(
    a: Sequence[Sequence[Tensor]], b: Sequence[Sequence[Tensor]], tolerance: float, files: str
) -> Guess:
    """What turns A's outputs of some frames into B's.

    Args:
        a: outputs of each frame.
        b: the same of the other side.
        tolerance: share of the range of each of B's outputs.
        files: whether the models' files are the same, for the case that it is the model.
    """
    changes = list(_changes(len(a[0])))

    def evaluate(numbers: tuple[int, ...]) -> Trial | None:
        frames = list(a)
        for number in numbers:
            frames = [changes[number].outputs(outputs) for outputs in frames]
        left, exact = _apart(frames, b, tolerance)
        causes = tuple(changes[number].cause for number in numbers)
        return None if left is None else Trial(causes, left, exact)

    basis = f"raw outputs of {plural(len(a), 'frame')}"
    baseline, _ = _apart(a, b, tolerance)
    guess = best_guess([change.kind for change in changes], evaluate, baseline or 1.0, basis)
    if guess.causes and guess.exact:
        return guess
    cause = Cause(
        "model",
        "equal input, other output: it is the model or what runs it",
        "engine",
        files,
        files,
    )
    return Guess((cause,), 0.0, False, basis)


def _changes(n_outputs: int) -> list[_OutputChange]:
    found = []
    if 1 < n_outputs <= _MOST_OUTPUTS:
        for order in list(permutations(range(n_outputs)))[1:]:
            cause = cause_of(
                "output_order", "the outputs come in another order", "output",
                str(list(range(n_outputs))), str(list(order)), "A",
            )  # fmt: skip
            found.append(_OutputChange("output_order", cause, _reordered(order)))
    cause = cause_of("transposed", "rows and columns are exchanged", "output", "as is",
                     "transposed", "A")  # fmt: skip
    found.append(_OutputChange("transposed", cause, _transposed))
    title = "one model ends in a sigmoid, the other does not"
    cause = cause_of("sigmoid", title, "output", "as is", "sigmoid", "A")
    found.append(_OutputChange("sigmoid", cause, _sigmoid))
    cause = cause_of("sigmoid", title, "output", "sigmoid", "as is", "A")
    found.append(_OutputChange("sigmoid", cause, _logit))
    return found


def _reordered(order: Sequence[int]) -> Callable[[Sequence[Tensor]], Sequence[Tensor]]:
    return lambda outputs: [outputs[position] for position in order]


def _transposed(outputs: Sequence[Tensor]) -> Sequence[Tensor]:
    return [one.swapaxes(-1, -2) if one.ndim > 1 else one for one in outputs]


def _sigmoid(outputs: Sequence[Tensor]) -> Sequence[Tensor]:
    return [1.0 / (1.0 + np.exp(-np.clip(one, -500.0, 500.0, dtype=np.float64))) for one in outputs]


def _logit(outputs: Sequence[Tensor]) -> Sequence[Tensor]:
    inside = [np.clip(one.astype(np.float64), 1e-12, 1 - 1e-12) for one in outputs]
    return [np.log(one / (1.0 - one)) for one in inside]


def _apart(
    a: Sequence[Sequence[Tensor]], b: Sequence[Sequence[Tensor]], tolerance: float
) -> tuple[float | None, bool]:
    """Mean difference as a share of the range, and whether all is within the tolerance."""
    shares: list[float] = []
    exact = True
    for of_a, of_b in zip(a, b, strict=True):
        if [one.shape for one in of_a] != [one.shape for one in of_b]:
            return None, False
        for x, y in zip(of_a, of_b, strict=True):
            span = float(np.ptp(y)) if y.size else 0.0
            apart = np.abs(x.astype(np.float64) - y.astype(np.float64)) / (span or 1.0)
            shares.append(float(apart.mean()) if y.size else 0.0)
            exact &= bool(np.all(apart <= tolerance))
    return float(np.mean(shares)) if shares else 0.0, exact
