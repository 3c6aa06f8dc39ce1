"""The verdict of each pipeline with its reason, and gates in reading order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from vbench.report import wording
from vbench.report.decision import instead_of, keep_text
from vbench.report.footage import more_footage_text
from vbench.report.language.stored_texts import say_stored
from vbench.report.language.strings import noted, say, say_n
from vbench.report.plain.gates import plain_gate_sentence
from vbench.types import GateResult, PipelineResult, Run, Verdict


class GateStatus(StrEnum):
    """How a gate result is shown, most urgent first."""

    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    WARN = "warn"
    QUARANTINED = "quarantined"
    """Does not pass, and a quarantine that still holds keeps it from counting."""
    PASS = "pass"

    @property
    def icon(self) -> str:
        """A shape that tells the status without colour."""
        return {"fail": "✕", "inconclusive": "?", "warn": "!", "quarantined": "○", "pass": "✓"}[
            self.value
        ]

    @property
    def word(self) -> str:
        """The status as written in tables."""
        return say(_STATUS_WORDS[self.value])


_STATUS_WORDS = {
    "fail": noted("Fail"),
    "inconclusive": noted("Undecided"),
    "warn": noted("Warning"),
    "quarantined": noted("Quarantined"),
    "pass": noted("Pass"),
}


def gate_status(result: GateResult) -> GateStatus:
    """Status of a gate; at level ``warn`` nothing is worse than a warning."""
    if result.verdict is Verdict.PASS:
        return GateStatus.PASS
    if result.in_quarantine:
        return GateStatus.QUARANTINED
    if result.gate.level == "warn":
        return GateStatus.WARN
    return GateStatus.FAIL if result.verdict is Verdict.FAIL else GateStatus.INCONCLUSIVE


def failures_first(gates: Sequence[GateResult]) -> tuple[GateResult, ...]:
    """Gates by urgency; in the order of the benchmark file among equals."""
    order = list(GateStatus)
    return tuple(sorted(gates, key=lambda result: order.index(gate_status(result))))


@dataclass(frozen=True, slots=True)
class PipelineVerdict:
    """One pipeline's verdict as a reader needs it."""

    name: str
    version: str
    engine: str
    status: GateStatus
    """The verdict as a status, for icon and colour."""
    word: str
    reason: str
    """One sentence."""
    plain_reason: str
    """The same without jargon."""
    recommendation: str
    """What to do; of an inconclusive one how much more footage would decide."""
    is_baseline: bool
    operating_point: str
    notes: tuple[str, ...]


def pipeline_verdicts(run: Run) -> tuple[PipelineVerdict, ...]:
    """The verdict of every pipeline, in the order of the run."""
    return tuple(_verdict(run, pipeline) for pipeline in run.pipelines)


def failed_verdicts(run: Run) -> tuple[PipelineVerdict, ...]:
    """A verdict for every pipeline that did not get through the golden sets."""
    return tuple(
        PipelineVerdict(
            name=item.name,
            version=item.version,
            engine="",
            status=GateStatus.FAIL,
            word=say("Did not finish"),
            reason=item.reason,
            plain_reason=say("It stopped with an error before the footage ended."),
            recommendation=say("Repair it and run again: nothing is known about it."),
            is_baseline=item.name == run.baseline,
            operating_point="",
            notes=(),
        )
        for item in run.failures
    )


def run_sentence(run: Run) -> str:
    """The whole run in one sentence."""
    n = len(run.pipelines) + len(run.failures)
    passed = [item.name for item in run.pipelines if item.verdict is Verdict.PASS]
    if n == 1:
        name, word = (
            (run.pipelines[0].name, wording.VERDICT_WORD[run.verdict])
            if run.pipelines
            else (run.failures[0].name, noted("Did not finish"))
        )
        return f"{name}: {say(word).lower()}."
    if not passed:
        return say("None of {n} pipelines passes.", n=n)
    if len(passed) == n:
        return say("All {n} pipelines pass.", n=n)
    return say_n(
        len(passed),
        "{n} of {n_all} pipelines passes: {names}.",
        "{n} of {n_all} pipelines pass: {names}.",
        n_all=n,
        names=wording.join_names(passed),
    )


def partial_sentence(run: Run) -> str:
    """What a run of a part of a benchmark must say first; empty for a whole one."""
    partial = run.manifest.partial.rstrip(".")
    if not partial:
        return ""
    return say("A partial run, which decides nothing: {partial}.", partial=say_stored(partial))


def notes_of(run: Run) -> tuple[str, ...]:
    """Notes of a run, without the one that `partial_sentence` says."""
    return tuple(say_stored(note) for note in run.notes if note != run.manifest.partial)


def _verdict(run: Run, pipeline: PipelineResult) -> PipelineVerdict:
    gates = failures_first([item for item in run.gates if item.pipeline == pipeline.name])
    statuses = [gate_status(item) for item in gates]
    n_warnings = statuses.count(GateStatus.WARN)
    first = gates[0] if gates and statuses[0] is not GateStatus.PASS else None
    return PipelineVerdict(
        name=pipeline.name,
        version=pipeline.version,
        engine=pipeline.engine,
        status=GateStatus(pipeline.verdict.value),
        word=say(wording.VERDICT_WORD[pipeline.verdict]),
        reason=_reason(
            run, pipeline, statuses, "" if first is None else wording.verdict_sentence(first)
        ),
        plain_reason=_reason(
            run, pipeline, statuses, "" if first is None else plain_gate_sentence(first)
        ),
        recommendation=_recommendation(run, pipeline, n_warnings, gates),
        is_baseline=pipeline.name == run.baseline,
        operating_point=wording.operating_point_text(pipeline.operating_point),
        notes=tuple(say_stored(note) for note in pipeline.notes),
    )


def _recommendation(
    run: Run, pipeline: PipelineResult, n_warnings: int, gates: Sequence[GateResult]
) -> str:
    if pipeline.verdict is Verdict.FAIL:
        return instead_of(run, pipeline)
    if pipeline.verdict is Verdict.PASS and pipeline.name == run.baseline and gates:
        return keep_text(n_warnings)
    more = _more_footage(run, gates)
    return wording.recommendation(pipeline.verdict, n_warnings, len(gates), more)


def _more_footage(run: Run, gates: Sequence[GateResult]) -> str:
    """Of the undecided gate that needs most, for then all are decided."""
    if run.manifest.partial:
        return say("only a part of the benchmark was run, run all of it")
    undecided = [item for item in gates if gate_status(item) is GateStatus.INCONCLUSIVE]
    amounts = [
        (math.inf if item.more_footage is None else item.more_footage, text)
        for item in undecided
        if (text := more_footage_text(run, item))
    ]
    return max(amounts, key=lambda amount: amount[0])[1] if amounts else ""


def _reason(run: Run, pipeline: PipelineResult, statuses: Sequence[GateStatus], first: str) -> str:
    n_failed = statuses.count(GateStatus.FAIL)
    n_undecided = statuses.count(GateStatus.INCONCLUSIVE)
    if pipeline.verdict is not Verdict.PASS and not n_failed and not n_undecided:
        # No gate explains the verdict: the notes must (nothing to score, damaged clips).
        stored = run.manifest.partial or next(iter(pipeline.notes), "")
        why = say_stored(stored) if stored else say("no gate could be judged")
        return f"{why[:1].upper()}{why[1:].rstrip('.')}."
    return wording.reason_sentence(
        n_failed,
        n_undecided,
        statuses.count(GateStatus.WARN),
        statuses.count(GateStatus.QUARANTINED),
        len(statuses),
        first,
    )
