"""Everything the PDF shows: the same facts as the HTML report, capped to a few pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.report import tables
from vbench.report.decision import Decision, decision
from vbench.report.evidence import read_evidence
from vbench.report.gates_view import GateView, gate_views
from vbench.report.glossary import Term, glossary
from vbench.report.how_sure import HowSure, how_sure
from vbench.report.language.strings import say_n
from vbench.report.lookup import MetricIndex
from vbench.report.plain.answer import Answer
from vbench.report.plain.facts import PlainFacts, plain_facts
from vbench.report.plain.speed import n_cameras
from vbench.report.printed.print_pictures import (
    PrintedChart,
    PrintPicture,
    charts,
    typical_miss,
    worst_pictures,
)
from vbench.report.printed.print_tables import (
    Breakdown,
    PrintTable,
    breakdown,
    chosen_pipelines,
    side_by_side,
)
from vbench.report.tested import Tested, what_was_tested
from vbench.report.verdicts import (
    GateStatus,
    PipelineVerdict,
    failed_verdicts,
    failures_first,
    gate_status,
    notes_of,
    partial_sentence,
    pipeline_verdicts,
    run_sentence,
)
from vbench.report.web.page import date_text, run_facts
from vbench.report.worst_frames import kept_worst_frames
from vbench.types import Run

MAX_ON_FIRST_PAGE = 3
"""Pipelines with an answer to every question; of more, a table has one line for each."""
_MAX_LINES = 6
MAX_PIPELINES = 6
_MAX_GATES = 30
_MAX_EXPLAINED = 6
_MAX_VIEWED = 60
_MAX_ROWS = 20
_MAX_ROWS_OF_MANY = 8
"""Of each table where there are several golden sets."""
_MAX_PICTURES = 6
_MAX_SETS = 3
_MAX_GAPS = 6
_MISS_HEIGHT_MM = (24, 72)
_MISS_WIDTH_MM = (50, 118)
_CHARACTERS_PER_LINE = {1: 92, 2: 40, 3: 29}
"""In a column of the first page's answers, by how many there are."""
_LINE_MM = {1: 4.5, 2: 4.5, 3: 4.0}
_ROW_MM = 2.5
"""Between two rows."""
_HEAD_MM = 8
_ROW_OF_MANY_MM = (14, 18)
_SHORT_NAME = 24
_PER_TITLE_LINE, _TITLE_CHARACTERS, _TITLE_LINE_MM = 34, 90, 9
_PER_DECISION_LINE, _DECISION_CHARACTERS, _DECISION_LINE_MM = 44, 150, 7
_LEAST_WITH_PICTURE_MM = 10
_LEAST_MM = -14
"""Without the picture what stands below the answers is that much lower."""
_WARNING_MM = 10
_FINE_LINE_MM = 4
_FREE_MM = 147
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


Room: TypeAlias = Literal["picture", "no picture", "none"]
"""For the picture, what was not tested and the signature; for all but the picture; for nothing, so
that they go on to the second page."""


@dataclass(frozen=True, slots=True)
class PipelineLine:
    """A pipeline of the first page's table, where there are too many for columns."""

    verdict: PipelineVerdict
    facts: PlainFacts
    n_cameras: int | None


@dataclass(frozen=True, slots=True)
class PrintSet:
    """One golden set in print."""

    name: str
    facts: tuple[PlainFacts, ...]
    """Of the pipelines that stand on the first page."""
    tested: Tested
    headlines: tuple[PrintTable, ...]
    charts: tuple[PrintedChart, ...]
    slices: Breakdown
    classes: Breakdown


@dataclass(frozen=True, slots=True)
class PrintPage:
    """The whole PDF."""

    run: Run
    decision: Decision
    sentence: str
    date: str
    facts: tuple[tuple[str, str], ...]
    verdicts: tuple[PipelineVerdict, ...]
    lines: tuple[PipelineLine, ...]
    """Of the first page where there are more than `MAX_ON_FIRST_PAGE` pipelines."""
    failed: tuple[PipelineVerdict, ...]
    """Pipelines that did not get through the golden sets."""
    sets: tuple[PrintSet, ...]
    typical_miss: PrintPicture | None
    miss_width_mm: int
    """Room for that picture on the first page."""
    room: Room
    """What the answers leave of the first page."""
    gaps: tuple[str, ...]
    n_gaps_left_out: int
    gates: tuple[GateView, ...]
    n_gates_left_out: int
    explained: tuple[GateView, ...]
    """Gates that did not pass of which more is known than that, most urgent first."""
    n_not_explained: int
    """Others that did not pass."""
    partial: str
    notes: tuple[str, ...]
    sure: HowSure
    pictures: tuple[PrintPicture, ...]
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
    urgent = failures_first(run.gates)
    # Of thousands of gates only the first are ever shown.
    viewed = replace(index, run=replace(run, gates=urgent[:_MAX_VIEWED]))
    gates = gate_views(viewed)
    explained = [gate for gate in gates if gate.why or gate.more_footage][:_MAX_EXPLAINED]
    n_not_passed = sum(gate_status(item) is not GateStatus.PASS for item in urgent)
    typical = typical_miss(folder, run, evidence, frames)
    gaps = tuple(gap for item in sets for gap in item.tested.gaps)
    decided = decision(run)
    free_mm = _free_mm(run, verdicts, sets[0].facts if sets else ()) - _head_mm(run, decided)
    return PrintPage(
        run=run,
        decision=decided,
        sentence=run_sentence(run),
        date=date_text(run),
        facts=run_facts(run),
        verdicts=verdicts,
        lines=_lines(index, verdicts),
        failed=failed_verdicts(run),
        sets=sets,
        typical_miss=typical,
        miss_width_mm=_miss_width_mm(typical, _within(free_mm, _MISS_HEIGHT_MM)),
        room=_room(free_mm),
        gaps=gaps[:_MAX_GAPS],
        n_gaps_left_out=max(0, len(gaps) - _MAX_GAPS),
        gates=gates[:_MAX_GATES],
        n_gates_left_out=max(0, len(urgent) - _MAX_GATES),
        explained=tuple(explained),
        n_not_explained=n_not_passed - len(explained),
        partial=partial_sentence(run),
        notes=notes_of(run),
        sure=how_sure(run),
        pictures=worst_pictures(folder, run, evidence, frames, _MAX_PICTURES),
        glossary=glossary(run, {*_PRINTED, *(item.gate.metric for item in run.gates)}),
        left_out=_left_out(run),
    )


def _print_set(index: MetricIndex, number: int) -> PrintSet:
    run = index.run
    golden_set = run.golden_sets[number]
    chosen = chosen_pipelines(run, MAX_PIPELINES)
    on_first_page = run.pipelines if len(run.pipelines) <= MAX_ON_FIRST_PAGE else ()
    max_rows = _MAX_ROWS if len(run.golden_sets) == 1 else _MAX_ROWS_OF_MANY
    slices = tables.slice_table(index, golden_set.name)
    classes = tables.class_table(index, golden_set.name, golden_set.taxonomy.names)
    return PrintSet(
        name=golden_set.name,
        facts=tuple(plain_facts(index, item.name, golden_set.name) for item in on_first_page),
        tested=what_was_tested(index, golden_set),
        headlines=side_by_side(tables.headline_table(index, golden_set.name), chosen),
        charts=charts(index, golden_set.name) if number == 0 else (),
        slices=breakdown(slices, chosen, len(tables.SLICE_METRICS), max_rows),
        classes=breakdown(classes, chosen, len(tables.CLASS_METRICS), max_rows),
    )


def _lines(index: MetricIndex, verdicts: Sequence[PipelineVerdict]) -> tuple[PipelineLine, ...]:
    run = index.run
    if len(verdicts) <= MAX_ON_FIRST_PAGE or not run.golden_sets:
        return ()
    golden_set = run.golden_sets[0].name
    return tuple(
        PipelineLine(
            verdicts[k],
            plain_facts(index, verdicts[k].name, golden_set),
            n_cameras(index, verdicts[k].name, golden_set),
        )
        for k in chosen_pipelines(run, _MAX_LINES)
    )


def _free_mm(run: Run, verdicts: Sequence[PipelineVerdict], facts: Sequence[PlainFacts]) -> float:
    """What the answers above it leave of the first page, by how many lines they take, about."""
    warnings_mm = _WARNING_MM * (bool(run.manifest.partial) + min(3, len(run.failures)))
    warnings_mm += _FINE_LINE_MM * bool(run.manifest.timing)
    if len(verdicts) > MAX_ON_FIRST_PAGE:
        names = [verdicts[k].name for k in chosen_pipelines(run, _MAX_LINES)]
        lines_mm = _HEAD_MM + sum(_ROW_OF_MANY_MM[len(name) > _SHORT_NAME] for name in names)
        return _FREE_MM - lines_mm - warnings_mm
    columns = max(1, len(verdicts))
    per_line = _CHARACTERS_PER_LINE[columns]
    rows = [
        [item.plain_reason for item in verdicts],
        [item.recommendation for item in verdicts],
        *zip(*([_with_room(answer) for answer in item.answers] for item in facts), strict=True),
        [item.sure for item in facts],
    ]
    n_lines = sum(max((len(text) // per_line + 1 for text in row), default=1) for row in rows)
    rows_mm = n_lines * _LINE_MM[columns] + len(rows) * _ROW_MM
    # A long name takes a second line of the column's head, and of the decision.
    names_mm = _LINE_MM[columns] * 2 * any(len(item.name) > _SHORT_NAME for item in verdicts)
    return _FREE_MM - rows_mm - names_mm - warnings_mm


def _head_mm(run: Run, decided: Decision) -> float:
    """What long titles and long decisions take besides the one line that is reckoned with."""
    title = min(len(run.manifest.benchmark), _TITLE_CHARACTERS) // _PER_TITLE_LINE
    text = min(len(decided.text), _DECISION_CHARACTERS) // _PER_DECISION_LINE
    return title * _TITLE_LINE_MM + text * _DECISION_LINE_MM


def _room(free_mm: float) -> Room:
    if free_mm >= _LEAST_WITH_PICTURE_MM:
        return "picture"
    return "no picture" if free_mm >= _LEAST_MM else "none"


def _miss_width_mm(shown: PrintPicture | None, height_mm: int) -> int:
    ratio = 16 / 9 if shown is None else shown.width / max(1.0, shown.height)
    return _within(height_mm * ratio, _MISS_WIDTH_MM)


def _within(value: float, limits: tuple[int, int]) -> int:
    return max(limits[0], min(limits[1], int(value)))


def _with_room(answer: Answer) -> str:
    """As many letters as an answer with its large figure takes."""
    return answer.sentence + " " * (len(answer.figure) // 2)


def _left_out(run: Run) -> tuple[str, ...]:
    found = []
    if len(run.pipelines) > MAX_PIPELINES:
        n = len(run.pipelines) - MAX_PIPELINES
        found.append(say_n(n, "{n} more pipeline", "{n} more pipelines"))
    if len(run.golden_sets) > _MAX_SETS:
        n = len(run.golden_sets) - _MAX_SETS
        found.append(say_n(n, "{n} more golden set", "{n} more golden sets"))
    return tuple(found)
