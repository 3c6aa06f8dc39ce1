"""What vbench makes of synthetic footage, through the functions that the product uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from scenes import Footage, Pair

from vbench.metrics.resampling import MIN_CLIPS
from vbench.stats import block_length, block_weights, clip_weights, cut, spread_of
from vbench.types import F64, I64, Scale, Spread
from vbench.types import Units as UnitKind

N_RESAMPLES = 1000
_N_DRAWS = 16
"""Sets of weights per number of clips; a trial takes one of them."""

Ratio: TypeAlias = tuple[F64, F64]
"""Numerator and denominator per frame, or per unit."""

_draws: dict[tuple[int, int], F64] = {}


def recall_counts(footage: Footage) -> Ratio:
    return footage.found, footage.truth


def precision_counts(footage: Footage) -> Ratio:
    return footage.found, footage.found + footage.false


def f1_counts(footage: Footage) -> Ratio:
    return 2 * footage.found, footage.truth + footage.found + footage.false


def length_of(counts: Ratio, clip: I64) -> int:
    """Block length from the influence of each frame, as vbench.metrics.blocks has it."""
    top, bottom = counts
    influence = top - top.sum() / bottom.sum() * bottom
    return block_length(np.split(influence, np.flatnonzero(np.diff(clip)) + 1))


class Units:
    """The units that a golden set is resampled by, and their weights."""

    def __init__(self, clip: I64, length: int, trial: int, min_clips: int = MIN_CLIPS) -> None:
        """Clips from `min_clips` on, else blocks of about `length` frames within them."""
        n_clips = int(clip[-1]) + 1
        self.length = length
        self._units: UnitKind
        if n_clips >= min_clips:
            self.of_frame, self._units, self._n_strata = clip, "clips", 0
            self.weights = _clip_draws(n_clips, trial % _N_DRAWS)
        else:
            blocks = [cut(int(n), length) for n in np.bincount(clip)]
            first = np.cumsum([0, *(block[-1] + 1 for block in blocks)])
            self.of_frame = np.concatenate(
                [block + start for block, start in zip(blocks, first[:-1], strict=True)]
            )
            clip_of_block = np.repeat(np.arange(n_clips), np.diff(first))
            self.weights = block_weights(clip_of_block, N_RESAMPLES, (trial,))
            self._units, self._n_strata = "blocks", n_clips

    def spread(self, counts: Ratio) -> Spread | None:
        """Of a ratio of sums."""
        value, replicates, support = self._resampled(counts)
        return self._spread(value, replicates, support, "logit")

    def spread_of_values(self, value: float, replicates: F64, support: F64) -> Spread | None:
        """Of a number between 0 and 1 that is no share of its support."""
        return spread_of(value, replicates, support, "logit", self._units, self._n_strata)

    def change(self, counts: Ratio, before: Ratio) -> Spread | None:
        """Of a ratio of sums less that of the baseline, on the same resamples."""
        value, replicates, support = self._resampled(counts)
        value_before, replicates_before, _ = self._resampled(before)
        return self._spread(
            value - value_before, replicates - replicates_before, support, "identity"
        )

    def summed(self, column: F64) -> F64:
        """Sums over each unit of a number per frame."""
        sums: F64 = np.bincount(self.of_frame, weights=column).astype(np.float64)
        return sums

    def _spread(self, value: float, replicates: F64, support: F64, scale: Scale) -> Spread | None:
        total = float(support.sum())
        return spread_of(
            value,
            replicates,
            support,
            scale,
            self._units,
            self._n_strata,
            trials=total,
            looks=total / self.length,
        )

    def _resampled(self, counts: Ratio) -> tuple[float, F64, F64]:
        top, bottom = (self.summed(column) for column in counts)
        return (
            float(top.sum() / bottom.sum()),
            (self.weights @ top) / (self.weights @ bottom),
            bottom,
        )


def naive_spread(counts: Ratio, before: Ratio | None = None) -> Spread:
    """As if frames were independent: what drawing single frames comes to.

    The standard error of that bootstrap is the root of the summed squared influences.
    """
    top, bottom = counts
    value = float(top.sum() / bottom.sum())
    influence = (top - value * bottom) / bottom.sum()
    if before is None:
        slope = 1.0 / max(value * (1 - value), 1e-9)
        error = slope * float(np.sqrt(np.square(influence).sum()))
        return Spread(value, error, "logit", len(top) - 1.0, "blocks", len(top), None)
    value_before = float(before[0].sum() / before[1].sum())
    influence -= (before[0] - value_before * before[1]) / before[1].sum()
    error = float(np.sqrt(np.square(influence).sum()))
    change = value - value_before
    return Spread(change, error, "identity", len(top) - 1.0, "blocks", len(top), None)


def pair_counts(pair: Pair) -> tuple[Ratio, Ratio]:
    """Recall of the candidate and of the baseline."""
    return (pair.found, pair.truth), (pair.found_before, pair.truth)


def _clip_draws(n_clips: int, draw: int) -> F64:
    if (n_clips, draw) not in _draws:
        _draws[n_clips, draw] = np.asfortranarray(
            clip_weights(n_clips, N_RESAMPLES, (n_clips, draw))
        )
    return _draws[n_clips, draw]


METRICS: dict[str, Callable[[Footage], Ratio]] = {
    "recall": recall_counts,
    "precision": precision_counts,
    "F1": f1_counts,
}
