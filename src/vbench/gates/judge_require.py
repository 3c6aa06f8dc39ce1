"""Whether the footage that a benchmark requires is there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from vbench.config.model_file import closest
from vbench.types import Gate, GateResult, Metric, Verdict


def judge_required(result: GateResult, rows: Iterable[Metric]) -> GateResult:
    """Count the truth boxes that a `require` gate asks for.

    Args:
        result: with the recall row that it is about, or None where no row is.
        rows: all rows of the golden set, for what to suggest.
    """
    gate = result.gate
    n = 0 if result.observed is None else result.observed.n
    least = int(gate.limit)
    verdict = Verdict.PASS if n >= least else Verdict.FAIL
    boxes = "truth box" if n == 1 else "truth boxes"
    of_class = "" if gate.class_name is None else f" of {gate.class_name}"
    counted = f"{_footage(gate, result.golden_set)} has {n:,} {boxes}{of_class}"
    joined = "and" if verdict is Verdict.PASS else "but"
    sentence = f"{counted} {joined} must have at least {least:,}"
    if result.observed is None:
        sentence += _missing(gate, rows)
    return replace(result, verdict=verdict, explanation=sentence)


def _footage(gate: Gate, golden_set: str) -> str:
    if not gate.slice:
        return f"golden set {golden_set}"
    return ", ".join(f"{key}={value}" for key, value in gate.slice)


def _missing(gate: Gate, rows: Iterable[Metric]) -> str:
    """What is not there at all, and what was probably meant."""
    known: dict[str, list[str]] = {}
    for row in rows:
        for key, value in row.slice:
            known.setdefault(key, []).append(value)
    for key, value in gate.slice:
        if key not in known:
            return f": nothing has the tag {key}{_meant(key, known)}"
        if value not in known[key]:
            return f": no {key} is {value}{_meant(value, known[key])}"
    return ": nothing is all of that at once" if len(gate.slice) > 1 else ""


def _meant(word: str, names: Iterable[str]) -> str:
    hint = closest(word, names)
    return f"; {hint}" if hint.startswith("did you mean") else ""
