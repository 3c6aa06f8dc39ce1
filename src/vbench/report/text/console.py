"""The report for a terminal as plain data; the command line draws it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from vbench.gates.exempt import noise
from vbench.report import wording
from vbench.report.decision import decision
from vbench.report.lookup import MetricIndex
from vbench.report.numbers import number_text
from vbench.report.tables import HEADLINE, Cell, Row, headline_table, slice_table
from vbench.report.verdicts import (
    GateStatus,
    failed_verdicts,
    failures_first,
    gate_status,
    notes_of,
    partial_sentence,
    pipeline_verdicts,
    run_sentence,
)
from vbench.types import COMPARING, GateResult, Run

Justify = Literal["left", "right"]
Style = Literal["good", "bad", "warn", "neutral", "dim"]

_CONSOLE_NAMES = tuple(name for name in HEADLINE if name != "latency_ms_p99")
_SHORT_TITLES = {
    "fp_per_camera_hour": "false / camera-hour",
    "latency_ms_p50": "latency p50 ms",
    "latency_ms_p95": "latency p95 ms",
    "throughput_fps": "frames/s",
    "frame_accuracy": "frame accuracy",
}
_STATUS_STYLES: dict[GateStatus, Style] = {
    GateStatus.FAIL: "bad",
    GateStatus.INCONCLUSIVE: "warn",
    GateStatus.WARN: "warn",
    GateStatus.QUARANTINED: "dim",
    GateStatus.PASS: "good",
}
_CHANGE_MARKS = {"better": "✓", "worse": "✕", "same": "=", "changed": "~"}
_NAME_WIDTH = 16
_TITLE_WIDTH = 28
_RULE_WIDTH = 28
_MOST_WITH_AMOUNT = 3
"""With more pipelines than this, a change is a mark without its amount."""


@dataclass(frozen=True, slots=True)
class ConsoleCell:
    """One piece of text and how it is meant."""

    text: str
    """May have two lines."""
    style: Style


@dataclass(frozen=True, slots=True)
class ConsoleTable:
    """A table; where it is wider than the terminal, `is_divisible` says what to do."""

    title: str
    columns: tuple[str, ...]
    justify: tuple[Justify, ...]
    """Of each column: numbers end at the right, words start at the left."""
    rows: tuple[tuple[ConsoleCell, ...], ...]

    @property
    def is_divisible(self) -> bool:
        """Whether columns of numbers may go on below, each part with the first column."""
        return len(self.columns) > 2 and set(self.justify[1:]) == {"right"}

    @property
    def width(self) -> int:
        """Characters that it takes where nothing is wrapped or cut."""
        return 2 + sum(map(self._column_width, range(len(self.columns))))

    def fitting(self, width: int) -> Iterator[ConsoleTable]:
        """The table, cut into parts of up to `width` characters where its columns allow that."""
        if not self.is_divisible or self.width <= width:
            yield self
            return
        columns: list[int] = []
        for column in range(1, len(self.columns)):
            taken = 2 + sum(map(self._column_width, (0, *columns, column)))
            if columns and taken > width:
                yield self._part(columns)
                columns = []
            columns.append(column)
        yield self._part(columns)

    def _column_width(self, column: int) -> int:
        texts = [self.columns[column], *(row[column].text for row in self.rows)]
        return 2 + max(len(line) for text in texts for line in text.split("\n"))

    def _part(self, columns: Sequence[int]) -> ConsoleTable:
        """The first column and the given ones."""
        kept = (0, *columns)
        return ConsoleTable(
            title=self.title if columns[0] == 1 else "",
            columns=tuple(self.columns[k] for k in kept),
            justify=tuple(self.justify[k] for k in kept),
            rows=tuple(tuple(row[k] for k in kept) for row in self.rows),
        )


def console_tables(run: Run) -> tuple[ConsoleTable, ...]:
    """Per golden set the headline metrics and the recall of slices; then the gates."""
    index = MetricIndex.of(run)
    tables = []
    for golden_set in run.golden_sets:
        suffix = f" on {_cut(golden_set.name, 30)}" if len(run.golden_sets) > 1 else ""
        tables.append(_headline(index, golden_set.name, suffix))
        if index.slices.get(golden_set.name):
            tables.append(_slices(index, golden_set.name, suffix))
    if run.gates:
        tables.append(_gates(run))
    return tuple(tables)


def verdict_lines(run: Run) -> tuple[tuple[str, Style], ...]:
    """Notes, then a line per pipeline with verdict and reason, then the run and what to do.

    An inconclusive verdict says what would decide it.
    """
    noisy = noise(run.manifest.load)
    notes = [
        *filter(None, [partial_sentence(run)]),
        *notes_of(run),
        *([f"times are doubtful: {noisy}"] if noisy else []),
    ]
    lines: list[tuple[str, Style]] = [(f"! {note}", "warn") for note in notes]
    for item in (*pipeline_verdicts(run), *failed_verdicts(run)):
        text = f"{item.status.icon} {item.word}  {item.name}: {item.reason}"
        if item.status is GateStatus.INCONCLUSIVE:
            text = f"{text} {item.recommendation}"
        lines.append((text, _STATUS_STYLES[item.status]))
    decided = decision(run).text
    several = len(run.pipelines) + len(run.failures) > 1
    lines.append((f"{run_sentence(run)} {decided}" if several else decided, "neutral"))
    return tuple(lines)


def _headline(index: MetricIndex, golden_set: str, suffix: str) -> ConsoleTable:
    table = headline_table(index, golden_set, _CONSOLE_NAMES)
    title = f"Pipelines side by side{suffix}"
    if index.run.baseline is not None:
        title += f" (✓ better, ✕ worse than {_cut(index.run.baseline, 40)})"
    points = {item.operating_point.text() for item in index.run.pipelines}
    with_amount = len(table.columns) <= _MOST_WITH_AMOUNT
    rows = [
        (_title_cell(row), *(_cell(cell, with_amount=with_amount) for cell in row.cells))
        for row in table.rows
    ]
    if len(points) == 1:
        title += f"\n{points.pop()}"
    else:
        rows.insert(0, _operating_points(index.run))
    if index.run.manifest.timing:
        title += f"\n{index.run.manifest.timing.partition(';')[0]}"
    return ConsoleTable(
        title=title,
        columns=("", *map(_heading, table.columns)),
        justify=("left", *_right(len(table.columns))),
        rows=tuple(rows),
    )


def _slices(index: MetricIndex, golden_set: str, suffix: str) -> ConsoleTable:
    table = slice_table(index, golden_set, ("recall",))
    return ConsoleTable(
        title=f"Recall by slice{suffix}",
        columns=("", *map(_heading, table.columns), "boxes"),
        justify=("left", *_right(len(table.columns) + 1)),
        rows=tuple(
            (
                ConsoleCell(_cut(row.title, _TITLE_WIDTH), "neutral"),
                *(_cell(cell, with_amount=True) for cell in row.cells),
                ConsoleCell(f"{max(cell.n for cell in row.cells):,}", "dim"),
            )
            for row in table.rows
            if row.cells
        ),
    )


def _gates(run: Run) -> ConsoleTable:
    several = len({result.golden_set for result in run.gates}) > 1
    rows = []
    for result in failures_first(run.gates):
        status = gate_status(result)
        style = _STATUS_STYLES[status]
        pipeline = result.pipeline + (f" / {result.golden_set}" if several else "")
        observed = _cut(wording.gate_number(result), 12)
        certain = _certain(result)
        rows.append(
            (
                ConsoleCell(f"{status.icon} {status.word}", style),
                ConsoleCell(_rule(result), "neutral"),
                ConsoleCell(f"{observed}\n{certain}" if certain else observed, style),
                ConsoleCell(_heading(pipeline), "neutral"),
            )
        )
    return ConsoleTable(
        title="Gates (below a value its interval, or what is sure of it; Δ: of its change)"
        if any(_certain(result) for result in run.gates)
        else "Gates",
        columns=("", "rule", "observed", "pipeline"),
        justify=("left", "left", "right", "left"),
        rows=tuple(rows),
    )


def _rule(result: GateResult) -> str:
    """The rule; how sure it must be stands beside the bound where there is one."""
    gate = result.gate if result.bound is None else replace(result.gate, confidence=None)
    return _cut(gate.title(), 2 * _RULE_WIDTH)


def _certain(result: GateResult) -> str:
    """The bound that a gate asks for, ``≥ 0.571 (95 %)``, else the interval; Δ of changes."""
    gate, metric = result.gate, result.observed
    if gate.form == "require" or metric is None:
        return ""
    compared = gate.form in COMPARING
    mark = "Δ " if compared else ""
    if gate.confidence is not None and result.bound is not None:
        bound = number_text(result.bound, metric.unit)
        sign = "≥" if wording.is_floor(result) else "≤"
        return f"{mark}{sign} {bound} ({100 * gate.confidence:g} %)"
    interval = metric.interval
    if compared:
        interval = None if result.change is None else result.change.interval
    if interval is None:
        return ""
    low, high = (number_text(bound, metric.unit) for bound in (interval.low, interval.high))
    return f"{mark}{low} to {high}" if interval.low < 0 else f"{mark}{low}–{high}"


def _title_cell(row: Row) -> ConsoleCell:
    return ConsoleCell(_cut(_SHORT_TITLES.get(row.name, row.title), _TITLE_WIDTH), "neutral")


def _operating_points(run: Run) -> tuple[ConsoleCell, ...]:
    """A row for pipelines that do not share one operating point."""
    cells = [ConsoleCell("operating point", "dim")]
    for item in run.pipelines:
        scores = sorted({score for _, score in item.operating_point.scores})
        text = f"score >= {scores[0]:g}" if len(scores) == 1 else "score by class"
        cells.append(ConsoleCell(text, "dim"))
    return tuple(cells)


def _cell(cell: Cell, *, with_amount: bool) -> ConsoleCell:
    if cell.reason is not None:
        return ConsoleCell("undefined", "dim")
    if cell.change is None or cell.change.word == "same":
        return ConsoleCell(cell.text, "neutral")
    styles: dict[str, Style] = {"better": "good", "worse": "bad"}
    amount = f"{cell.change.text} " if with_amount else ""
    text = f"{cell.text} {amount}{_CHANGE_MARKS[cell.change.word]}"
    return ConsoleCell(text, styles.get(cell.change.word, "neutral"))


def _right(n: int) -> tuple[Justify, ...]:
    one: tuple[Justify, ...] = ("right",)
    return one * n


def _heading(name: str) -> str:
    """A pipeline's name; a long one on several lines, so that variants can be told apart."""
    if len(name) <= _NAME_WIDTH:
        return name
    parts = [part.strip() for part in re.split(r"(?=@)|(?<=,)|(?= / )", name) if part]
    lines = [
        line
        for part in parts
        for line in (re.split(r"(?<==)", part) if len(part) > _NAME_WIDTH else [part])
    ]
    return "\n".join(_cut(line, _NAME_WIDTH) for line in lines)


def _cut(text: str, width: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= width else f"{flat[: width - 1]}…"
