"""Why gates did not pass, in a few lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vbench.report import wording
from vbench.report.explained import why_sentences
from vbench.report.numbers import plural
from vbench.report.verdicts import GateStatus, failures_first, gate_status
from vbench.types import GateResult, Run

_MOST_GATES = 4
_FIRST_SENTENCES = 2
"""Shown of a gate, with the last one, which says where in time to look."""


@dataclass(frozen=True, slots=True)
class WhyLine:
    """One line of the explanation."""

    text: str
    is_title: bool = False
    is_command: bool = False
    """To be copied: never broken into two lines."""


def why_lines(run: Run) -> tuple[WhyLine, ...]:
    """What carries the loss of the gates that block a verdict, worst first.

    Gates at level ``warn`` and gates without known causes are left to the report.
    """
    blocking = [
        result
        for result in failures_first(run.gates)
        if gate_status(result) in (GateStatus.FAIL, GateStatus.INCONCLUSIVE) and result.causes
    ]
    lines = [line for result in blocking[:_MOST_GATES] for line in _of_gate(run, result)]
    more = len(blocking) - _MOST_GATES
    if more > 0:
        rest = plural(more, "more gate is", "more gates are")
        lines.append(WhyLine(f"{rest} explained in report.html"))
    return tuple(lines)


def _of_gate(run: Run, result: GateResult) -> Iterator[WhyLine]:
    sentence = wording.gate_sentence(result)
    yield WhyLine(f"{gate_status(result).icon} {result.pipeline}: {sentence}", is_title=True)
    sentences = why_sentences(run, result)
    shown = sentences[:_FIRST_SENTENCES]
    if len(sentences) > _FIRST_SENTENCES:
        shown += sentences[-1:]
    for text in shown:
        yield WhyLine(text)
    if result.rerun:
        yield WhyLine(result.rerun, is_command=True)
