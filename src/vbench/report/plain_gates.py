"""One gate in words for people who do not know metrics."""

from __future__ import annotations

from vbench.report.numbers import limit_text, text_beside
from vbench.report.wording import condition_text, gate_observed, gate_sentence
from vbench.types import COMPARING, Gate, GateResult, Metric, Verdict

_SHARES = ("recall", "precision")


def plain_gate_sentence(result: GateResult) -> str:
    """A gate without jargon, for the most common metrics; `gate_sentence` for all others."""
    gate, metric = result.gate, result.observed
    if gate.form == "require":
        n = "none" if metric is None or not metric.n else f"only {metric.n:,}"
        least = "one" if gate.limit <= 1 else f"{gate.limit:,.0f}"
        return f"the footage must show {least} or more {_what(gate)}, and shows {n}"
    if metric is None or metric.value is None:
        return gate_sentence(result)
    if gate.metric in _SHARES:
        compared = gate.form in COMPARING
        return _compared_share(result, metric) if compared else _share(result, metric.value)
    if gate.metric == "latency_ms_p95" and gate.form in ("min", "max"):
        limit = limit_text(gate.limit, metric.unit)
        asked = "at least" if gate.form == "min" else "at most"
        return f"95 of 100 frames take up to {gate_observed(result)}, {asked} {limit} is allowed"
    return gate_sentence(result)


def sure_sentence(result: GateResult) -> str:
    """What is sure of a share that passed its gate with a confidence; empty for any other.

    ``we are 95 % sure that it finds at least 87 of 100 objects where daypart is night``
    """
    gate, bound = result.gate, result.bound
    if gate.form != "min" or gate.metric not in _SHARES or result.verdict is not Verdict.PASS:
        return ""
    if gate.confidence is None or bound is None:
        return ""
    # Rounded down: never more than what is sure.
    least = f"at least {max(0, int(100 * bound + 1e-9))} of 100"
    sure = f"we are {100 * gate.confidence:g} % sure that"
    if gate.metric == "recall":
        return f"{sure} it finds {least} {_what(gate)}"
    return f"{sure} {least} of its reports of {_what(gate)} are right"


def _share(result: GateResult, value: float) -> str:
    gate = result.gate
    asked = "at least" if gate.form == "min" else "at most"
    percent = text_beside(100 * value, 100 * gate.limit, "count")
    limit = limit_text(100 * gate.limit, "")
    if gate.metric == "recall":
        found = f"it finds {percent} of 100 {_what(gate)}"
    else:
        found = f"{percent} of 100 of its reports of {_what(gate)} are right"
    required = f"{asked} {limit} are required"
    if gate.confidence is None or result.bound is None:
        return f"{found}, {required}"
    sure = f"{100 * gate.confidence:g} % sure"
    if result.verdict is Verdict.INCONCLUSIVE:
        return f"{found}, {required}, {sure}"
    if result.verdict is Verdict.FAIL:
        return f"{found}, and we are {sure} that this is not the {limit} required"
    return f"{found}, {required}, and we are {sure}"


def _compared_share(result: GateResult, metric: Metric) -> str:
    gate, baseline = result.gate, result.baseline
    if baseline is None or baseline.value is None or metric.value is None:
        return gate_sentence(result)
    value, other = 100 * metric.value, 100 * baseline.value
    percent, before = text_beside(value, other, "count"), text_beside(other, value, "count")
    if gate.metric == "recall":
        found = f"it finds {percent} of 100 {_what(gate)}, {result.baseline_name} {before}"
    else:
        reports = f"of its reports of {_what(gate)} are right"
        found = f"{percent} of 100 {reports}, {before} of {result.baseline_name}'s"
    moves = "more" if gate.form == "max_rise" else "fewer"
    sentence = f"{found}; at most {limit_text(100 * gate.limit, '')} of 100 {moves} are allowed"
    if gate.confidence is None or result.verdict is Verdict.PASS:
        return sentence
    sure = f"{100 * gate.confidence:g} % sure"
    if result.verdict is Verdict.FAIL:
        return f"{sentence}, and we are {sure} that it is more than that"
    return f"{sentence}, {sure}"


def _what(gate: Gate) -> str:
    """``person objects where daypart is night``: a class name need not be a plural."""
    of_class = "objects" if gate.class_name is None else f"{gate.class_name} objects"
    where = "" if gate.clip is None else f"in clip {gate.clip}"
    return " ".join(part for part in (of_class, condition_text(gate.slice), where) if part)
