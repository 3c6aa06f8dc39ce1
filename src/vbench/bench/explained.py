"""Gate results with what carries the loss, and the command that runs only that again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from vbench.bench.measured import Measured
from vbench.bench.rerun import rerun_command
from vbench.bench.rules import Rules
from vbench.metrics.cause_boxes import ScoredBoxes
from vbench.metrics.causes import gate_causes
from vbench.types import COMPARING, Cause, GateResult, Run, Verdict


def explained(run: Run, measured: Measured, rules: Rules) -> Run:
    """The run with causes and re-run commands in the gates that did not pass."""
    explanation = _Explanation(measured, rules)
    gates = []
    for result in run.gates:
        if result.verdict is not Verdict.PASS:
            result = replace(result, causes=explanation.causes(result))
            result = replace(result, rerun=rerun_command(run, result))
        gates.append(result)
    return replace(run, gates=tuple(gates))


@dataclass(frozen=True, slots=True)
class _Explanation:
    """Explains gate by gate."""

    measured: Measured
    rules: Rules

    def causes(self, result: GateResult) -> tuple[Cause, ...]:
        """What carries the loss of a gate that did not pass."""
        observed = result.observed
        if observed is None or observed.value is None:
            return ()
        compared = None
        if result.gate.form in COMPARING and result.baseline is not None:
            compared = self._boxes(result.baseline.pipeline, result.golden_set)
        kept = self.measured.statistics.sample(observed)
        sample, blocks = (None, None) if kept is None else kept
        return gate_causes(
            self._boxes(result.pipeline, result.golden_set),
            result.gate,
            observed.value,
            self.rules.slice_keys,
            sample=sample,
            blocks=blocks,
            baseline=compared,
        )

    def _boxes(self, pipeline: str, golden_set: str) -> ScoredBoxes:
        return self.measured.evaluations[pipeline, golden_set].boxes()
