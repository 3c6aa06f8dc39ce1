"""One sentence per gate result: what was found, what must hold, and how that was decided."""

from __future__ import annotations

from vbench.gates.claim import Claim
from vbench.types import COMPARING, Gate, GateResult, Spread

_MOST_TIMES = 100.0
"""More footage than this is not put into a number."""


def subject(gate: Gate) -> str:
    """``recall of person at daypart=night``."""
    text = gate.metric
    if gate.class_name is not None:
        text += f" of {gate.class_name}"
    if gate.slice:
        text += " at " + ", ".join(f"{key}={value}" for key, value in gate.slice)
    if gate.clip is not None:
        text += f" in clip {gate.clip}"
    return text


def decided_by_value(result: GateResult, claim: Claim) -> str:
    """Of a gate without a confidence."""
    return _sentence(result, claim, "", passes=claim.holds())


def nothing_changed(result: GateResult, claim: Claim) -> str:
    """Of a comparing gate on two pipelines with the same answers."""
    return (
        f"{subject(result.gate)} did not change against {result.baseline_name}: both gave the very"
        f" same answers; {_allowed(claim)}{_surely(result.gate)}"
    )


def passed(result: GateResult, claim: Claim, spread: Spread, confidence: float) -> str:
    """Of a gate whose bound meets the limit."""
    bound = _bound(result.gate, claim, claim.bound(spread, confidence), claim.at_least)
    return _sentence(result, claim, f"{_percent(confidence)} sure it {bound}", passes=True)


def failed(
    result: GateResult, claim: Claim, spread: Spread, confidence: float, n_claims: int
) -> str:
    """Of a gate that misses its limit for sure; `n_claims` were corrected for."""
    opposite = claim.opposite_bound(spread, confidence)
    bound = _bound(result.gate, claim, opposite, not claim.at_least)
    sentence = _sentence(result, claim, f"{_percent(confidence)} sure it {bound}", passes=False)
    return f"{sentence} ({_p_values(result, n_claims)})"


def undecided(
    result: GateResult, claim: Claim, spread: Spread, confidence: float, n_claims: int
) -> str:
    """Of a gate that the footage cannot decide."""
    near = _bound(result.gate, claim, claim.bound(spread, confidence), claim.at_least)
    opposite = claim.opposite_bound(spread, confidence)
    far = _bound(result.gate, claim, opposite, not claim.at_least)
    sure = f"{_percent(confidence)} sure either way: it {near}, it {far}"
    sentence = _sentence(result, claim, sure, passes=claim.holds())
    if result.p_value is not None and result.p_value <= 1.0 - confidence:
        sentence += f" ({_p_values(result, n_claims)})"
    return f"{sentence}; the footage cannot decide that, {_footage(result.more_footage)}"


def unknown(result: GateResult, claim: Claim, reason: str) -> str:
    """Of a gate that needs to be sure of a number without a known spread."""
    sentence = _sentence(result, claim, "", passes=claim.holds())
    return f"{sentence}; how sure that is cannot be told: {reason}"


def _sentence(result: GateResult, claim: Claim, sure: str, *, passes: bool) -> str:
    gate = result.gate
    if gate.form in COMPARING:
        return f"{_changed(result, claim, sure)}; {_allowed(claim)}{_surely(gate)}"
    bound = "at least" if claim.at_least else "at most"
    return (
        f"{subject(gate)} is {_shown(claim.number, claim.limit)} ({_support(result, sure)})"
        f" {'and' if passes else 'but'} must be {bound} {_number(claim.limit, 6)}{_surely(gate)}"
    )


def _support(result: GateResult, sure: str) -> str:
    n = 0 if result.observed is None else result.observed.n
    return f"n = {n:,}; {sure}" if sure else f"n = {n:,}"


def _changed(result: GateResult, claim: Claim, sure: str) -> str:
    """``recall dropped by 0.02 against v1 (0.92 to 0.9, n = 2,158; 95 % sure ...)``."""
    change = claim.number
    moved = "did not change"
    if change:
        size = _shown(abs(change), abs(claim.limit))
        moved = f"{'rose' if change > 0 else 'dropped'} by {size}"
    values = [
        "unknown" if row is None or row.value is None else _number(row.value)
        for row in (result.baseline, result.observed)
    ]
    return (
        f"{subject(result.gate)} {moved} against {result.baseline_name}"
        f" ({' to '.join(values)}, {_support(result, sure)})"
    )


def _allowed(claim: Claim) -> str:
    """``it may drop by 0.01``; ``it must rise by 0.02`` where even that is asked for."""
    may, must = ("drop", "rise") if claim.at_least else ("rise", "drop")
    limit = -claim.limit if claim.at_least else claim.limit
    if limit == 0:
        return f"it may not {may}"
    return (
        f"it may {may} by {_number(limit, 6)}"
        if limit > 0
        else f"it must {must} by {_number(-limit, 6)}"
    )


def _bound(gate: Gate, claim: Claim, bound: float, at_least: bool) -> str:
    """``is at least 0.872``; of a change ``dropped by at most 0.031``."""
    if gate.form not in COMPARING:
        return f"is {'at least' if at_least else 'at most'} {_shown(bound, claim.limit)}"
    # A change of at least -0.031 is a drop of at most 0.031.
    rose = bound > 0 or (bound == 0 and not at_least)
    size = _shown(abs(bound), abs(claim.limit))
    return (
        f"{'rose' if rose else 'dropped'} by {'at least' if at_least == rose else 'at most'} {size}"
    )


def _surely(gate: Gate) -> str:
    return "" if gate.confidence is None else f", {_percent(gate.confidence)} sure"


def _percent(confidence: float) -> str:
    return f"{100 * confidence:g} %"


def _p_values(result: GateResult, n_claims: int) -> str:
    """``p = 0.004, 0.03 after correcting for 9 gates``."""
    text = _p_text(result.p_value)
    if n_claims == 1:
        return text
    return f"{text}, {_p_text(result.p_adjusted)} after correcting for {n_claims} gates"


def _p_text(p_value: float | None) -> str:
    if p_value is None:
        return "p is not known"
    return "p < 0.0001" if p_value < 0.0001 else f"p = {p_value:.2g}"


def _footage(times: float | None) -> str:
    """What more footage would do."""
    if times is None:
        return "and more would not while the value stays at the limit"
    if times > _MOST_TIMES:
        return f"more than {_MOST_TIMES:g} times as much would"
    if times < 1.05:
        return "a little more would"
    return f"about {times:.{1 if times < 10 else 0}f} times as much would"


def _shown(value: float, limit: float) -> str:
    """Enough digits that a value beside the limit does not look equal to it."""
    for digits in (4, 6, 9):
        text = _number(value, digits)
        if value == limit or float(text) != limit:
            return text
    return repr(value)


def _number(value: float, digits: int = 4) -> str:
    """So many significant digits, and all digits before the point: 14523, not 1.452e+04."""
    return f"{value:.{max(digits, len(str(int(abs(value)))))}g}"
