"""What step summaries and comments are put together from."""

from __future__ import annotations

from collections.abc import Sequence

from vbench.report import wording
from vbench.report.decision import decision
from vbench.report.explained import gate_facts
from vbench.report.lookup import MetricIndex
from vbench.report.numbers import plural
from vbench.report.tables import Cell, headline_table, row_title
from vbench.report.text.markdown import Part, code_block, escaped, escaped_html, table
from vbench.report.verdicts import (
    GateStatus,
    failed_verdicts,
    gate_status,
    notes_of,
    partial_sentence,
    pipeline_verdicts,
    run_sentence,
)
from vbench.report.web.page import date_text
from vbench.types import GateResult, Run

_MAX_PIPELINES = 8
_MAX_NOTES = 20
_LONG = 400


def headed(run: Run) -> Part:
    """Benchmark and verdict, then the run in two sentences."""
    title = f"## {escaped(run.manifest.benchmark)}: {wording.VERDICT_WORD[run.verdict]}"
    sentences = [
        decision(run).text,
        run_sentence(run),
        *([_gate_count(run.gates)] if run.gates else []),
    ]
    return Part((title, "", escaped(" ".join(sentences), limit=_LONG)), 2)


def verdict_rows(run: Run) -> Part:
    """A row per pipeline: verdict and why."""
    rows = [
        (
            escaped(item.name),
            f"{item.status.icon} **{item.word}**",
            escaped(item.reason, limit=_LONG),
        )
        for item in (*failed_verdicts(run), *pipeline_verdicts(run))
    ]
    lines = table(("Pipeline", "Verdict", "Why"), rows)
    return Part(lines, 2).within(20_000, "{n} more pipelines are in report.html")


def noted(run: Run) -> Part:
    """What a reader must know before trusting a number."""
    notes = [*filter(None, [partial_sentence(run)]), *notes_of(run)]
    rows = [f"> {escaped(note, limit=_LONG)}  " for note in notes[:_MAX_NOTES]]
    left = len(notes) - len(rows)
    return Part((*rows, *([f"> {left:,} more notes are in report.html"] if left else [])), 0)


def gate_rows(run: Run, ordered: Sequence[GateResult], max_bytes: int) -> Part:
    """A table of gates in the order given."""
    if not ordered:
        return Part(())
    several = len(run.golden_sets) > 1
    lines = table(
        ("", "Pipeline", "Rule", "Observed", "Limit"),
        [_gate_row(result, several) for result in ordered],
    )
    head = ("### Gates", "")
    more = "{n} more gates are in report.html"
    return Part((*head, *lines), len(head) + 2).within(max_bytes, more)


def why_parts(run: Run, gates: Sequence[GateResult], max_bytes: int) -> Part:
    """For each gate a line that unfolds: what was found, what carries it, what to run again."""
    if not gates:
        return Part(())
    rows = [_why(run, result, unfolded=len(gates) == 1) for result in gates]
    head = ("### What did not pass, and why", "")
    more = "{n} more are in report.html"
    return Part((*head, *rows), len(head)).within(max_bytes, more)


def side_by_side(index: MetricIndex, golden_set: str, *, folded: bool = False) -> Part:
    """Headline metrics of every pipeline on a golden set, with the operating points."""
    headline = headline_table(index, golden_set)
    shown = headline.columns[:_MAX_PIPELINES]
    rows = [
        (escaped(row_title(row)), *(_cell(cell) for cell in row.cells[: len(shown)]))
        for row in headline.rows
    ]
    lines = [*table(("", *map(escaped, shown)), rows, numbers=True), ""]
    more = len(headline.columns) - len(shown)
    if more:
        lines += [f"{plural(more, 'more pipeline')} in report.html", ""]
    lines += [
        f"{k}. undefined: {escaped(reason, limit=_LONG)}"
        for k, reason in enumerate(headline.reasons, start=1)
    ]
    lines += [""] * bool(headline.reasons)
    lines.append(_operating_points(index.run))
    on = f" on {golden_set}" if len(index.run.golden_sets) > 1 else ""
    if not folded:
        return Part((f"### Side by side{escaped(on)}", "", *lines), 4)
    whole = "\n".join(lines)
    summary = f"<details><summary>Side by side{escaped_html(on)}</summary>"
    return Part((f"{summary}\n\n{whole}\n\n</details>",), 0)


def dated(run: Run) -> Part:
    """When, with what, and how sure."""
    manifest = run.manifest
    parts = [date_text(run), f"vbench {manifest.vbench_version}"]
    if manifest.statistics:
        parts.append(manifest.statistics)
    if manifest.git_commit is not None:
        parts.append(f"commit {manifest.git_commit[:12]}")
    return Part((escaped(", ".join(parts), limit=_LONG),), 0)


def _gate_count(gates: Sequence[GateResult]) -> str:
    statuses = [gate_status(item) for item in gates]
    words = {
        GateStatus.FAIL: ("fails", "fail"),
        GateStatus.INCONCLUSIVE: ("cannot be decided", "cannot be decided"),
        GateStatus.WARN: ("gives a warning", "give a warning"),
        GateStatus.QUARANTINED: ("is in quarantine", "are in quarantine"),
        GateStatus.PASS: ("passes", "pass"),
    }
    counts = [(statuses.count(status), one, many) for status, (one, many) in words.items()]
    return f"Of {plural(len(gates), 'gate')}, " + (
        ", ".join(plural(n, one, many) for n, one, many in counts if n) + "."
    )


def _gate_row(result: GateResult, several: bool) -> tuple[str, ...]:
    status = gate_status(result)
    reason = "" if result.observed is None else result.observed.reason or ""
    observed = wording.gate_observed(result) + (f": {reason}" if reason else "")
    on = f" on {result.golden_set}" if several else ""
    return (
        f"{status.icon} {status.word}",
        escaped(f"{result.pipeline}{on}"),
        escaped(wording.gate_subject(result.gate), limit=200),
        escaped(observed, limit=200),
        escaped(wording.gate_limit(result.gate)),
    )


def _why(run: Run, result: GateResult, *, unfolded: bool) -> str:
    status = gate_status(result)
    name = result.pipeline + (f" on {result.golden_set}" if len(run.golden_sets) > 1 else "")
    sentence = wording.verdict_sentence(result)
    lines = [
        f"<details{' open' if unfolded else ''}><summary>{status.icon} {status.word}: "
        f"<b>{escaped_html(name)}</b>: {escaped_html(sentence, limit=_LONG)}</summary>",
        "",
    ]
    if result.explanation not in ("", sentence):
        lines += [escaped(result.explanation, limit=1000), ""]
    facts = gate_facts(run, result)
    lines += [f"- {fact.label}: {escaped(fact.text, limit=_LONG)}" for fact in facts]
    if result.rerun:
        lines += ["", "Run it again:", "", code_block(result.rerun)]
    return "\n".join([*lines, "", "</details>"])


def _cell(cell: Cell) -> str:
    if cell.reason is not None:
        return f"undefined ({cell.note})"
    if cell.change is None:
        return cell.text
    return f"{cell.text} ({cell.change.text} {cell.change.word})"


def _operating_points(run: Run) -> str:
    points = {item.name: item.operating_point.text() for item in run.pipelines[:_MAX_PIPELINES]}
    if len(set(points.values())) == 1:
        return f"At {escaped(next(iter(points.values())), limit=200)}"
    return ", ".join(
        f"{escaped(name)} at {escaped(point, limit=200)}" for name, point in points.items()
    )
