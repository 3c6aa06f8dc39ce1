"""The verdict in Markdown, for step summaries of CI and for pull requests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from vbench.record.folder import RunFolder, write_whole
from vbench.record.run_json import read_run
from vbench.report import wording
from vbench.report.lookup import MetricIndex
from vbench.report.page import date_text
from vbench.report.tables import Cell, headline_table, row_title
from vbench.report.verdicts import (
    GateStatus,
    failures_first,
    gate_status,
    pipeline_verdicts,
    run_sentence,
)
from vbench.types import Run

MAX_BYTES = 64 * 1024
_MAX_GATES = 100
_MAX_PIPELINES = 8
_MAX_NAME = 80
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&@])")
_BREAKS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_CUT = "\n\n(cut here: the whole is in report.html)\n"


def write_summary(folder: RunFolder) -> Path:
    """Write ``summary.md`` into the run folder and return its path.

    Raises:
        RunFolderError: the run is not finished, or ``run.json`` is broken.
    """
    write_whole(folder.summary_md, summary_markdown(read_run(folder)))
    return folder.summary_md


def summary_markdown(run: Run) -> str:
    """Verdicts, gates with failures first, pipelines side by side; less than `MAX_BYTES`."""
    index = MetricIndex.of(run)
    parts = [
        f"## {_safe(run.manifest.benchmark)}: {wording.VERDICT_WORD[run.verdict]}",
        _safe(run_sentence(run)),
        _verdicts(run),
        _notes(run),
        _gates(run),
        *(_headline(index, item.name, len(run.golden_sets)) for item in run.golden_sets),
        f"{_safe(date_text(run))}, vbench {_safe(run.manifest.vbench_version)}",
    ]
    text = "\n\n".join(part for part in parts if part) + "\n"
    content = text.encode("utf-8")
    if len(content) < MAX_BYTES:
        return text
    room = MAX_BYTES - len(_CUT.encode("utf-8")) - 1
    return content[:room].decode("utf-8", "ignore").rsplit("\n", 1)[0] + _CUT


def _verdicts(run: Run) -> str:
    rows = [
        (_safe(item.name), f"{item.status.icon} **{item.word}**", _safe(item.reason, limit=400))
        for item in pipeline_verdicts(run)
    ]
    return _table(("Pipeline", "Verdict", "Why"), rows)


def _notes(run: Run) -> str:
    return "\n".join(f"> {_safe(note, limit=300)}  " for note in run.notes[:20])


def _gates(run: Run) -> str:
    ordered = failures_first(run.gates)
    if not ordered:
        return ""
    rows = []
    for result in ordered[:_MAX_GATES]:
        status = gate_status(result)
        reason = "" if result.observed is None else result.observed.reason or ""
        observed = wording.gate_observed(result) + (f": {reason}" if reason else "")
        rows.append(
            (
                f"{status.icon} {status.word}",
                _safe(result.pipeline),
                _safe(wording.gate_subject(result.gate), limit=200),
                _safe(observed, limit=200),
                _safe(wording.gate_limit(result.gate)),
            )
        )
    title = "### Gates"
    more = len(ordered) - len(rows)
    rest = f"\n\n{more:,} more in report.html" if more else ""
    n_failed = sum(gate_status(item) is GateStatus.FAIL for item in ordered)
    count = f"{n_failed:,} of {len(ordered):,} fail."
    table = _table(("", "Pipeline", "Rule", "Observed", "Limit"), rows)
    return f"{title}\n\n{count}\n\n{table}{rest}"


def _headline(index: MetricIndex, golden_set: str, n_sets: int) -> str:
    table = headline_table(index, golden_set)
    shown = table.columns[:_MAX_PIPELINES]
    rows = [
        (_safe(row_title(row)), *(_cell(cell) for cell in row.cells[: len(shown)]))
        for row in table.rows
    ]
    title = "### Side by side" + (f" on {_safe(golden_set)}" if n_sets > 1 else "")
    footnotes = "\n".join(
        f"{k}. undefined: {_safe(reason, limit=300)}"
        for k, reason in enumerate(table.reasons, start=1)
    )
    more = len(table.columns) - len(shown)
    rest = f"\n\n{more:,} more pipelines in report.html" if more else ""
    points = ", ".join(
        f"{_safe(item.name)} at {_safe(item.operating_point.text(), limit=200)}"
        for item in index.run.pipelines[:_MAX_PIPELINES]
    )
    body = _table(("", *(_safe(name) for name in shown)), rows, numbers=True)
    return "\n\n".join(part for part in (title, body + rest, footnotes, points) if part)


def _cell(cell: Cell) -> str:
    if cell.reason is not None:
        return f"undefined ({cell.note})"
    if cell.change is None:
        return cell.text
    return f"{cell.text} ({cell.change.text} {cell.change.word})"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: bool = False) -> str:
    rule = [":--", *(["--:"] * (len(head) - 1) if numbers else [":--"] * (len(head) - 1))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def _safe(text: str, *, limit: int = _MAX_NAME) -> str:
    """Text that stays in its cell: no line breaks, no Markdown, no HTML, not endless."""
    flat = _BREAKS.sub(" ", text)
    short = flat if len(flat) <= limit else f"{flat[: limit - 1]}…"
    return _SPECIAL.sub(r"\\\1", short)
