"""Many golden sets of one kind each, and how often vbench was right about them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from judgement import (
    METRICS,
    Ratio,
    Units,
    length_of,
    naive_spread,
    pair_counts,
    recall_counts,
)
from ranked import ap_spread, true_average_precision
from scenes import Scenes, draw_footage, draw_pair

from vbench.gates.claim import Claim
from vbench.stats import holm, interval, lower_bound
from vbench.types import Spread

CONFIDENCE = 0.95
MARGINS = (0.0, 0.01)
NEVER = 1_000_000
"""More clips than there are."""
FAMILY = 10
"""Gates judged together, each on footage of its own: the case with the most false failures."""


@dataclass(frozen=True, slots=True)
class Trials:
    """One row of a table: a kind of footage, how many golden sets of it, and the seed."""

    scenes: Scenes
    n_trials: int
    seed: int
    drop: float = 0.0
    """True recall of the baseline less that of the candidate; only of comparisons."""


@dataclass(frozen=True, slots=True)
class Share:
    """How often something happened, and in how many trials."""

    n_hits: int
    n_trials: int

    def percent(self) -> float:
        return 100.0 * self.n_hits / self.n_trials

    def error(self) -> float:
        """Monte-Carlo standard error, in percent points."""
        share = (self.n_hits + 1) / (self.n_trials + 2)
        return 100.0 * float(np.sqrt(share * (1 - share) / self.n_trials))


Shares = dict[str, Share]


def coverage(trials: Trials) -> Shares:
    """How often 95 % intervals hold the truth: of each metric, and with independent frames.

    "too good" counts recalls below their one-sided bound.
    """
    scenes, rng = trials.scenes, _generator(trials)
    truths = {"recall": scenes.recall, "precision": scenes.precision, "F1": scenes.f1()}
    hits: Counter[str] = Counter()
    for trial in range(trials.n_trials):
        footage = draw_footage(rng, scenes)
        recall = recall_counts(footage)
        length = max(length_of(metric(footage), footage.clip) for metric in METRICS.values())
        units = Units(footage.clip, length, trial)
        for name, metric in METRICS.items():
            hits[name] += _covers(units.spread(metric(footage)), truths[name])
        hits["too good"] += _too_good(units.spread(recall), scenes.recall)
        hits["frames"] += _covers(naive_spread(recall), scenes.recall)
    return _shares(hits, trials.n_trials)


def few_clips(trials: Trials) -> Shares:
    """How often 95 % intervals of recall hold the truth, drawing blocks, clips and single frames.

    "here": the recall of the same clips, whatever was filmed in them; else of other clips too.
    """
    truth, rng = trials.scenes.recall, _generator(trials)
    hits: Counter[str] = Counter()
    for trial in range(trials.n_trials):
        footage = draw_footage(rng, trials.scenes)
        recall = recall_counts(footage)
        length = length_of(recall, footage.clip)
        drawn = {
            "blocks": Units(footage.clip, length, trial, min_clips=NEVER).spread(recall),
            "clips": Units(footage.clip, length, trial, min_clips=2).spread(recall),
            "frames": naive_spread(recall),
        }
        for name, spread in drawn.items():
            hits[name] += _covers(spread, truth)
            hits[f"{name} here"] += _covers(spread, footage.recall_here)
    return _shares(hits, trials.n_trials)


def ap_coverage(trials: Trials) -> Shares:
    """How often 95 % intervals hold the true AP at one IoU threshold."""
    truth = true_average_precision(trials.scenes)
    rng = _generator(trials)
    hits: Counter[str] = Counter()
    for trial in range(trials.n_trials):
        footage = draw_footage(rng, trials.scenes)
        spread = ap_spread(rng, footage, Units(footage.clip, 1, trial))
        hits["AP50"] += _covers(spread, truth)
        hits["too good"] += _too_good(spread, truth)
    return _shares(hits, trials.n_trials)


def verdicts(trials: Trials) -> Shares:
    """How often `not_worse` gates on recall fail and pass a candidate, for each margin."""
    hits: Counter[str] = Counter()
    rng = _generator(trials)
    for trial in range(trials.n_trials):
        now, before, units = _compared(rng, trials, trial)
        spread, naive = units.change(now, before), naive_spread(now, before)
        for margin in MARGINS:
            hits[f"fail {margin:g}"] += spread is not None and _p(spread, margin) <= 1 - CONFIDENCE
            hits[f"pass {margin:g}"] += spread is not None and _passes(spread, margin)
            hits[f"frames fail {margin:g}"] += _p(naive, margin) <= 1 - CONFIDENCE
            hits[f"frames pass {margin:g}"] += _passes(naive, margin)
    return _shares(hits, trials.n_trials)


def families(trials: Trials) -> Shares:
    """How often any of ten `not_worse` gates with margin 0 fails, corrected and not."""
    hits: Counter[str] = Counter()
    rng = _generator(trials)
    for trial in range(trials.n_trials):
        p_values, naive = [], []
        for gate in range(FAMILY):
            now, before, units = _compared(rng, trials, trial * FAMILY + gate)
            spread = units.change(now, before)
            p_values.append(1.0 if spread is None else _p(spread, 0.0))
            naive.append(_p(naive_spread(now, before), 0.0))
        hits["any"] += min(p_values) <= 1 - CONFIDENCE
        hits["any, Holm"] += min(holm(p_values)) <= 1 - CONFIDENCE
        hits["frames, any"] += min(naive) <= 1 - CONFIDENCE
        hits["frames, any, Holm"] += min(holm(naive)) <= 1 - CONFIDENCE
    return _shares(hits, trials.n_trials)


def of_length(scenes: Scenes, minutes: float) -> Scenes:
    """The same scenes in clips of about so many minutes: half to one and a half times as long."""
    return replace(scenes, shortest_min=0.5 * minutes, longest_min=1.5 * minutes)


def _compared(rng: np.random.Generator, trials: Trials, trial: int) -> tuple[Ratio, Ratio, Units]:
    pair = draw_pair(rng, trials.scenes, trials.scenes.recall + trials.drop)
    now, before = pair_counts(pair)
    length = max(length_of(now, pair.clip), length_of(before, pair.clip))
    return now, before, Units(pair.clip, length, trial)


def _p(spread: Spread, margin: float) -> float:
    return Claim(spread.value, -margin, at_least=True).p_value(spread)


def _passes(spread: Spread, margin: float) -> bool:
    claim = Claim(spread.value, -margin, at_least=True)
    return claim.is_met_by(claim.bound(spread, CONFIDENCE))


def _covers(spread: Spread | None, truth: float) -> bool:
    if spread is None:
        return False
    held = interval(spread, CONFIDENCE)
    return held.low <= truth <= held.high


def _too_good(spread: Spread | None, truth: float) -> bool:
    """Whether a gate that needs a lower bound would be promised too much."""
    return spread is not None and lower_bound(spread, CONFIDENCE) > truth


def _generator(trials: Trials) -> np.random.Generator:
    scenes = trials.scenes
    numbers = (scenes.recall, trials.drop, scenes.shortest_min)
    words = [round(1000 * number) for number in numbers]
    return np.random.default_rng([trials.seed, scenes.n_clips, *words])


def _shares(hits: Counter[str], n_trials: int) -> Shares:
    return {name: Share(count, n_trials) for name, count in hits.items()}
