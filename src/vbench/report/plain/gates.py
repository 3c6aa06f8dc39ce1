"""One gate in words for people who do not know metrics."""

from __future__ import annotations

from vbench.report.language.strings import say
from vbench.report.numbers import count_text, limit_text, percent_of, text_beside
from vbench.report.wording import condition_text, gate_observed, gate_sentence
from vbench.types import COMPARING, Gate, GateResult, Metric, Verdict

_SHARES = ("recall", "precision")


def plain_gate_sentence(result: GateResult) -> str:
    """A gate without jargon, for the most common metrics; `gate_sentence` for all others."""
    gate, metric = result.gate, result.observed
    if gate.form == "require":
        return _required_footage(gate, 0 if metric is None else metric.n)
    if metric is None or metric.value is None:
        return gate_sentence(result)
    if gate.metric in _SHARES:
        compared = gate.form in COMPARING
        return _compared_share(result, metric) if compared else _share(result, metric.value)
    if gate.metric == "latency_ms_p95" and gate.form in ("min", "max"):
        limit, observed = limit_text(gate.limit, metric.unit), gate_observed(result)
        if gate.form == "min":
            return say(
                "95 of 100 frames take up to {observed}, at least {limit} is allowed",
                observed=observed,
                limit=limit,
            )
        return say(
            "95 of 100 frames take up to {observed}, at most {limit} is allowed",
            observed=observed,
            limit=limit,
        )
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
    least = max(0, int(100 * bound + 1e-9))
    percent = percent_of(100 * gate.confidence)
    if gate.metric == "recall":
        return say(
            "we are {percent} sure that it finds at least {least} of 100 {objects}",
            percent=percent,
            least=least,
            objects=_objects(gate),
        )
    return say(
        "we are {percent} sure that at least {least} of 100 of its reports of {objects} are right",
        percent=percent,
        least=least,
        objects=_objects(gate),
    )


def _required_footage(gate: Gate, n: int) -> str:
    return say(
        "the footage must show {least} or more {objects}, and shows {found}",
        least=say("one") if gate.limit <= 1 else count_text(round(gate.limit)),
        objects=_objects(gate),
        found=say("only {n}", n=n) if n else say("none"),
    )


def _share(result: GateResult, value: float) -> str:
    gate = result.gate
    number = text_beside(100 * value, 100 * gate.limit, "count")
    limit = limit_text(100 * gate.limit, "")
    if gate.metric == "recall":
        found = say("it finds {number} of 100 {objects}", number=number, objects=_objects(gate))
    else:
        found = say(
            "{number} of 100 of its reports of {objects} are right",
            number=number,
            objects=_objects(gate),
        )
    if gate.form == "min":
        asked = say("{found}, at least {limit} are required", found=found, limit=limit)
    else:
        asked = say("{found}, at most {limit} are required", found=found, limit=limit)
    if gate.confidence is None or result.bound is None:
        return asked
    percent = percent_of(100 * gate.confidence)
    if result.verdict is Verdict.INCONCLUSIVE:
        return say("{limit}, {percent} sure", limit=asked, percent=percent)
    if result.verdict is Verdict.FAIL:
        return say(
            "{found}, and we are {percent} sure that this is not the {limit} required",
            found=found,
            percent=percent,
            limit=limit,
        )
    return say("{asked}, and we are {percent} sure", asked=asked, percent=percent)


def _compared_share(result: GateResult, metric: Metric) -> str:
    gate, baseline = result.gate, result.baseline
    if baseline is None or baseline.value is None or metric.value is None:
        return gate_sentence(result)
    value, other = 100 * metric.value, 100 * baseline.value
    number, before = text_beside(value, other, "count"), text_beside(other, value, "count")
    if gate.metric == "recall":
        found = say(
            "it finds {number} of 100 {objects}, {baseline} {before}",
            number=number,
            objects=_objects(gate),
            baseline=str(result.baseline_name),
            before=before,
        )
    else:
        found = say(
            "{number} of 100 of its reports of {objects} are right, {before} of {baseline}'s",
            number=number,
            objects=_objects(gate),
            baseline=str(result.baseline_name),
            before=before,
        )
    limit = limit_text(100 * gate.limit, "")
    if gate.form == "max_rise":
        sentence = say("{found}; at most {limit} of 100 more are allowed", found=found, limit=limit)
    else:
        sentence = say(
            "{found}; at most {limit} of 100 fewer are allowed", found=found, limit=limit
        )
    if gate.confidence is None or result.verdict is Verdict.PASS:
        return sentence
    percent = percent_of(100 * gate.confidence)
    if result.verdict is Verdict.FAIL:
        return say(
            "{sentence}, and we are {percent} sure that it is more than that",
            sentence=sentence,
            percent=percent,
        )
    return say("{limit}, {percent} sure", limit=sentence, percent=percent)


def _objects(gate: Gate) -> str:
    """``person objects where daypart is night``: a class name need not be a plural."""
    if gate.class_name is None:
        of_class = say("objects")
    else:
        of_class = say("{class_name} objects", class_name=gate.class_name)
    where = "" if gate.clip is None else say("in clip {clip}", clip=gate.clip)
    return " ".join(part for part in (of_class, condition_text(gate.slice), where) if part)
