"""Every sentence and title that reports share, in plain words."""

from __future__ import annotations

from collections.abc import Sequence

from vbench.metrics.definitions import METRICS
from vbench.report.numbers import limit_text, plural, text_beside, unit_suffix
from vbench.types import Gate, GateResult, Slice, Verdict

VERDICT_WORD = {
    Verdict.PASS: "PASS",
    Verdict.FAIL: "FAIL",
    Verdict.INCONCLUSIVE: "INCONCLUSIVE",
}

_METRIC_TITLES = {
    "tp": "found (TP)",
    "fp": "false alarms (FP)",
    "fn": "missed (FN)",
    "f1": "F1",
    "fp_per_frame": "false alarms per frame",
    "fp_per_camera_hour": "false alarms per camera-hour",
    "frame_fpr": "frame false-positive rate",
    "ap": "AP",
    "ap50": "AP50",
    "ap75": "AP75",
    "ece": "calibration error (ECE)",
    "mean_iou": "mean IoU of found boxes",
    "mota": "MOTA",
    "motp": "MOTP",
    "idf1": "IDF1",
    "idp": "IDP",
    "idr": "IDR",
    "hota": "HOTA",
    "deta": "DetA",
    "assa": "AssA",
    "idsw": "identity switches",
    "latency_ms_p50": "latency p50",
    "latency_ms_p95": "latency p95",
    "latency_ms_p99": "latency p99",
    "throughput_fps": "throughput",
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
_SIZE_WORDS = {
    "small": "small objects",
    "medium": "medium-sized objects",
    "large": "large objects",
}

NOT_MEASURED = "this run has no such metric"


def metric_title(name: str) -> str:
    """A metric's name as a reader knows it; its own name where it has no other."""
    if name.startswith(_AP_COST):
        return f"AP lost to {name.removeprefix(_AP_COST)} errors"
    return _METRIC_TITLES.get(name, name.replace("_", " "))


def metric_meaning(name: str) -> str:
    """One plain sentence, empty for a metric without a definition."""
    definition = METRICS.get(name)
    return "" if definition is None else definition.meaning


def metric_unit(name: str) -> str:
    """The unit of a metric by its definition."""
    definition = METRICS.get(name)
    return "" if definition is None else definition.unit


def slice_title(slice_: Slice) -> str:
    """For tables: ``daypart=night``."""
    return ", ".join(f"{key}={value}" for key, value in slice_)


def condition_text(slice_: Slice) -> str:
    """For sentences: ``where daypart is night``; empty for everything."""
    parts = [f"{key} is {value}" for key, value in slice_]
    return f"where {' and '.join(parts)}" if parts else ""


def condition_title(slice_: Slice) -> str:
    """For readers who do not know slices: ``daypart: night``, ``small objects``."""
    return ", ".join(
        _SIZE_WORDS.get(value, value) if key == "size" else f"{key}: {value}"
        for key, value in slice_
    )


def join_names(names: Sequence[str], *, limit: int = 6) -> str:
    """``a, b and c``; what is beyond the limit is counted, not hidden."""
    if len(names) > limit:
        return f"{', '.join(names[:limit])} and {len(names) - limit:,} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def gate_subject(gate: Gate) -> str:
    """What a gate is about: ``recall of person where daypart is night``."""
    parts = ["truth" if gate.form == "require" else metric_title(gate.metric)]
    if gate.class_name is not None:
        parts.append(f"of {gate.class_name}")
    if gate.slice:
        parts.append(condition_text(gate.slice))
    if gate.clip is not None:
        parts.append(f"in clip {gate.clip}")
    return " ".join(parts)


def gate_limit(gate: Gate) -> str:
    """What a gate asks for: ``at least 0.8, 95 % sure``, ``drops by at most 0.01``."""
    if gate.form == "require":
        return f"at least {plural(round(gate.limit), 'truth box', 'truth boxes')}"
    limit = limit_text(gate.limit, metric_unit(gate.metric))
    words = {
        "min": "at least",
        "max": "at most",
        "max_drop": "drops by at most",
        "max_rise": "rises by at most",
        "not_worse": "worse by at most",
    }
    return f"{words[gate.form]} {limit}{_sure(gate)}"


def _sure(gate: Gate) -> str:
    return "" if gate.confidence is None else f", {100 * gate.confidence:g} % sure"


def gate_number(result: GateResult) -> str:
    """The observed value without its unit, never rounded onto the limit; or ``undefined``."""
    metric = result.observed
    if result.gate.form == "require":
        return "none" if metric is None else f"{metric.n:,}"
    if metric is None or metric.value is None:
        return "undefined"
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
        return f"{subject}: {gate_observed(result)}, {gate_limit(gate)} must be there"
    if metric is None:
        return f"{subject} was not measured"
    if metric.value is None:
        return f"{subject} is undefined: {metric.reason}"
    observed = gate_observed(result)
    is_, needs = ("are", "need") if gate.metric in _PLURAL else ("is", "needs")
    if gate.form in ("min", "max"):
        verb = needs if gate.form == "min" else "may be"
        sure = _in_brackets(bound_text(result))
        return f"{subject} {is_} {observed}{sure}, {verb} {gate_limit(gate)}"
    if result.baseline is None or result.baseline.value is None:
        return f"{subject} {is_} {observed}, and the baseline has no value to compare with"
    before = text_beside(result.baseline.value, metric.value, metric.unit)
    allowed = f"{'they' if is_ == 'are' else 'it'} may {_moves(result)} by at most"
    limit = limit_text(gate.limit, metric.unit)
    return (
        f"{subject} {is_} {observed} against {before} of {result.baseline_name}"
        f"{_in_brackets(bound_text(result))}; {allowed} {limit}{_sure(gate)}"
    )


def verdict_sentence(result: GateResult) -> str:
    """`gate_sentence`; where something besides the numbers kept a gate from a verdict, that."""
    if result.verdict is not Verdict.INCONCLUSIVE or not result.explanation:
        return gate_sentence(result)
    return gate_sentence(result) if _is_too_close(result) else result.explanation


def _is_too_close(result: GateResult) -> bool:
    """Whether the numbers alone leave it open: no bound holds the limit, no failure is sure."""
    confidence, p_adjusted = result.gate.confidence, result.p_adjusted
    return confidence is not None and p_adjusted is not None and p_adjusted > 1.0 - confidence


def is_floor(result: GateResult) -> bool:
    """Whether a gate wants a value or change of at least its limit, not of at most."""
    if result.gate.form == "not_worse":
        return result.observed is None or result.observed.better != "lower"
    return result.gate.form in ("min", "max_drop")


def _moves(result: GateResult) -> str:
    """The direction that a comparing gate limits: ``drop`` or ``rise``."""
    return "drop" if is_floor(result) else "rise"


def _in_brackets(text: str) -> str:
    return f" ({text})" if text else ""


def bound_text(result: GateResult) -> str:
    """``95 % sure of at least 0.842``, ``95 % sure that it drops by at most 0.062``.

    Empty where no confidence is asked, or none could be had.
    """
    gate, metric = result.gate, result.observed
    if gate.confidence is None or result.bound is None or metric is None:
        return ""
    sure = f"{100 * gate.confidence:g} % sure"
    unit = unit_suffix(metric.unit)
    if gate.form in ("min", "max"):
        side = "at least" if gate.form == "min" else "at most"
        return f"{sure} of {side} {text_beside(result.bound, gate.limit, metric.unit)}{unit}"
    moves = _moves(result)
    amount = -result.bound if moves == "drop" else result.bound
    if amount <= 0:
        return f"{sure} that it does not {moves}"
    most = text_beside(amount, gate.limit, metric.unit)
    return f"{sure} that it {moves}s by at most {most}{unit}"


def reason_sentence(
    n_failed: int, n_undecided: int, n_warnings: int, n_quarantined: int, n_gates: int, first: str
) -> str:
    """Why a pipeline got its verdict, one sentence; `first` is the most telling gate in words."""
    alone = n_failed == 1 or (not n_failed and n_undecided + n_warnings + n_quarantined == 1)
    detail = f"{'' if alone else ', among them'}: {first}" if first else ""
    if n_failed:
        return f"Fails {n_failed:,} of {plural(n_gates, 'gate')}{detail}."
    if n_undecided:
        return f"{n_undecided:,} of {plural(n_gates, 'gate')} cannot be decided{detail}."
    if not n_gates:
        return "No gate judges it: nothing was required of it."
    exceptions = []
    if n_warnings:
        exceptions.append(plural(n_warnings, "gives a warning", "give a warning"))
    if n_quarantined:
        exceptions.append(
            plural(
                n_quarantined,
                "is in quarantine and does not count",
                "are in quarantine and do not count",
            )
        )
    if exceptions:
        n_passed = n_gates - n_warnings - n_quarantined
        noted = " and ".join(exceptions)
        return f"Meets {n_passed:,} of {plural(n_gates, 'gate')}; {noted}{detail}."
    return "Meets its only gate." if n_gates == 1 else f"Meets all {n_gates:,} gates."


def recommendation(verdict: Verdict, n_warnings: int, n_gates: int, more_footage: str = "") -> str:
    """What to do with a pipeline; `more_footage` says what would decide an inconclusive one."""
    if verdict is Verdict.FAIL:
        return "Hold: do not deploy."
    if verdict is Verdict.INCONCLUSIVE and more_footage:
        return f"Hold: {more_footage}."
    if verdict is Verdict.INCONCLUSIVE:
        return "Hold: this run does not decide."
    if not n_gates:
        return "Decide by the numbers: the benchmark sets no gates."
    if n_warnings:
        return f"Ship, knowing the {plural(n_warnings, 'warning')}."
    return "Ship."
