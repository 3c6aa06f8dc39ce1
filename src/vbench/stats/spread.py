"""From resamples to a standard error, and from there to every interval, bound and p-value.

All of them are read off one `Spread`, so they never contradict each other: a bound meets a limit
exactly where the p-value of missing that limit is small enough.
"""

from __future__ import annotations

import math

import numpy as np

from vbench.stats.student import normal_quantile, student_cdf, student_quantile
from vbench.types.arrays import F64
from vbench.types.sampling import Interval, Scale, Spread, Units

MOST_UNDEFINED = 0.1
"""Share of resamples in which a number may be undefined and still have a spread."""

MOST_FOOTAGE = 1000.0
"""What `footage_factor` says at most."""

MOST_TIMES = 1000.0
"""A rate, count or time that could as well be so many times as much is not known at all."""

_SAME = 1e-12
_LARGEST_EXPONENT = 700.0


def spread_of(
    value: float,
    replicates: F64,
    support: F64,
    scale: Scale,
    units: Units,
    n_strata: int = 0,
    *,
    trials: float | None = None,
    looks: float | None = None,
) -> Spread | None:
    """How a number would differ on other footage of the same kind.

    The standard error is the standard deviation of the replicates on `scale`, enlarged by the
    root of k / (k - 1), k being the units that the support is worth: (sum of support)^2 / sum of
    support^2 (Kish 1965, 11.7). Student's t has k - 1 degrees of freedom; where blocks are drawn
    within clips, both take off the number of clips instead of 1. Replicates are first drawn
    towards the value by 1 / 2k of their distance, so that those of 0 and 1 stay finite on the
    logit scale. Of what was tried, this covers best: see docs/reference/statistics.md.

    Args:
        value: the number itself, all weights one.
        replicates: (B,) the number under each row of weights; NaN where it is undefined.
        support: (n_units,) what the number rests on in each unit: truth boxes, frames, ...
        scale: where the number is nearly normal; a share is in [0, 1], a log-scaled one >= 0.
        units: what was drawn.
        n_strata: clips with support where blocks were drawn within clips; 0 for clips.
        trials: the support where the number is a share of it, or a difference of such shares.
        looks: what divides the number (truth boxes, frames, hours; 1 of a count) over the block
            length: how often it could have come out otherwise. Only used where no resample
            differs, for the rule of three; without it a share has as many looks as units.

    Returns:
        None where fewer than two units have support, where the number is undefined in more than
        a tenth of the resamples, where nothing differs and nothing says how often it could, or
        where so few units carry a log-scaled number that its interval at 95 % would reach
        `MOST_TIMES` times the value: what Student's t with one degree of freedom gives there is
        no bound that anything happened near.

    Raises:
        ValueError: the value does not lie on its scale.
    """
    _check_domain(value, scale)
    defined = replicates[np.isfinite(replicates)]
    n_units = int(np.count_nonzero(support > 0))
    if n_units < 2 or len(defined) < max(2.0, (1.0 - MOST_UNDEFINED) * len(replicates)):
        return None
    k = float(support.sum() ** 2 / np.square(support).sum())
    degrees = max(1.0, k - max(n_strata, 1))
    factor = math.sqrt(max(1.0, k / degrees))
    error = factor * float(defined.std(ddof=1))
    is_share = scale == "logit" or trials is not None
    if _at_end(value, scale) or error <= _SAME * max(1.0, abs(value)):
        return _without_variation(
            value, scale, units, n_units, degrees, k if is_share else 0, looks
        )
    n_effective = None
    if trials is not None and scale == "logit":
        n_effective = min(max(value * (1 - value) / error**2, min(k, trials)), trials)
    on_scale = factor * _deviation(value, defined, scale, 0.5 / k)
    if scale == "log" and on_scale * student_quantile(0.975, degrees) > math.log(MOST_TIMES):
        return None
    return Spread(value, on_scale, scale, degrees, units, n_units, n_effective)


def interval(spread: Spread, confidence: float) -> Interval:
    """The two-sided interval; its ends are the one-sided bounds at (1 + confidence) / 2."""
    one_sided = (1.0 + confidence) / 2.0
    return Interval(
        lower_bound(spread, one_sided),
        upper_bound(spread, one_sided),
        confidence,
        spread.units,
        spread.n_units,
        spread.n_effective if spread.scale == "logit" else None,
    )


def lower_bound(spread: Spread, confidence: float) -> float:
    """What the true value is at least, with this confidence in (0, 1)."""
    if spread.standard_error == 0:
        return spread.value - _edge_reach(spread, 1.0 - confidence, down=True)
    return _at_distance(spread, -student_quantile(confidence, spread.degrees))


def upper_bound(spread: Spread, confidence: float) -> float:
    """What the true value is at most, with this confidence in (0, 1)."""
    if spread.standard_error == 0:
        return spread.value + _edge_reach(spread, 1.0 - confidence, down=False)
    return _at_distance(spread, student_quantile(confidence, spread.degrees))


def p_at_least(spread: Spread, limit: float) -> float:
    """P-value of "the true value is at least `limit`": small means that it is below."""
    if spread.standard_error == 0:
        return _edge_p(spread, limit, down=False)
    return student_cdf(-_errors_above(spread, limit), spread.degrees)


def p_at_most(spread: Spread, limit: float) -> float:
    """P-value of "the true value is at most `limit`": small means that it is above."""
    if spread.standard_error == 0:
        return _edge_p(spread, limit, down=True)
    return student_cdf(_errors_above(spread, limit), spread.degrees)


def two_sided_p(spread: Spread, at: float) -> float:
    """P-value of "the true value is `at`"."""
    return min(1.0, 2.0 * min(p_at_least(spread, at), p_at_most(spread, at)))


def footage_factor(spread: Spread, limit: float, confidence: float) -> float | None:
    """How many times the footage until the bound at `confidence` leaves `limit` behind.

    Supposes that the value stays: the standard error shrinks with the root of the footage, and
    there are as many times more units.

    Returns:
        Above 1 and at most `MOST_FOOTAGE`; None where the bound does so already, and where the
        value is the limit, so that it never would.
    """
    alpha = 1.0 - confidence
    if limit == spread.value or min(p_at_least(spread, limit), p_at_most(spread, limit)) <= alpha:
        return None
    low, high = 1.0, MOST_FOOTAGE
    if not _clears(spread, limit, alpha, high):
        return MOST_FOOTAGE
    while high / low > 1.001:
        middle = math.sqrt(low * high)
        if _clears(spread, limit, alpha, middle):
            high = middle
        else:
            low = middle
    return high


def _clears(spread: Spread, limit: float, alpha: float, times: float) -> bool:
    """Whether `times` the footage would decide."""
    looks = None if spread.n_effective is None else spread.n_effective * times
    more = Spread(
        spread.value,
        spread.standard_error / math.sqrt(times),
        spread.scale,
        (spread.degrees + 1.0) * times - 1.0,
        spread.units,
        spread.n_units,
        looks,
    )
    return min(p_at_least(more, limit), p_at_most(more, limit)) <= alpha


def _without_variation(
    value: float,
    scale: Scale,
    units: Units,
    n_units: int,
    degrees: float,
    k: float,
    looks: float | None,
) -> Spread | None:
    """The spread of a number that is the same in every resample; `k` is 0 where it is no share.

    Few units are worth fewer looks: the ratio of squared quantiles as in Korn & Graubard 1998.
    """
    n_looks = k
    if looks is not None:
        few = student_quantile(0.95, degrees) / normal_quantile(0.95)
        n_looks = max(k, looks / few**2)
    if n_looks <= 0 or (scale == "log" and value > 0):
        return None
    inside = scale == "logit" and 0.0 < value < 1.0
    error = 1.0 / math.sqrt(n_looks * value * (1.0 - value)) if inside else 0.0
    return Spread(value, error, scale, degrees, units, n_units, n_looks)


def _edge_reach(spread: Spread, alpha: float, *, down: bool) -> float:
    """Distance from the value of a number that does not vary to its bound at level `alpha`.

    A share of 0 or 1: the exact binomial bound (Clopper & Pearson 1934); a rate of 0: the exact
    Poisson bound; otherwise the same, to both sides. All are the rule of three at 95 %.
    """
    looks = _looks(spread)
    if spread.scale == "logit":
        inwards = down == (spread.value > 0.5)
        return -math.expm1(math.log(alpha) / looks) if inwards else 0.0
    if spread.scale == "log" and down:
        return 0.0
    return -math.log(alpha) / looks


def _edge_p(spread: Spread, limit: float, *, down: bool) -> float:
    """The level at which the bound of a number that does not vary touches `limit`."""
    distance = spread.value - limit if down else limit - spread.value
    if distance <= 0:
        return 1.0
    if spread.scale == "logit":
        inwards = down == (spread.value > 0.5)
        if not inwards or distance >= 1.0:
            return 0.0
        return math.exp(_looks(spread) * math.log1p(-distance))
    if spread.scale == "log" and down:
        return 0.0
    return math.exp(-_looks(spread) * distance)


def _looks(spread: Spread) -> float:
    return spread.degrees + 1.0 if spread.n_effective is None else spread.n_effective


def _errors_above(spread: Spread, limit: float) -> float:
    """How many standard errors `limit` lies above the value; infinite beyond the scale's ends."""
    return (_transformed(limit, spread.scale) - _transformed(spread.value, spread.scale)) / (
        spread.standard_error
    )


def _at_distance(spread: Spread, errors: float) -> float:
    """The value that lies so many standard errors above the value."""
    moved = _transformed(spread.value, spread.scale) + errors * spread.standard_error
    if spread.scale == "identity":
        return moved
    power = math.exp(min(max(moved, -_LARGEST_EXPONENT), _LARGEST_EXPONENT))
    return power / (1.0 + power) if spread.scale == "logit" else power


def _transformed(value: float, scale: Scale) -> float:
    """A value on the scale; infinite at and beyond its ends."""
    if scale == "identity":
        return value
    if value <= 0.0:
        return -math.inf
    if scale == "log":
        return math.log(value)
    return math.inf if value >= 1.0 else math.log(value) - math.log1p(-value)


def _deviation(value: float, replicates: F64, scale: Scale, pull: float) -> float:
    """Standard deviation on the scale of replicates that are pulled a little to the value."""
    if scale == "identity":
        return float(replicates.std(ddof=1))
    pulled = (1.0 - pull) * np.clip(replicates, 0.0, 1.0 if scale == "logit" else None)
    pulled += pull * value
    moved = np.log(pulled) if scale == "log" else np.log(pulled) - np.log1p(-pulled)
    return float(moved.std(ddof=1)) / (1.0 - pull)


def _at_end(value: float, scale: Scale) -> bool:
    """Whether a value has no place inside its scale."""
    low = scale != "identity" and value <= _SAME
    return low or (scale == "logit" and value >= 1.0 - _SAME)


def _check_domain(value: float, scale: Scale) -> None:
    """Raise ValueError for a value that its scale has no place for."""
    low = -math.inf if scale == "identity" else -_SAME
    high = 1.0 + _SAME if scale == "logit" else math.inf
    if not (math.isfinite(value) and low <= value <= high):
        raise ValueError(f"value {value} does not lie on the {scale} scale")
