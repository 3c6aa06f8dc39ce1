"""Why detections are wrong and how far scores are right: of a whole set, and as metric values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vbench.metrics.analysis_definitions import ANALYSIS_DEFINITIONS
from vbench.metrics.calibration import Reliability, reliability
from vbench.metrics.confusion import ConfusionMatrix, confusion_matrix
from vbench.metrics.curves import ScoreCurve, score_curves
from vbench.metrics.error_kinds import (
    ERROR_KINDS,
    ErrorCosts,
    ErrorTable,
    error_costs,
    error_table,
)
from vbench.metrics.pool import Pool, pooled
from vbench.metrics.scopes import Partition
from vbench.metrics.values import Cell, Subject, Value, undefined
from vbench.types import Detections, GoldenSet, Matches, OperatingPoint, whole_answers

ANALYSIS_NAMES = tuple(definition.name for definition in ANALYSIS_DEFINITIONS)


@dataclass(frozen=True, slots=True)
class DetectionAnalysis:
    """One pipeline on one golden set: what a reader looks at to find out why."""

    curves: tuple[ScoreCurve, ...]
    """At the operating IoU: all classes together, then each class."""
    confusion: ConfusionMatrix
    reliability: tuple[Reliability, ...]
    """All classes together, then each class."""
    costs: ErrorCosts
    """One group: the whole set."""


def analyse_detections(
    golden_set: GoldenSet,
    detections: Sequence[Detections],
    matches: Sequence[Matches],
    operating_point: OperatingPoint,
) -> DetectionAnalysis:
    """Curves, confusion, calibration and error kinds of one pipeline on a whole golden set.

    Args:
        golden_set: clips with their truth.
        detections: all stored detections per clip, in the order of the set's clips.
        matches: their match tables; with the operating IoU and COCO's ten thresholds.
        operating_point: score thresholds of every taxonomy class, in taxonomy order.

    Raises:
        ValueError: inputs that do not belong together.
        KeyError: match tables that lack an IoU threshold.
    """
    pool = pooled(golden_set, detections, matches, operating_point)
    names = golden_set.taxonomy.names
    answers = whole_answers(detections, matches)
    errors = error_table(golden_set, answers, operating_point, pool)
    one_group = np.zeros(pool.n_clips, np.int64)
    return DetectionAnalysis(
        curves=score_curves(pool, names, pool.operating_row),
        confusion=confusion_matrix(golden_set, detections, matches, operating_point),
        reliability=reliability(pool, names, one_group, 1)[0],
        costs=error_costs(pool, errors, one_group, 1),
    )


@dataclass(frozen=True, slots=True)
class Analysis:
    """Calibration and error costs of the S scopes of a partition by clips."""

    reliability: tuple[tuple[Reliability, ...], ...]
    """Per scope: all classes together, then each class."""
    costs: ErrorCosts


def analysis_of(
    pool: Pool, partition: Partition, errors: ErrorTable, class_names: Sequence[str]
) -> Analysis:
    """Analyse every scope of a partition by clips.

    Raises:
        ValueError: the partition divides boxes.
    """
    if not partition.by_clip:
        raise ValueError("errors and calibration are told for whole clips only")
    member = partition.membership > 0
    clip_group = np.where(member.any(axis=0), member.argmax(axis=0), -1).astype(np.int64)
    n_scopes = len(partition.scopes)
    return Analysis(
        reliability(pool, class_names, clip_group, n_scopes),
        error_costs(pool, errors, clip_group, n_scopes),
    )


def analysis_values(
    analysis: Analysis, at: Cell, subject: Subject, n_truth: int, unknown: str
) -> list[Value]:
    """Values of one scope and class.

    Args:
        analysis: of the partition.
        at: scope and class column; all classes are in the last one.
        subject: the same in words.
        n_truth: truth boxes where false positives can be known.
        unknown: why no number can be known; empty where it can.
    """
    if unknown:
        return undefined(ANALYSIS_NAMES, unknown)
    row, column = at
    all_classes = subject.class_name is None
    return [
        _ece(analysis.reliability[row][0 if all_classes else column + 1], subject),
        *_costs(analysis.costs, at, subject, n_truth),
    ]


def _ece(scores: Reliability, subject: Subject) -> Value:
    n = int(scores.n.sum()) + scores.outside
    value = scores.expected_calibration_error()
    if value is not None:
        return Value("ece", value, None, n)
    if scores.outside:
        reason = f"{scores.outside} of {n} scores are outside 0 to 1: they are no probabilities"
    else:
        reason = f"{subject.lacks('detections')} at {subject.threshold}"
    return Value("ece", None, reason, n)


def _costs(costs: ErrorCosts, at: Cell, subject: Subject, n_truth: int) -> list[Value]:
    names = [f"ap_cost_{kind}" for kind in ERROR_KINDS]
    if np.isnan(costs.ap[at]):
        return undefined(names, subject.lacks("truth boxes"), n_truth)
    values = []
    for name, cost in zip(names, costs.cost[:, *at].tolist(), strict=True):
        if np.isnan(cost):
            reason = f"every truth box{subject.place} was missed: nothing is left without them"
            values.append(Value(name, None, reason, n_truth))
        else:
            values.append(Value(name, cost, None, n_truth))
    return values
