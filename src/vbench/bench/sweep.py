"""Other operating points of a finished run, and the one that serves a goal best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vbench.bench.stored import StoredAnswers, check_classes, stored_answers
from vbench.metrics.curves import ScoreCurve, score_curves
from vbench.metrics.goals import Goal, Recommendation, parse_goal, recommend
from vbench.metrics.pool import pooled
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.types import F64

DEFAULT_GOAL = "f1"
_GRID: F64 = np.arange(1, 20) / 20
"""Thresholds 0.05, 0.10, ..., 0.95."""


@dataclass(frozen=True, slots=True)
class SweepTable:
    """Thresholds of one pipeline on one golden set, for one class or all together."""

    pipeline: str
    golden_set: str
    score_floor: float
    """Detections were stored from here; no lower threshold can be judged."""
    operating_score: float | None
    """Threshold of the run; None where it differs between classes."""
    rows: ScoreCurve
    """Thresholds in steps of 0.05, that of the run and the recommended one; descending."""
    recommendation: Recommendation


@dataclass(frozen=True, slots=True)
class Sweep:
    """The answer of `vbench score RUN --sweep`."""

    run: Path
    goal: Goal
    tables: tuple[SweepTable, ...]


def sweep_run(run_folder: Path, goal: str, class_names: Sequence[str]) -> Sweep:
    """Judge a finished run's stored detections at many score thresholds.

    Args:
        run_folder: the finished run; it is not changed.
        goal: as `vbench.metrics.goals.parse_goal` reads it.
        class_names: one table each; none: one table for all classes together.

    Raises:
        VbenchError: not a finished run; text that is no goal; a class that the run lacks.
    """
    wanted = parse_goal(goal)
    folder = RunFolder(run_folder)
    run = read_run(folder)
    check_classes(run, class_names)
    tables = [
        table
        for answers in stored_answers(folder, run)
        for table in _tables(answers, wanted, class_names)
    ]
    return Sweep(run_folder, wanted, tuple(tables))


def _tables(answers: StoredAnswers, goal: Goal, class_names: Sequence[str]) -> list[SweepTable]:
    names = answers.golden_set.taxonomy.names
    pool = pooled(answers.golden_set, answers.detections, answers.matches, answers.point)
    curves = {curve.class_name: curve for curve in score_curves(pool, names, pool.operating_row)}
    wanted: list[str | None] = [name for name in class_names if name in names]
    if not class_names:
        wanted = [None]
    return [_table(answers, curves[name], goal) for name in wanted]


def _table(answers: StoredAnswers, curve: ScoreCurve, goal: Goal) -> SweepTable:
    floor = answers.pipeline.score_floor
    recommendation = recommend(curve, goal, floor)
    scores = {
        score
        for name, score in answers.point.scores
        if curve.class_name is None or name == curve.class_name
    }
    operating_score = scores.pop() if len(scores) == 1 else None
    thresholds = [floor, *_GRID.tolist()]
    thresholds += [one for one in (operating_score, recommendation.score) if one is not None]
    offered = np.unique([one for one in thresholds if one >= floor])[::-1]
    return SweepTable(
        pipeline=answers.pipeline.name,
        golden_set=answers.golden_set.name,
        score_floor=floor,
        operating_score=operating_score,
        rows=curve.at(offered),
        recommendation=recommendation,
    )
