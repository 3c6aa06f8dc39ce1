"""Gates with a confidence: pass, fail or inconclusive, all of a pipeline and golden set at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vbench.gates.claim import Claim
from vbench.gates.explain import failed, passed, undecided
from vbench.stats import holm
from vbench.types import GateResult, Spread, Verdict


@dataclass(frozen=True, slots=True)
class OpenGate:
    """A gate whose verdict waits for those judged together with it."""

    result: GateResult
    """All but the verdict and its reasons."""
    claim: Claim
    spread: Spread
    confidence: float


def decide(items: Sequence[GateResult | OpenGate]) -> tuple[GateResult, ...]:
    """The results in the order given, open ones decided.

    A gate passes where its one-sided bound meets the limit; all gates must, so passing needs no
    correction (intersection-union test: Berger 1982). It fails where the p-value of the limit
    being met, corrected after Holm over all open gates of its pipeline and golden set, is at most
    1 - confidence. Otherwise it is inconclusive.
    """
    families: dict[tuple[str, str], list[int]] = {}
    for index, item in enumerate(items):
        if isinstance(item, OpenGate):
            family = (item.result.pipeline, item.result.golden_set)
            families.setdefault(family, []).append(index)
    decided = [item if isinstance(item, GateResult) else item.result for item in items]
    for indices in families.values():
        open_gates = [item for index in indices if isinstance(item := items[index], OpenGate)]
        corrected = holm([item.claim.p_value(item.spread) for item in open_gates])
        for index, item, p_adjusted in zip(indices, open_gates, corrected, strict=True):
            decided[index] = _decide(item, p_adjusted, len(indices))
    return tuple(decided)


def _decide(item: OpenGate, p_adjusted: float, n_claims: int) -> GateResult:
    claim, spread, confidence = item.claim, item.spread, item.confidence
    p_value = claim.p_value(spread)
    bound = claim.bound(spread, confidence)
    result = replace(item.result, bound=bound, p_value=p_value, p_adjusted=p_adjusted)
    if claim.is_met_by(bound):
        text = passed(result, claim, spread, confidence)
        return replace(result, verdict=Verdict.PASS, explanation=text)
    if p_adjusted <= 1.0 - confidence:
        text = failed(result, claim, spread, confidence, n_claims)
        return replace(result, verdict=Verdict.FAIL, explanation=text)
    multiplied = p_adjusted / p_value if p_value > 0.0 and p_adjusted < 1.0 else float(n_claims)
    times = claim.more_footage(spread, confidence, multiplied)
    result = replace(result, verdict=Verdict.INCONCLUSIVE, more_footage=times)
    return replace(result, explanation=undecided(result, claim, spread, confidence, n_claims))
