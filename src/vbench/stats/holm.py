"""Several tests at once."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """P-values corrected so that one false claim among them all stays as rare as promised.

    In the order given; never below the uncorrected ones, never above 1, and in the same order
    of size. Rejecting what is at most alpha keeps the chance of any false rejection at alpha
    whatever the tests have in common (Holm 1979, Scandinavian Journal of Statistics 6, 65-70).
    """
    n_tests = len(p_values)
    adjusted = [0.0] * n_tests
    largest = 0.0
    for rank, index in enumerate(sorted(range(n_tests), key=lambda test: p_values[test])):
        largest = max(largest, min(1.0, (n_tests - rank) * p_values[index]))
        adjusted[index] = largest
    return tuple(adjusted)
