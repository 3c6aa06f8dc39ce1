"""What keeps a verdict from counting: a noisy machine, a quarantine."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from vbench.gates.baseline import is_timing
from vbench.types import COMPARING, GateResult, MachineLoad, Verdict

QUIET_SHARE = 0.10
"""Other processes may use this much of all CPUs' time before a speed that fails is not believed."""


def noise(load: MachineLoad | None) -> str:
    """How busy other processes were, where that makes times doubtful; empty where it does not."""
    if load is None or load.foreign_share <= QUIET_SHARE:
        return ""
    busy = f" ({', '.join(load.busiest)})" if load.busiest else ""
    return f"other processes{busy} used {100 * load.foreign_share:.0f} % of the machine meanwhile"


def on_noisy_machine(result: GateResult, load: MachineLoad | None) -> GateResult:
    """The result; a speed that failed beside other busy processes is inconclusive."""
    noisy = noise(load)
    if not noisy or not is_timing(result.gate.metric):
        return result
    if result.verdict is not Verdict.FAIL or not _was_measured(result):
        return result
    return replace(
        result,
        verdict=Verdict.INCONCLUSIVE,
        explanation=f"{result.explanation}; that decides nothing, since {noisy}: measure again when"
        " it is quiet",
    )


def with_quarantine(result: GateResult, today: date | None) -> GateResult:
    """The result, marked where its quarantine holds; one that is over is said to be.

    Args:
        result: as decided; the verdict stays.
        today: a quarantine holds up to its day; None: none holds.
    """
    quarantine = result.gate.quarantine
    if quarantine is None or today is None:
        return result
    if today <= quarantine.expires:
        return replace(result, in_quarantine=True)
    return replace(
        result,
        explanation=f"{result.explanation}; its quarantine ({quarantine.owner}:"
        f" {quarantine.reason}) expired on {quarantine.expires}",
    )


def _was_measured(result: GateResult) -> bool:
    """Whether the failure comes from numbers, not from their absence."""
    rows = [result.observed]
    if result.gate.form in COMPARING:
        rows.append(result.baseline)
    return all(row is not None and row.value is not None for row in rows)
