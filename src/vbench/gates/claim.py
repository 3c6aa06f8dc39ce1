"""What a gate claims about one number, and how sure the footage makes it."""

from __future__ import annotations

from dataclasses import dataclass

from vbench.stats import footage_factor, lower_bound, p_at_least, p_at_most, upper_bound
from vbench.types import COMPARING, Gate, Metric, Spread


@dataclass(frozen=True, slots=True)
class Claim:
    """``number >= limit`` or ``number <= limit``."""

    number: float
    """The metric's value; of a comparing gate its change against the baseline."""
    limit: float
    at_least: bool
    """Which of the two."""

    def holds(self) -> bool:
        """Whether the number itself meets the limit; unrounded."""
        return self.is_met_by(self.number)

    def is_met_by(self, bound: float) -> bool:
        """Whether a bound of the number meets the limit."""
        return bound >= self.limit if self.at_least else bound <= self.limit

    def bound(self, spread: Spread, confidence: float) -> float:
        """The one-sided bound that must meet the limit."""
        return (lower_bound if self.at_least else upper_bound)(spread, confidence)

    def opposite_bound(self, spread: Spread, confidence: float) -> float:
        """The one-sided bound on the other side: where it misses the limit, so does the number."""
        return (upper_bound if self.at_least else lower_bound)(spread, confidence)

    def p_value(self, spread: Spread) -> float:
        """One-sided, of the claim being true: small where the footage speaks against it."""
        return (p_at_least if self.at_least else p_at_most)(spread, self.limit)

    def more_footage(self, spread: Spread, confidence: float, n_claims: float) -> float | None:
        """About how many times the footage would decide it, if the number stays.

        Args:
            spread: of the number.
            confidence: of the gate.
            n_claims: by what the p-value of a failure is multiplied (Holm); passing needs no
                correction.

        Returns:
            Above 1; None where the number is the limit: then no footage decides.
        """
        if not self.holds():
            confidence = 1.0 - (1.0 - confidence) / max(n_claims, 1.0)
        return footage_factor(spread, self.limit, confidence)


def claim_of(gate: Gate, observed: Metric, value: float, before: float | None) -> Claim:
    """The claim of a gate about a row.

    Args:
        gate: any form but `require`.
        observed: the row; its direction says what `not_worse` means.
        value: the row's value.
        before: the baseline's value; None for a gate that does not compare.
    """
    if gate.form not in COMPARING or before is None:
        return Claim(value, gate.limit, at_least=gate.form == "min")
    may_fall = gate.form == "max_drop"
    if gate.form == "not_worse":
        may_fall = observed.better != "lower"
    return Claim(value - before, -gate.limit if may_fall else gate.limit, at_least=may_fall)
