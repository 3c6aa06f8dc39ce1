"""Student's t distribution with any real number of degrees of freedom."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

_NORMAL = NormalDist()
_NEARLY_NORMAL = 1e6
_SMALLEST = 1e-300
_PRECISION = 1e-16
_MAX_TERMS = 10_000
_MAX_STEPS = 200
_CONVERGED = 1e-12


def normal_cdf(x: float) -> float:
    """Probability that a standard normal variable is at most `x`; exact in both tails."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def normal_quantile(probability: float) -> float:
    """The x with ``normal_cdf(x) == probability``; raises ValueError outside (0, 1)."""
    _check_probability(probability)
    return _NORMAL.inv_cdf(probability)


def student_cdf(t: float, degrees: float) -> float:
    """Probability that Student's t with `degrees` > 0 degrees of freedom is at most `t`.

    The tail is half a regularised incomplete beta function, I_x(df / 2, 1 / 2) with
    x = df / (df + t^2) (NIST DLMF 8.17); from a million degrees on the normal approximation of
    Abramowitz & Stegun 26.7.8, which is then exact to 1e-12. Raises ValueError for other degrees.
    """
    if not degrees > 0:
        raise ValueError(f"degrees of freedom {degrees}, must be above 0")
    if math.isinf(t):
        return 1.0 if t > 0 else 0.0
    if degrees >= _NEARLY_NORMAL:
        stretched = t * (1 - 1 / (4 * degrees)) / math.sqrt(1 + t * t / (2 * degrees))
        return normal_cdf(stretched)
    tail = 0.5 * _incomplete_beta(degrees, t)
    return tail if t < 0 else 1.0 - tail


@lru_cache(maxsize=4096)
def student_quantile(probability: float, degrees: float) -> float:
    """The t with ``student_cdf(t, degrees) == probability``; ValueError outside (0, 1)."""
    _check_probability(probability)
    if probability == 0.5:
        return 0.0
    if probability > 0.5:
        return -_lower_quantile(1.0 - probability, degrees)
    return _lower_quantile(probability, degrees)


def _lower_quantile(probability: float, degrees: float) -> float:
    """The quantile of a probability below one half, by Newton's method.

    The lower tail is convex, and the start, two terms of the expansion in 1 / df (Abramowitz &
    Stegun 26.7.5), lies above the quantile: the steps go down to it and cannot overshoot.
    """
    z = _NORMAL.inv_cdf(probability)
    t = z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)
    for _ in range(_MAX_STEPS):
        step = (student_cdf(t, degrees) - probability) / _density(t, degrees)
        t -= step
        if abs(step) <= _CONVERGED * abs(t):
            break
    return t


def _density(t: float, degrees: float) -> float:
    """Probability density of Student's t."""
    a = (degrees + 1.0) / 2.0
    front = math.lgamma(a) - math.lgamma(degrees / 2.0) - 0.5 * math.log(degrees * math.pi)
    return math.exp(front - a * math.log1p(t * t / degrees))


def _incomplete_beta(degrees: float, t: float) -> float:
    """I_x(df / 2, 1 / 2) at x = df / (df + t^2), from the fraction that converges faster."""
    a, b = degrees / 2.0, 0.5
    square = t * t
    x, rest = degrees / (degrees + square), square / (degrees + square)
    if rest == 0.0:
        return 1.0
    if x == 0.0:
        return 0.0
    log_front = (
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * _log_share(square, degrees)
    ) + b * math.log(rest)
    front = math.exp(log_front)
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _beta_fraction(x, a, b) / a
    return 1.0 - front * _beta_fraction(rest, b, a) / b


def _log_share(square: float, degrees: float) -> float:
    """log(df / (df + t^2)), exact where t is small against df too."""
    return -math.log1p(square / degrees)


def _beta_fraction(x: float, a: float, b: float) -> float:
    """Continued fraction of the incomplete beta function, DLMF 8.17.22, by Lentz's method."""
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > _SMALLEST else _SMALLEST)
    fraction = d
    for m in range(1, _MAX_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        for term in (even, odd):
            d = 1.0 + term * d
            d = 1.0 / (d if abs(d) > _SMALLEST else _SMALLEST)
            c = 1.0 + term / c
            c = c if abs(c) > _SMALLEST else _SMALLEST
            fraction *= c * d
        if abs(c * d - 1.0) <= _PRECISION:
            break
    return fraction


def _check_probability(probability: float) -> None:
    if not 0.0 < probability < 1.0:
        raise ValueError(f"probability {probability}, must lie in (0, 1)")
