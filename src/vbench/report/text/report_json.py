"""What the report says, for programs: verdicts, reasons and tables as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields

from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.report import tables
from vbench.report.decision import decision
from vbench.report.evidence import read_evidence
from vbench.report.gates_view import GateView, gate_views
from vbench.report.lookup import MetricIndex
from vbench.report.plain.answer import Answer
from vbench.report.plain.facts import plain_facts
from vbench.report.tables import Table, row_title
from vbench.report.tested import what_was_tested
from vbench.report.verdicts import (
    PipelineVerdict,
    failed_verdicts,
    notes_of,
    partial_sentence,
    pipeline_verdicts,
    run_sentence,
)
from vbench.report.web.page import run_facts
from vbench.report.worst_frames import WorstFrame, kept_worst_frames
from vbench.types import Run

REPORT_SCHEMA = "vbench.report/v1"


def report_json(folder: RunFolder) -> str:
    """The report of a finished run as one JSON document, schema `REPORT_SCHEMA`.

    ``run.json`` has every number; this has what the pages say of them.

    Raises:
        RunFolderError: the run is not finished, or a part of it is missing or broken.
    """
    run = read_run(folder)
    index = MetricIndex.of(run)
    worst = kept_worst_frames(folder, run, read_evidence(folder, run))
    document = {
        "schema": REPORT_SCHEMA,
        "benchmark": run.manifest.benchmark,
        "started_at": run.manifest.started_at,
        "verdict": run.verdict.value,
        "decision": decision(run).text,
        "sentence": run_sentence(run),
        "partial": partial_sentence(run) or None,
        "notes": list(notes_of(run)),
        "facts": dict(run_facts(run)),
        "pipelines": [
            _pipeline(index, item) for item in (*failed_verdicts(run), *pipeline_verdicts(run))
        ],
        "gates": [_gate(view) for view in gate_views(index)],
        "golden_sets": _golden_sets(index),
        "worst_frames": [_frame(frame) for frame in worst],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _pipeline(index: MetricIndex, item: PipelineVerdict) -> Mapping[str, object]:
    run = index.run
    finished = any(item.name == one.name for one in run.pipelines)
    return {
        "name": item.name,
        "version": item.version,
        "verdict": item.status.value if finished else None,
        "reason": item.reason,
        "plain_reason": item.plain_reason,
        "recommendation": item.recommendation,
        "is_baseline": item.is_baseline,
        "operating_point": item.operating_point,
        "notes": list(item.notes),
        "answers": _answers(index, run, item.name) if finished else [],
    }


def _answers(index: MetricIndex, run: Run, pipeline: str) -> Sequence[Mapping[str, str]]:
    """A stakeholder's questions, per golden set."""
    found = []
    for golden_set in run.golden_sets:
        facts = plain_facts(index, pipeline, golden_set.name)
        answers = {
            item.name: answer.sentence
            for item in fields(facts)
            if isinstance(answer := getattr(facts, item.name), Answer)
        }
        found.append({"golden_set": golden_set.name, **answers})
    return found


def _gate(view: GateView) -> Mapping[str, object]:
    return {
        "status": view.status.value,
        "pipeline": view.pipeline,
        "golden_set": view.golden_set,
        "subject": view.subject,
        "limit": view.limit,
        "observed": view.observed,
        "interval": view.interval or None,
        "sentence": view.sentence,
        "why": list(view.why),
        "more_footage": view.more_footage or None,
        "rerun": view.rerun or None,
    }


def _golden_sets(index: MetricIndex) -> Sequence[Mapping[str, object]]:
    found = []
    for item in index.run.golden_sets:
        tested = what_was_tested(index, item)
        found.append(
            {
                "name": item.name,
                "version": item.version,
                "not_tested": list(tested.gaps),
                "headline": _table(tables.headline_table(index, item.name)),
            }
        )
    return found


def _table(table: Table) -> Sequence[Mapping[str, object]]:
    return [
        {
            "name": row.name,
            "title": row_title(row),
            "pipelines": {
                pipeline: {
                    "text": cell.text,
                    "interval": cell.interval or None,
                    "change": None
                    if cell.change is None
                    else f"{cell.change.arrow} {cell.change.text} {cell.change.word}",
                    "reason": cell.reason,
                }
                for pipeline, cell in zip(table.columns, row.cells, strict=True)
            },
        }
        for row in table.rows
    ]


def _frame(frame: WorstFrame) -> Mapping[str, object]:
    return {
        "pipeline": frame.pipeline,
        "golden_set": frame.golden_set,
        "clip": frame.clip,
        "frame": frame.frame_index,
        "time_s": round(frame.time_s, 6),
        "found": frame.tp,
        "missed": frame.fn,
        "false": frame.fp,
    }
