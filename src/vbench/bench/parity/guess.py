"""What may lie behind a difference, and how well it explains it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeAlias

CauseKind = Literal[
    "color_order",
    "anchor",
    "resize",
    "rectangular",
    "scale",
    "mean_std",
    "interpolation",
    "pad",
    "color_range",
    "color_matrix",
    "class_offset",
    "class_map",
    "box_form",
    "box_scale",
    "axes_swapped",
    "box_mapping",
    "score_floor",
    "nms",
    "output_order",
    "transposed",
    "sigmoid",
    "model",
]

Letter = Literal["A", "B"]


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that the two pipelines do differently."""

    kind: CauseKind
    title: str
    """For example ``red and blue are swapped``."""
    key: str
    """Key of a detector's entry, for example ``input.color``; empty where there is none."""
    value_a: str
    """What A does, as the key would say it."""
    value_b: str


def cause_of(
    kind: CauseKind, title: str, key: str, of_varied: str, of_other: str, varied: Letter
) -> Cause:
    """A cause from what the side `varied` does and what the other one does."""
    of_a, of_b = (of_varied, of_other) if varied == "A" else (of_other, of_varied)
    return Cause(kind, title, key, of_a, of_b)


@dataclass(frozen=True, slots=True)
class Guess:
    """The causes that together explain a difference best."""

    causes: tuple[Cause, ...]
    """None: unknown."""
    explained: float
    """0..1 of the mean difference that is gone with them."""
    exact: bool
    """Whether nothing beyond the tolerance is left."""
    basis: str
    """What was compared with what."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is left of a difference under a hypothesis."""

    causes: tuple[Cause, ...]
    left: float
    """Mean difference, in any unit."""
    exact: bool
    """Nothing beyond the tolerance."""
    close: bool = False
    """What is left may be rounding."""


Evaluate: TypeAlias = Callable[[tuple[int, ...]], Trial | None]
"""What is left when the changes with these numbers are made; None where they do not apply."""

_LEAST = 0.5
"""Share of the difference below which a cause is no explanation."""
_MUCH_BETTER = 0.5
"""A second cause must leave less than this share of what the first one leaves."""


def best_guess(
    kinds: Sequence[CauseKind],
    evaluate: Evaluate,
    baseline: float,
    basis: str,
    *,
    beam: int | None = None,
) -> Guess:
    """Try every change, then every pair of two kinds where none explains all.

    Args:
        kinds: the kind of each change; two of a kind exclude each other.
        evaluate: what is left after changes.
        baseline: the mean difference without any, above 0, in the unit of `Trial.left`.
        basis: for the answer.
        beam: try only pairs with one of so many best single changes; None tries all.
    """
    singles = _tried(((one,) for one in range(len(kinds))), evaluate, baseline)
    best = singles[0][1] if singles else None
    if best is None or not best.exact:
        likely = {numbers[0] for numbers, _ in singles[:beam]}
        two_kinds = (
            (one, two)
            for one, two in combinations(range(len(kinds)), 2)
            if kinds[one] != kinds[two] and (beam is None or not likely.isdisjoint((one, two)))
        )
        pairs = _tried(two_kinds, evaluate, baseline)
        pair = pairs[0][1] if pairs else None
        if pair is not None and (best is None or _is_worth_it(pair, best, baseline)):
            best = pair
    if best is None:
        return Guess((), 0.0, False, basis)
    explained = min(1.0, max(0.0, 1.0 - best.left / baseline))
    if explained < _LEAST and not best.exact:
        return Guess((), explained, False, basis)
    return Guess(best.causes, explained, best.exact, basis)


def _tried(
    changes: Iterable[tuple[int, ...]], evaluate: Evaluate, baseline: float
) -> list[tuple[tuple[int, ...], Trial]]:
    """What can be evaluated: exact trials first, as given, then those that leave least."""
    trials = [(numbers, evaluate(numbers)) for numbers in changes]
    found = [(numbers, trial) for numbers, trial in trials if trial is not None]

    def rank(item: tuple[tuple[int, ...], Trial]) -> tuple[int, float]:
        tier = _tier(item[1], baseline)
        return tier, item[1].left if tier else 0.0

    return sorted(found, key=rank)


def _tier(trial: Trial, baseline: float) -> int:
    """0: exact. 1: but for rounding. 2: something else is left."""
    if trial.exact:
        return 0
    return 1 if trial.close and trial.left < (1.0 - _LEAST) * baseline else 2


def _is_worth_it(pair: Trial, single: Trial, baseline: float) -> bool:
    if pair.exact or _tier(single, baseline) < 2:
        return pair.exact
    return _tier(pair, baseline) < 2 or pair.left < _MUCH_BETTER * single.left
