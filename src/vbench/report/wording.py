"""Every sentence and title that reports share, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from vbench.metrics.definitions import METRICS
from vbench.report.language.stored_texts import say_stored
from vbench.report.language.strings import noted, say, say_n
from vbench.report.numbers import (
    count_text,
    limit_text,
    percent_of,
    short_number,
    text_beside,
    unit_suffix,
)
from vbench.types import Gate, GateForm, GateResult, Metric, OperatingPoint, Slice, Verdict

VERDICT_WORD = {
    Verdict.PASS: noted("PASS"),
    Verdict.FAIL: noted("FAIL"),
    Verdict.INCONCLUSIVE: noted("INCONCLUSIVE"),
}

_METRIC_TITLES = {
    "tp": noted("found (TP)"),
    "fp": noted("false alarms (FP)"),
    "fn": noted("missed (FN)"),
    "f1": noted("F1"),
    "fp_per_frame": noted("false alarms per frame"),
    "fp_per_camera_hour": noted("false alarms per camera-hour"),
    "frame_fpr": noted("frame false-positive rate"),
    "ap": noted("AP"),
    "ap50": noted("AP50"),
    "ap75": noted("AP75"),
    "ece": noted("calibration error (ECE)"),
    "mean_iou": noted("mean IoU of found boxes"),
    "mota": noted("MOTA"),
    "motp": noted("MOTP"),
    "idf1": noted("IDF1"),
    "idp": noted("IDP"),
    "idr": noted("IDR"),
    "hota": noted("HOTA"),
    "deta": noted("DetA"),
    "assa": noted("AssA"),
    "loca": noted("LocA"),
    "idsw": noted("identity switches"),
    "first_detection_s_mean": noted("time to first detection, mean"),
    "first_detection_s_p95": noted("time to first detection, p95"),
    "longest_gap_s_mean": noted("longest gap, mean"),
    "longest_gap_s_max": noted("longest gap"),
    "flicker_per_object_minute": noted("flicker per object-minute"),
    "never_seen_share": noted("share never found"),
    "time_to_alert_s_mean": noted("time to alert, mean"),
    "time_to_alert_s_p95": noted("time to alert, p95"),
    "alerts_per_camera_hour": noted("alerts per camera-hour"),
    "false_alerts_per_camera_hour": noted("false alerts per camera-hour"),
    "latency_ms_p50": noted("latency p50"),
    "latency_ms_p95": noted("latency p95"),
    "latency_ms_p99": noted("latency p99"),
    "throughput_fps": noted("throughput"),
}

_PLURAL = frozenset(
    {
        "fp",
        "fp_per_frame",
        "fp_per_camera_hour",
        "idsw",
        "fragmentations",
        "events_raised_once",
        "events_missed",
        "duplicate_alerts",
        "false_alerts",
    }
)
"""Metrics whose titles take a plural verb."""

_AP_COST = "ap_cost_"
NOT_MEASURED = noted("this run has no such metric")


_LIMITS: Mapping[GateForm, str] = MappingProxyType(
    {
        "min": noted("at least {limit}"),
        "max": noted("at most {limit}"),
        "max_drop": noted("drops by at most {limit}"),
        "max_rise": noted("rises by at most {limit}"),
        "not_worse": noted("worse by at most {limit}"),
    }
)


def metric_title(name: str) -> str:
    """A metric's name as a reader knows it; its own name where it has no other."""
    return say(english_metric_title(name))


def english_metric_title(name: str) -> str:
    """`metric_title` before it is translated."""
    if name.startswith(_AP_COST):
        return f"AP lost to {name.removeprefix(_AP_COST)} errors"
    return _METRIC_TITLES.get(name, name.replace("_", " "))


def metric_meaning(name: str) -> str:
    """One plain sentence, empty for a metric without a definition."""
    definition = METRICS.get(name)
    return "" if definition is None else say(definition.meaning)


def metric_unit(name: str) -> str:
    """The unit of a metric by its definition."""
    definition = METRICS.get(name)
    return "" if definition is None else definition.unit


def why_undefined(metric: Metric | None) -> str:
    """The reason of a metric without a value; None where the run has no such metric."""
    return say(NOT_MEASURED) if metric is None else say_stored(str(metric.reason))


def slice_title(slice_: Slice) -> str:
    """For tables: ``daypart=night``."""
    return ", ".join(f"{key}={value}" for key, value in slice_)


def condition_text(slice_: Slice) -> str:
    """For sentences: ``where daypart is night``; empty for everything."""
    parts = [say("{key} is {value}", key=key, value=value) for key, value in slice_]
    return say("where {conditions}", conditions=say(" and ").join(parts)) if parts else ""


def join_names(names: Sequence[str], *, limit: int = 6) -> str:
    """``a, b and c``; what is beyond the limit is counted, not hidden."""
    if len(names) > limit:
        n = len(names) - limit
        return say("{names} and {n} more", names=", ".join(names[:limit]), n=n)
    return say(" and ").join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def operating_point_text(point: OperatingPoint) -> str:
    """``score >= 0.3, IoU >= 0.5``; a score for each class where they differ."""
    iou = short_number(point.iou)
    values = sorted({score for _, score in point.scores})
    if len(values) == 1:
        score = short_number(values[0])
    else:
        score = f"({', '.join(f'{name} {short_number(each)}' for name, each in point.scores)})"
    return say("score >= {score}, IoU >= {iou}", score=score, iou=iou)


def gate_subject(gate: Gate) -> str:
    """What a gate is about: ``recall of person where daypart is night``."""
    parts = [say("truth") if gate.form == "require" else metric_title(gate.metric)]
    if gate.class_name is not None:
        parts.append(say("of {class_name}", class_name=gate.class_name))
    if gate.slice:
        parts.append(condition_text(gate.slice))
    if gate.clip is not None:
        parts.append(say("in clip {clip}", clip=gate.clip))
    return " ".join(parts)


def gate_limit(gate: Gate) -> str:
    """What a gate asks for: ``at least 0.8, 95 % sure``, ``drops by at most 0.01``."""
    if gate.form == "require":
        return say_n(round(gate.limit), "at least {n} truth box", "at least {n} truth boxes")
    limit = limit_text(gate.limit, metric_unit(gate.metric))
    asked = say(_LIMITS[gate.form], limit=limit)
    if gate.confidence is None:
        return asked
    return say("{limit}, {percent} sure", limit=asked, percent=percent_of(100 * gate.confidence))


def gate_number(result: GateResult) -> str:
    """The observed value without its unit, never rounded onto the limit; or ``undefined``."""
    metric = result.observed
    if result.gate.form == "require":
        return say("none") if metric is None else count_text(metric.n)
    if metric is None or metric.value is None:
        return say("undefined")
    if result.gate.form in ("min", "max"):
        return text_beside(metric.value, result.gate.limit, metric.unit)
    before = None if result.baseline is None else result.baseline.value
    return text_beside(metric.value, metric.value if before is None else before, metric.unit)


def gate_observed(result: GateResult) -> str:
    """The observed value with its unit, never rounded onto the limit; or ``undefined``."""
    metric = result.observed
    is_number = metric is not None and metric.value is not None
    has_unit = is_number and result.gate.form != "require"
    unit = unit_suffix(metric.unit) if metric is not None and has_unit else ""
    return f"{gate_number(result)}{unit}"


def gate_sentence(result: GateResult) -> str:
    """One gate in words: ``recall of person where daypart is night is 0.61, needs at least 0.8``.

    A comparing gate names both values; an undefined one gives the reason.
    """
    gate, metric = result.gate, result.observed
    subject = gate_subject(gate)
    if gate.form == "require":
        found, limit = gate_observed(result), gate_limit(gate)
        return say(
            "{subject}: {found}, {limit} must be there", subject=subject, found=found, limit=limit
        )
    if metric is None:
        return say("{subject} was not measured", subject=subject)
    if metric.value is None:
        reason = say_stored(str(metric.reason))
        return say("{subject} is undefined: {reason}", subject=subject, reason=reason)
    if gate.form not in ("min", "max"):
        return _comparing_sentence(result, metric)
    observed = f"{gate_observed(result)}{_in_brackets(bound_text(result))}"
    sentence = _VALUE_SENTENCES[gate.form == "min", gate.metric in _PLURAL]
    return say(sentence, subject=subject, observed=observed, limit=gate_limit(gate))


_VALUE_SENTENCES = {
    (True, False): noted("{subject} is {observed}, needs {limit}"),
    (True, True): noted("{subject} are {observed}, need {limit}"),
    (False, False): noted("{subject} is {observed}, may be {limit}"),
    (False, True): noted("{subject} are {observed}, may be {limit}"),
}
"""(Whether a floor, whether the title is a plural) -> sentence."""

_CHANGE_SENTENCES = {
    (True, False): noted(
        "{subject} is {observed} against {before} of {baseline}; it may drop by at most {limit}"
    ),
    (True, True): noted(
        "{subject} are {observed} against {before} of {baseline}; they may drop by at most {limit}"
    ),
    (False, False): noted(
        "{subject} is {observed} against {before} of {baseline}; it may rise by at most {limit}"
    ),
    (False, True): noted(
        "{subject} are {observed} against {before} of {baseline}; they may rise by at most {limit}"
    ),
}


def _comparing_sentence(result: GateResult, metric: Metric) -> str:
    gate, is_plural = result.gate, result.gate.metric in _PLURAL
    subject, observed = gate_subject(gate), gate_observed(result)
    if result.baseline is None or result.baseline.value is None or metric.value is None:
        without = (
            noted("{subject} are {observed}, and the baseline has no value to compare with")
            if is_plural
            else noted("{subject} is {observed}, and the baseline has no value to compare with")
        )
        return say(without, subject=subject, observed=observed)
    limit = limit_text(gate.limit, metric.unit)
    if gate.confidence is not None:
        percent = percent_of(100 * gate.confidence)
        limit = say("{limit}, {percent} sure", limit=limit, percent=percent)
    return say(
        _CHANGE_SENTENCES[is_floor(result), is_plural],
        subject=subject,
        observed=observed,
        before=text_beside(result.baseline.value, metric.value, metric.unit),
        baseline=f"{result.baseline_name}{_in_brackets(bound_text(result))}",
        limit=limit,
    )


def verdict_sentence(result: GateResult) -> str:
    """`gate_sentence`; where something besides the numbers kept a gate from a verdict, that."""
    if result.verdict is not Verdict.INCONCLUSIVE or not result.explanation:
        return gate_sentence(result)
    return gate_sentence(result) if _is_too_close(result) else say_stored(result.explanation)


def _is_too_close(result: GateResult) -> bool:
    """Whether the numbers alone leave it open: no bound holds the limit, no failure is sure."""
    confidence, p_adjusted = result.gate.confidence, result.p_adjusted
    return confidence is not None and p_adjusted is not None and p_adjusted > 1.0 - confidence


def is_floor(result: GateResult) -> bool:
    """Whether a gate wants a value or change of at least its limit, not of at most."""
    if result.gate.form == "not_worse":
        return result.observed is None or result.observed.better != "lower"
    return result.gate.form in ("min", "max_drop")


def _in_brackets(text: str) -> str:
    return f" ({text})" if text else ""


def bound_text(result: GateResult) -> str:
    """``95 % sure of at least 0.842``, ``95 % sure that it drops by at most 0.062``.

    Empty where no confidence is asked, or none could be had.
    """
    gate, metric = result.gate, result.observed
    if gate.confidence is None or result.bound is None or metric is None:
        return ""
    sure = percent_of(100 * gate.confidence)
    unit = unit_suffix(metric.unit)
    if gate.form in ("min", "max"):
        bound = f"{text_beside(result.bound, gate.limit, metric.unit)}{unit}"
        if gate.form == "min":
            return say("{percent} sure of at least {bound}", percent=sure, bound=bound)
        return say("{percent} sure of at most {bound}", percent=sure, bound=bound)
    is_drop = is_floor(result)
    amount = -result.bound if is_drop else result.bound
    most = f"{text_beside(amount, gate.limit, metric.unit)}{unit}"
    if amount <= 0:
        if is_drop:
            return say("{percent} sure that it does not drop", percent=sure)
        return say("{percent} sure that it does not rise", percent=sure)
    if is_drop:
        return say("{percent} sure that it drops by at most {most}", percent=sure, most=most)
    return say("{percent} sure that it rises by at most {most}", percent=sure, most=most)


def reason_sentence(
    n_failed: int, n_undecided: int, n_warnings: int, n_quarantined: int, n_gates: int, first: str
) -> str:
    """Why a pipeline got its verdict, one sentence; `first` is the most telling gate in words."""
    alone = n_failed == 1 or (not n_failed and n_undecided + n_warnings + n_quarantined == 1)
    if n_failed:
        what = say_n(
            n_gates,
            "Fails {n_failed} of {n} gate",
            "Fails {n_failed} of {n} gates",
            n_failed=n_failed,
        )
    elif n_undecided:
        what = say_n(
            n_gates,
            "{n_undecided} of {n} gate cannot be decided",
            "{n_undecided} of {n} gates cannot be decided",
            n_undecided=n_undecided,
        )
    elif not n_gates:
        return say("No gate judges it: nothing was required of it.")
    elif not n_warnings and not n_quarantined:
        return say_n(n_gates, "Meets its only gate.", "Meets all {n} gates.")
    else:
        what = say_n(
            n_gates,
            "Meets {n_passed} of {n} gate; {exceptions}",
            "Meets {n_passed} of {n} gates; {exceptions}",
            n_passed=n_gates - n_warnings - n_quarantined,
            exceptions=_exceptions(n_warnings, n_quarantined),
        )
    if not first:
        return f"{what}."
    return (
        f"{what}: {first}."
        if alone
        else say("{what}, among them: {first}.", what=what, first=first)
    )


def _exceptions(n_warnings: int, n_quarantined: int) -> str:
    found = []
    if n_warnings:
        found.append(say_n(n_warnings, "{n} gives a warning", "{n} give a warning"))
    if n_quarantined:
        found.append(
            say_n(
                n_quarantined,
                "{n} is in quarantine and does not count",
                "{n} are in quarantine and do not count",
            )
        )
    return say(" and ").join(found)


def recommendation(verdict: Verdict, n_warnings: int, n_gates: int, more_footage: str = "") -> str:
    """What to do with a pipeline that does not fail; `more_footage` would decide an open one."""
    if verdict is Verdict.INCONCLUSIVE and more_footage:
        return say("Hold: {advice}.", advice=more_footage)
    if verdict is Verdict.INCONCLUSIVE:
        return say("Hold: this run does not decide.")
    if not n_gates:
        return say("Decide by the numbers: the benchmark sets no gates.")
    if n_warnings:
        return say_n(
            n_warnings, "Ship, knowing the {n} warning.", "Ship, knowing the {n} warnings."
        )
    return say("Ship.")
