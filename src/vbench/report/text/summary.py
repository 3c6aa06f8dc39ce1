"""The verdict in Markdown for the step summary of CI."""

from __future__ import annotations

from vbench.report.lookup import MetricIndex
from vbench.report.text.markdown import page
from vbench.report.text.markdown_parts import (
    dated,
    gate_rows,
    headed,
    noted,
    side_by_side,
    verdict_rows,
    why_parts,
)
from vbench.report.verdicts import GateStatus, failures_first, gate_status
from vbench.types import Run

MAX_BYTES = 1_000_000
"""GitHub drops a step summary over 1 MiB as a whole; a step may add lines of its own."""


def summary_markdown(run: Run) -> str:
    """Verdicts, every gate with failures first, why they failed, pipelines side by side.

    Less than `MAX_BYTES`: what is too much is cut between rows, and said.
    """
    index = MetricIndex.of(run)
    ordered = failures_first(run.gates)
    stopped = [item for item in ordered if gate_status(item) is not GateStatus.PASS]
    parts = [
        headed(run),
        verdict_rows(run),
        noted(run),
        gate_rows(run, ordered, MAX_BYTES // 3),
        why_parts(run, stopped, MAX_BYTES // 3),
        *(side_by_side(index, item.name) for item in run.golden_sets),
        dated(run),
    ]
    return page(parts, MAX_BYTES, "(cut here: the whole is in report.html)")
