"""A noisy machine excuses speeds, nothing else; a quarantine holds up to its day."""

from __future__ import annotations

import pytest

from tests.gates.made import gate, metric
from vbench.gates.judge import Baseline, judge
from vbench.types import GateResult, MachineLoad, Metric, Verdict

NOISY = MachineLoad(0.23, ("updatedb", "make"))


def judged(name: str, value: float | None, load: MachineLoad | None) -> GateResult:
    row = metric(value, name=name, reason="replayed" if value is None else None)
    rule = gate(metric=name, form="max", limit=50)
    (result,) = judge([rule], [row], ["v2"], ["dock"], None, load=load)
    return result


@pytest.mark.parametrize(
    ("name", "value", "load", "verdict"),
    [
        ("latency_ms_p95", 60, NOISY, Verdict.INCONCLUSIVE),
        ("throughput_fps", 60, NOISY, Verdict.INCONCLUSIVE),
        ("latency_ms_p95", 40, NOISY, Verdict.PASS),
        ("latency_ms_p95", 60, MachineLoad(0.10, ("make",)), Verdict.FAIL),
        ("latency_ms_p95", 60, None, Verdict.FAIL),
        ("latency_ms_p95", None, NOISY, Verdict.FAIL),
        ("fp_per_frame", 60, NOISY, Verdict.FAIL),
        ("longest_gap_s_mean", 60, NOISY, Verdict.FAIL),
    ],
)
def test_a_noisy_machine(
    name: str, value: float | None, load: MachineLoad | None, verdict: Verdict
) -> None:
    result = judged(name, value, load)
    assert result.verdict is verdict
    assert ("updatedb, make" in result.explanation) == (verdict is Verdict.INCONCLUSIVE)
    assert ("23 %" in result.explanation) == (verdict is Verdict.INCONCLUSIVE)


def test_a_machine_whose_processes_have_no_names() -> None:
    result = judged("latency_ms_p95", 60, MachineLoad(0.5, ()))
    assert "other processes used 50 % of the machine" in result.explanation


def test_a_comparison_without_a_baseline_is_no_matter_of_noise() -> None:
    rule = gate(metric="latency_ms_p95", form="max_rise", limit=1)
    row: Metric = metric(60, name="latency_ms_p95")
    before = Baseline("v1", "v1", ())
    (result,) = judge([rule], [row], ["v2"], ["dock"], before, load=NOISY)
    assert result.verdict is Verdict.FAIL
