"""The verdict in Markdown for a comment on a pull or merge request."""

from __future__ import annotations

import re

from vbench.report.lookup import MetricIndex
from vbench.report.text.markdown import Part, page
from vbench.report.text.markdown_parts import (
    dated,
    headed,
    noted,
    side_by_side,
    verdict_rows,
    why_parts,
)
from vbench.report.verdicts import GateStatus, failures_first, gate_status
from vbench.types import Run

MAX_BYTES = 64_000
"""GitHub takes 65,536 characters; counting bytes is on the safe side of any way to count them."""

_NOT_IN_MARKER = re.compile(r"[^A-Za-z0-9._]+")


def comment_markdown(run: Run) -> str:
    """Verdicts, gates that did not pass with why and how to run them again, side by side.

    The first line is `comment_marker`; less than `MAX_BYTES`.
    """
    index = MetricIndex.of(run)
    stopped = [
        item for item in failures_first(run.gates) if gate_status(item) is not GateStatus.PASS
    ]
    parts = [
        Part((comment_marker(run),)),
        headed(run),
        verdict_rows(run),
        noted(run),
        why_parts(run, stopped, MAX_BYTES // 2),
        *(side_by_side(index, item.name, folded=True) for item in run.golden_sets),
        dated(run),
    ]
    return page(parts, MAX_BYTES, "(cut here: the whole is in the report)")


def comment_marker(run: Run) -> str:
    """An HTML comment that nobody sees, by which a job finds its earlier comment to replace it."""
    name = _NOT_IN_MARKER.sub("-", run.manifest.benchmark)
    return f"<!-- vbench: {name.strip('-')} -->"
