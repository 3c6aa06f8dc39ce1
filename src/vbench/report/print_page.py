"""Everything the PDF shows: the same facts as the HTML report, capped to a few pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.report import tables
from vbench.report.evidence import Evidence, read_evidence
from vbench.report.gallery import Picture, pictures
from vbench.report.gates_view import GateView, gate_views
from vbench.report.glossary import Term, glossary
from vbench.report.how_sure import HowSure, how_sure
from vbench.report.lookup import MetricIndex
from vbench.report.numbers import plural
from vbench.report.page import date_text, run_facts
from vbench.report.plain import PlainFacts, plain_facts
from vbench.report.tables import Row, Table
from vbench.report.tested import Tested, what_was_tested
from vbench.report.verdicts import (
    PipelineVerdict,
    failed_verdicts,
    notes_of,
    partial_sentence,
    pipeline_verdicts,
    run_sentence,
)
from vbench.report.worst_frames import WorstFrame, kept_worst_frames
from vbench.types import Run, Verdict

MAX_ON_FIRST_PAGE = 3
MAX_PIPELINES = 6
_PER_TABLE = 3
_MAX_GATES = 40
_MAX_ROWS = 24
_MAX_PICTURES = 6
_MAX_SETS = 3
_MAX_GAPS = 6
_MAX_EXPLAINED = 8
_MISS_HEIGHT_MM = (24, 66)
_CHARACTERS_PER_LINE = 96
"""Of all columns of the first page's answers together."""
_LINE_MM = 4.5
_FREE_MM = 144
"""Of the first page, without its head, captions and signature."""
_PRINTED = (
    *tables.HEADLINE,
    *tables.TRACKING,
    *tables.ALERTS,
    *tables.COUNTS,
    *tables.SLICE_METRICS,
    *tables.CLASS_METRICS,
)
"""Metrics of the tables, besides those of gates."""


@dataclass(frozen=True, slots=True)
class PrintSet:
    """One golden set in print; wide tables are cut into several of `_PER_TABLE` pipelines."""

    name: str
    facts: tuple[PlainFacts, ...]
    tested: Tested
    headlines: tuple[Table, ...]
    slices: tuple[Table, ...]
    classes: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class PrintPage:
    """The whole PDF."""

    run: Run
    sentence: str
    date: str
    facts: tuple[tuple[str, str], ...]
    verdicts: tuple[PipelineVerdict, ...]
    failed: tuple[PipelineVerdict, ...]
    """Pipelines that did not get through the golden sets."""
    sets: tuple[PrintSet, ...]
    typical_miss: Picture | None
    miss_height_mm: int
    """Room for that picture on the first page."""
    gaps: tuple[str, ...]
    n_gaps_left_out: int
    gates: tuple[GateView, ...]
    n_gates_left_out: int
    explained: tuple[GateView, ...]
    """Gates that did not pass of which more is known than that, most urgent first."""
    n_explained_left_out: int
    partial: str
    notes: tuple[str, ...]
    sure: HowSure
    pictures: tuple[Picture, ...]
    glossary: tuple[Term, ...]
    left_out: tuple[str, ...]
    """What the caps cut away, for a line that says where to find it."""


def read_print_page(folder: RunFolder) -> PrintPage:
    """Gather the PDF of a finished run.

    Raises:
        RunFolderError: the run is not finished, or a part of it is missing or broken.
    """
    run = read_run(folder)
    index = MetricIndex.of(run)
    evidence = read_evidence(folder, run)
    frames = kept_worst_frames(folder, run, evidence, per_pipeline=_MAX_PICTURES)
    verdicts = pipeline_verdicts(run)
    sets = tuple(_print_set(index, k) for k in range(min(len(run.golden_sets), _MAX_SETS)))
    gates = gate_views(index)
    explained = [gate for gate in gates if gate.why or gate.more_footage]
    gaps = tuple(gap for item in sets for gap in item.tested.gaps)
    return PrintPage(
        run=run,
        sentence=run_sentence(run),
        date=date_text(run),
        facts=run_facts(run),
        verdicts=verdicts,
        failed=failed_verdicts(run),
        sets=sets,
        typical_miss=_typical_miss(folder, run, evidence, frames),
        miss_height_mm=_miss_height_mm(run, verdicts, sets[0].facts if sets else ()),
        gaps=gaps[:_MAX_GAPS],
        n_gaps_left_out=max(0, len(gaps) - _MAX_GAPS),
        gates=gates[:_MAX_GATES],
        n_gates_left_out=max(0, len(gates) - _MAX_GATES),
        explained=tuple(explained[:_MAX_EXPLAINED]),
        n_explained_left_out=max(0, len(explained) - _MAX_EXPLAINED),
        partial=partial_sentence(run),
        notes=notes_of(run),
        sure=how_sure(run),
        pictures=_pictures(folder, run, evidence, frames),
        glossary=glossary(run, {*_PRINTED, *(item.gate.metric for item in run.gates)}),
        left_out=_left_out(run, sets),
    )


def _print_set(index: MetricIndex, number: int) -> PrintSet:
    golden_set = index.run.golden_sets[number]
    names = [item.name for item in index.run.pipelines[:MAX_PIPELINES]]
    n_slice, n_class = len(tables.SLICE_METRICS), len(tables.CLASS_METRICS)
    slices = tables.slice_table(index, golden_set.name)
    classes = tables.class_table(index, golden_set.name, golden_set.taxonomy.names)
    return PrintSet(
        name=golden_set.name,
        facts=tuple(plain_facts(index, name, golden_set.name) for name in names),
        tested=what_was_tested(index, golden_set),
        headlines=_cut(tables.headline_table(index, golden_set.name), 1),
        slices=_cut(slices, n_slice) if len(slices.rows) > 1 else (),
        classes=_cut(classes, n_class) if len(classes.rows) > 1 else (),
    )


def _cut(table: Table, per_pipeline: int) -> tuple[Table, ...]:
    """Tables of at most `_PER_TABLE` pipelines and `_MAX_ROWS` rows each."""
    parts = []
    for first in range(0, min(len(table.columns), MAX_PIPELINES), _PER_TABLE):
        end = min(first + _PER_TABLE, MAX_PIPELINES)
        rows = tuple(
            replace(row, cells=row.cells[first * per_pipeline : end * per_pipeline])
            for row in table.rows[:_MAX_ROWS]
        )
        parts.append(_renumbered(Table(table.columns[first:end], rows, table.reasons)))
    return tuple(parts)


def _renumbered(table: Table) -> Table:
    """Footnotes of what is left in a table, numbered from 1 again."""
    used = dict.fromkeys(
        cell.reason for row in table.rows for cell in row.cells if cell.reason is not None
    )
    numbers = {reason: k for k, reason in enumerate(used, start=1)}

    def renumber(row: Row) -> Row:
        cells = tuple(
            cell if cell.reason is None else replace(cell, note=numbers[cell.reason])
            for cell in row.cells
        )
        return replace(row, cells=cells)

    return Table(table.columns, tuple(renumber(row) for row in table.rows), tuple(numbers))


def _typical_miss(
    folder: RunFolder, run: Run, evidence: Evidence, frames: Sequence[WorstFrame]
) -> Picture | None:
    """A kept frame with missed objects, of the pipeline whose failure matters most."""
    ranked = sorted(
        run.pipelines,
        key=lambda item: (item.verdict is not Verdict.FAIL, item.name == run.baseline),
    )
    for pipeline in ranked:
        for frame in frames:
            if frame.pipeline == pipeline.name and frame.fn:
                made = pictures(folder, run, evidence, [frame], share_images=False)[0]
                if made.data_uri:
                    return made
    return None


def _miss_height_mm(
    run: Run, verdicts: Sequence[PipelineVerdict], facts: Sequence[PlainFacts]
) -> int:
    """What the answers above it leave of the first page, by how many lines they take, about."""
    if len(verdicts) > MAX_ON_FIRST_PAGE:
        return _MISS_HEIGHT_MM[1]
    per_line = _CHARACTERS_PER_LINE // max(1, len(verdicts))
    rows = [
        [item.plain_reason for item in verdicts],
        [item.recommendation for item in verdicts],
        [item.finds for item in facts],
        [item.sure for item in facts],
        [item.cries_wolf for item in facts],
        [item.speed for item in facts],
        [item.against_baseline for item in facts],
        [item.hardest for item in facts],
    ]
    n_lines = 2 * bool(run.manifest.partial)
    n_lines += sum(max((len(text) // per_line + 1 for text in row), default=1) for row in rows)
    least, most = _MISS_HEIGHT_MM
    return max(least, min(most, round(_FREE_MM - n_lines * _LINE_MM)))


def _pictures(
    folder: RunFolder, run: Run, evidence: Evidence, frames: Sequence[WorstFrame]
) -> tuple[Picture, ...]:
    """The worst frames of all pipelines in turn: the worst of each, then the second of each."""
    by_pipeline = [
        [frame for frame in frames if frame.pipeline == item.name] for item in run.pipelines
    ]
    turns = max((len(each) for each in by_pipeline), default=0)
    chosen = [each[k] for k in range(turns) for each in by_pipeline if k < len(each)]
    return pictures(folder, run, evidence, chosen[:_MAX_PICTURES], share_images=False)


def _left_out(run: Run, sets: Sequence[PrintSet]) -> tuple[str, ...]:
    found = []
    if len(run.pipelines) > MAX_PIPELINES:
        found.append(plural(len(run.pipelines) - MAX_PIPELINES, "more pipeline"))
    if len(run.golden_sets) > _MAX_SETS:
        found.append(plural(len(run.golden_sets) - _MAX_SETS, "more golden set"))
    if any(len(item.slices[0].rows) == _MAX_ROWS for item in sets if item.slices):
        found.append("more slices")
    if any(len(item.tested.classes) > _MAX_ROWS for item in sets):
        found.append("more classes")
    return tuple(found)
