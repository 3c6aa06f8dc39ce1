"""What may lie behind a difference, and how well it explains it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
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
"""A further cause must leave less than this share of what is left without it."""


def best_guess(
    kinds: Sequence[CauseKind],
    evaluate: Evaluate,
    baseline: float,
    basis: str,
    *,
    beam: int | None = None,
    measured: int | None = None,
) -> Guess:
    """Try every change, then pairs of two kinds, then triples, until something explains all.

    Args:
        kinds: the kind of each change; two of a kind exclude each other.
        evaluate: what is left after changes.
        baseline: the mean difference without any, above 0, in the unit of `Trial.left`.
        basis: for the answer.
        beam: try only pairs with one of so many best single changes; None tries all.
        measured: a change that needs no trying, since it is read off the other side: it is made
            with every pair too, as it may hide what the two explain. None: no triples.
    """
    found = _tried(((one,) for one in range(len(kinds))), evaluate, baseline)
    best = found[0][1] if found else None
    if best is None or not best.exact:
        likely = [numbers[0] for numbers, _ in found[:beam]]
        pairs = _pairs(kinds, None if beam is None else likely)
        found = _tried(pairs, evaluate, baseline)
        best = _better(best, found, baseline)
    if measured is not None and (best is None or not best.exact):
        triples = (
            (*pair, measured)
            for pair in _pairs(kinds, None)
            if kinds[measured] not in (kinds[pair[0]], kinds[pair[1]])
        )
        best = _better(best, _tried(triples, evaluate, baseline), baseline)
    explained = 0.0 if best is None else min(1.0, max(0.0, 1.0 - best.left / baseline))
    if best is None or (explained == 0.0 and not best.exact):
        return Guess((), 0.0, False, f"nothing that was tried explains any of it; {basis}")
    if explained < _LEAST and not best.exact:
        return Guess((), explained, False, basis)
    return Guess(best.causes, explained, best.exact, basis)


def _pairs(kinds: Sequence[CauseKind], likely: list[int] | None) -> Iterator[tuple[int, ...]]:
    """Two changes of two kinds, one of them `likely` where that is given."""
    for one, two in combinations(range(len(kinds)), 2):
        if kinds[one] != kinds[two] and (likely is None or one in likely or two in likely):
            yield one, two


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


def _better(
    best: Trial | None, found: list[tuple[tuple[int, ...], Trial]], baseline: float
) -> Trial | None:
    """The best of `found`, where its further cause is worth it; else `best`."""
    more = found[0][1] if found else None
    if more is None or (best is not None and not _is_worth_it(more, best, baseline)):
        return best
    return more


def _is_worth_it(more: Trial, best: Trial, baseline: float) -> bool:
    if more.exact or _tier(best, baseline) < 2:
        return more.exact
    return _tier(more, baseline) < 2 or more.left < _MUCH_BETTER * best.left
